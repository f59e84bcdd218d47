import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const attempt = fileURLToPath(new URL('../fixtures/process/contains.js', import.meta.url));

interface Kind {
  readonly kind: string;
  /** Why it cannot be had here; empty if it can. */
  readonly refused: string;
}

// Of other failures the tests themselves tell.
function refusalOf(kind: string): string {
  const { stderr } = spawnSync(process.execPath, [attempt, kind], { encoding: 'utf8' });
  return /^the job cannot be contained here: (.*)/.exec(stderr)?.[1] ?? '';
}

/** A supervisor can be had wherever this package runs. */
export const kinds: readonly Kind[] = [
  { kind: 'cgroup', refused: refusalOf('cgroup') },
  { kind: 'supervisor', refused: '' },
  { kind: 'pid-namespace', refused: refusalOf('pid-namespace') },
];

/** For the name of a test that is left out. */
export function whyNot(refused: string): string {
  return refused === '' ? '' : ` (left out: ${refused})`;
}

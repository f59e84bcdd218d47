import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The compiled `sigkit` command. */
export const command: string = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));

export interface Ended {
  readonly pid: number;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end. */
export function sigkit(
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Ended {
  return spawnSync(process.execPath, [command, ...args], {
    encoding: 'utf8',
    input,
    env: { ...process.env, ...env },
    timeout: 30_000,
  });
}

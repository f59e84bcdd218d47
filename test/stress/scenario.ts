import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const fixtures = fileURLToPath(new URL('../fixtures/stress/', import.meta.url));

export function startFixture(name: string, args: readonly (string | number)[] = []): ChildProcess {
  return spawn(process.execPath, ['--expose-gc', `${fixtures}${name}.js`, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs a fixture that checks itself; fails with what it wrote when it does not end with exit code 0 in time. */
export async function runFixture(
  name: string,
  args: readonly (string | number)[],
  deadlineMs: number,
): Promise<string> {
  const child = startFixture(name, args);
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  assert.deepEqual(
    { code, signal },
    { code: 0, signal: null },
    `${name} within ${deadlineMs} ms:\n${output}\n${errors}`,
  );
  return output;
}

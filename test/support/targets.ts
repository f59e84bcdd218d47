import { fileURLToPath } from 'node:url';

import { type Child, until } from './child.js';
import { startCommand } from './init.js';
import { statOf } from './processes.js';

const file = fileURLToPath(new URL('../../../test/fixtures/diagnostics/target.py', import.meta.url));

/** The command line of test/fixtures/diagnostics/target.py. */
export const targetOf = (...args: readonly string[]): string[] => ['python3', file, ...args];

/** Starts it; it says `ready` when it does what it is told to do. It has a session of its own. */
export async function startTarget(...args: readonly string[]): Promise<Child> {
  const child = startCommand(targetOf(...args));
  await child.line(/^(?:ready|spawning)$/);
  return child;
}

/** Ends it by the end of its stdin, or else by SIGKILL. */
export async function endTarget(child: Child, signal?: NodeJS.Signals): Promise<void> {
  child.process.stdin?.end();
  if (signal !== undefined) child.process.kill(signal);
  await child.ended;
}

/** Until the process is in that state: `T`, `D`, `Z`, `S`. */
export function untilState(pid: number, state: string): Promise<void> {
  return until(() => statOf(pid)?.state === state, `${pid} in state ${state}`);
}

// Processes with diagnostics open, and the commands that ask them.
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Child, Outcome } from './child.js';
import { command } from './command.js';
import { run, scratch, startCommand } from './init.js';

const register = import.meta.resolve('sigkit/diagnostics/register');
const faults = fileURLToPath(new URL('../fixtures/diagnostics/faults.js', import.meta.url));
const idle = ['-e', "console.log('ready'); setInterval(() => {}, 1000)"];

export interface Diagnosed {
  readonly child: Child;
  readonly directory: string;
}

/** `does`: a fault of test/fixtures/diagnostics/faults.ts, and what it takes; else it is idle. */
export async function startDiagnosed(
  does: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
): Promise<Diagnosed> {
  const directory = mkdtempSync(path.join(scratch(), 'dumps-'));
  const program = does.length === 0 ? idle : [faults, ...does];
  const child = startCommand([...wrapper, process.execPath, '--import', register, ...program], {
    env: { SIGKIT_DIAGNOSTICS_DIRECTORY: directory, ...env },
  });
  await child.line(/^ready$/);
  return { child, directory };
}

export async function endDiagnosed({ child, directory }: Diagnosed): Promise<void> {
  child.process.kill('SIGKILL');
  await child.ended;
  rmSync(directory, { recursive: true });
}

/** `sigkit`, while the test goes on. */
export const asking = async (...args: readonly string[]): Promise<Outcome> => run([process.execPath, command, ...args]);

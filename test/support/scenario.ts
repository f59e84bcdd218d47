import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Tools } from '../fixtures/scenario.js';

const runner = fileURLToPath(new URL('../fixtures/scenario.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

interface Options {
  readonly deadlineMs?: number;
  readonly nodeOptions?: readonly string[];
  /** A command that starts node, such as `unshare -fp`. */
  readonly wrapper?: readonly string[];
}

/** The command line that runs a function in a process of its own. */
export function commandFor(run: (tools: Tools) => unknown, options: Options = {}): { command: string; args: string[] } {
  const [command, ...args] = [
    ...(options.wrapper ?? []),
    process.execPath,
    ...(options.nodeOptions ?? []),
    runner,
    run.toString(),
  ];
  return { command, args };
}

/**
 * Runs a function in a process of its own, so that whatever it does with signals concerns nobody else. It is sent as
 * text: all that it uses must come from `tools`, or be `assert`. Resolves to how the process ended.
 */
export async function outcomeOf(
  run: (tools: Tools) => unknown,
  options: Options = {},
): Promise<Outcome & { stderr: string }> {
  const { command, args } = commandFor(run, options);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const deadlineMs = options.deadlineMs ?? 50_000;
  const timer = setTimeout(() => {
    stderr += `\nno end within ${deadlineMs} ms`;
    child.kill('SIGKILL');
  }, deadlineMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  return { code, signal, stdout, stderr };
}

/** As `outcomeOf`, and fails unless the process ends as it should: by default with exit code 0. */
export async function scenario(
  run: (tools: Tools) => unknown,
  expected: { readonly code?: number; readonly signal?: NodeJS.Signals } & Options = {},
): Promise<string> {
  const { code, signal, stdout, stderr } = await outcomeOf(run, expected);
  const wanted = { code: expected.signal === undefined ? (expected.code ?? 0) : null, signal: expected.signal ?? null };
  assert.deepEqual({ code, signal }, wanted, `${stdout}\n${stderr}`);
  return stdout;
}

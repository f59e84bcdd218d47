import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import type { Tools } from '../fixtures/scenario.js';
import { type Child, type ChildOptions, commandOf, type Outcome, startChild } from './child.js';

export type { Outcome };

const runner = fileURLToPath(new URL('../fixtures/scenario.js', import.meta.url));

type Options = Omit<ChildOptions, 'args'>;

function withText(run: (tools: Tools) => unknown, options: Options): ChildOptions {
  return { ...options, args: [run.toString()] };
}

/** The command line that runs a function in a process of its own. */
export function commandFor(run: (tools: Tools) => unknown, options: Options = {}): { command: string; args: string[] } {
  return commandOf(runner, withText(run, options));
}

/**
 * Runs a function in a process of its own, so that whatever it does with signals concerns nobody else. It is sent as
 * text: all that it uses must come from `tools`, or be `assert`.
 */
export function startScenario(run: (tools: Tools) => unknown, options: Options = {}): Child {
  return startChild(runner, withText(run, options));
}

/** As `startScenario`. Resolves to how the process ended. */
export function outcomeOf(run: (tools: Tools) => unknown, options: Options = {}): Promise<Outcome> {
  const child = startScenario(run, options);
  child.process.stdin?.end();
  return child.ended;
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

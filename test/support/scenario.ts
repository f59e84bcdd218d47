import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import type { Tools } from '../fixtures/scenario.js';
import { type Child, type ChildOptions, commandOf, type Outcome, startChild } from './child.js';

export type { Outcome };

// What a scenario writes to stdout when it ends by itself with exit code 0; a terminal makes two of the last character.
const endMark = /\0\r?\n/;
const runner = fileURLToPath(new URL('../fixtures/scenario.js', import.meta.url));

type Options = Omit<ChildOptions, 'args'>;

function withText(run: (tools: Tools) => unknown, options: Options, ...more: string[]): ChildOptions {
  return { ...options, args: [run.toString(), ...more] };
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
  const child = startChild(runner, withText(run, options, 'marked'));
  return { ...child, ended: child.ended.then(toldEnd) };
}

// Node says of a child that a real-time signal has killed that its exit code was 0.
function toldEnd(outcome: Outcome): Outcome {
  const stdout = outcome.stdout.replace(endMark, '');
  const killed = outcome.code === 0 && stdout === outcome.stdout;
  return { ...outcome, stdout, code: killed ? null : outcome.code };
}

// A sanitizer that finds no descriptor left for its log (EMFILE) ends the process, with the exit code for no finding.
const unlogged = /^ERROR: Can't open file: .* \(reason: 24\)/m;
const maxTries = 20;

/** As `startScenario`. Resolves to how the process ended: with neither code nor signal, if by one that Node has no name for. */
export async function outcomeOf(run: (tools: Tools) => unknown, options: Options = {}): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    const child = startScenario(run, options);
    child.process.stdin?.end();
    const outcome = await child.ended;
    if (!unlogged.test(outcome.stderr) || tries === maxTries) return outcome;
  }
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

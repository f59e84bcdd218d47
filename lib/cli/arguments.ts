import { parseArgs } from 'node:util';

import { maxPid } from '../base/arguments.js';
import { escapeLine } from '../base/escape.js';

/** What a command that tells something takes. */
export interface Wanted {
  readonly json: boolean;
  readonly help: boolean;
  readonly words: readonly string[];
}

/** Options and words of a command. @returns a text that says what is wrong with them */
export function readArguments(args: readonly string[], names: readonly string[]): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    const { json = false, help = false } = values;
    if (!help && positionals.length < names.length) return `no ${names[positionals.length]}`;
    if (!help && positionals.length > names.length) return `too much: ${escapeLine(positionals[names.length] ?? '')}`;
    return { json, help, words: positionals };
  } catch (error) {
    // Its second sentence is about words that begin with a hyphen.
    return error instanceof Error ? escapeLine(error.message.split('. ')[0] ?? '') : 'what is that?';
  }
}

/** @returns undefined of what is no pid */
export function readPid(word: string): number | undefined {
  return /^\d{1,10}$/.test(word) && Number(word) >= 1 && Number(word) <= maxPid ? Number(word) : undefined;
}

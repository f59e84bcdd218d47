import { parseArgs, type ParseArgsConfig } from 'node:util';

import { maxPid } from '../base/arguments.js';
import { escapeLine } from '../base/escape.js';

/** What a command that tells something takes. */
export interface Wanted {
  readonly json: boolean;
  readonly help: boolean;
  readonly words: readonly string[];
  /** Options of its own that have been given. */
  readonly values: OptionValues;
}

export type OptionValues = Readonly<Record<string, string | boolean>>;
export type OwnOptions = NonNullable<ParseArgsConfig['options']>;

/** Options and words of a command. @returns a text that says what is wrong with them */
export function readArguments(
  args: readonly string[],
  names: readonly string[],
  own: OwnOptions = {},
): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...own, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    const { json = false, help = false, ...others } = values as { json?: boolean; help?: boolean };
    if (!help && positionals.length < names.length) return `no ${names[positionals.length]}`;
    if (!help && positionals.length > names.length) return `too much: ${escapeLine(positionals[names.length] ?? '')}`;
    return { json, help, words: positionals, values: others };
  } catch (error) {
    return problemIn(error);
  }
}

/** What is wrong with a command line, as parseArgs says it: its second sentence is about words that begin with a hyphen. */
export const problemIn = (error: unknown): string =>
  error instanceof Error ? escapeLine(error.message.split(/\.\s/)[0] ?? '') : 'what is that?';

/** @returns undefined of what is no pid */
export function readPid(word: string): number | undefined {
  return /^\d{1,10}$/.test(word) && Number(word) >= 1 && Number(word) <= maxPid ? Number(word) : undefined;
}

/** A limit of time in milliseconds. @returns undefined of what is none */
export function readTimeout(value: string | boolean | undefined, usual: number): number | undefined {
  if (value === undefined) return usual;
  return /^\d{1,9}$/.test(String(value)) ? Number(value) : undefined;
}

/** Of a profile, an hour at most; 0 of what takes none. @returns undefined of what is no such number */
export function readSeconds(value: string | boolean | undefined): number | undefined {
  if (typeof value !== 'string') return 0;
  return /^[1-9]\d{0,3}$/.test(value) && Number(value) <= 3600 ? Number(value) : undefined;
}

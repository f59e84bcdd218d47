import { toBoolean, toOptions } from '../base/arguments.js';
import { invalidArgType } from '../base/errors.js';

/** What a service manager has set, `process.env` as a rule. */
export type Environment = Record<string, string | undefined>;

export interface EnvironmentOptions {
  /** Where the manager's variables are. @default process.env */
  readonly environment?: Environment | undefined;
  /** Whether they are deleted there, so that no child takes them for its own. @default false */
  readonly unset?: boolean | undefined;
}

/** Reads those variables, and deletes them if it is so wanted. */
export function takeVariables<Name extends string>(
  options: EnvironmentOptions | undefined,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const { environment = process.env, unset }: EnvironmentOptions = toOptions(options);
  if (typeof environment !== 'object' || environment === null)
    throw invalidArgType('options.environment', 'of type object', environment);
  const isToUnset = toBoolean(unset, 'options.unset', false);
  const values: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined) values[name] = value;
    if (isToUnset) delete environment[name];
  }
  return values;
}

/** A decimal number as managers write it; null if it is none, or too large to be exact. */
export function numberIn(text: string): number | null {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

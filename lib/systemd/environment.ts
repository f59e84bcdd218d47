import { toBoolean } from '../base/arguments.js';
import { invalidArgType } from '../base/errors.js';
import { escapeLine } from '../base/escape.js';
import { givenValue, type OptionNames } from '../base/options.js';

/** What a service manager has set, `process.env` as a rule. */
export type Environment = Record<string, string | undefined>;

export interface EnvironmentOptions {
  /** Where the manager's variables are. @default process.env */
  readonly environment?: Environment | undefined;
  /** Whether they are deleted there, so that no child takes them for its own. @default false */
  readonly unset?: boolean | undefined;
}

export const environmentNames: OptionNames<EnvironmentOptions> = { environment: true, unset: true };

/** Reads those variables, and deletes them if it is so wanted. */
export function takeVariables<Name extends string>(
  { environment = process.env, unset }: EnvironmentOptions,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  if (typeof environment !== 'object' || environment === null)
    throw invalidArgType('options.environment', 'of type object', environment);
  const isToUnset = toBoolean(unset, 'options.unset', false);
  const values = Object.create(null) as Partial<Record<Name, string>>;
  for (const name of names) {
    const value = givenValue(environment, name);
    if (value === undefined) continue;
    if (typeof value !== 'string') throw invalidArgType(`options.environment.${name}`, 'of type string', value);
    values[name] = value;
  }
  if (isToUnset) for (const name of names) delete environment[name];
  return values;
}

/** What a variable has been found to be, for people. */
export function shown(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? `${name} is not set` : `${name} is "${escapeLine(value)}"`;
}

/** Why a variable that names a process is not for this one; null if it is. */
export function notForThisProcess(name: string, value: string | undefined): string | null {
  if (numberIn(value ?? '') === process.pid) return null;
  return value === undefined || value === ''
    ? shown(name, value)
    : `${shown(name, value)}, this process is ${process.pid}`;
}

/** A decimal number as managers write it; null if it is none, or too large to be exact. */
export function numberIn(text: string): number | null {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

import { invalidArgType, outOfRange } from './errors.js';

/** The largest id that a process can have. */
export const maxPid = 0x7fffffff;

/** An integer from `min` to `max`, both included. */
export function toInteger(value: unknown, argument: string, min: number, max: number): number {
  if (typeof value !== 'number') throw invalidArgType(argument, 'of type number', value);
  if (!Number.isInteger(value) || value < min || value > max)
    throw outOfRange(argument, `an integer from ${min} to ${max}`, value);
  return value;
}

/** A process id as kill(2) takes it: 0, -1 and negative ones for groups included. */
export function toPid(value: unknown, argument: string): number {
  return toInteger(value, argument, -maxPid, maxPid);
}

/** The id of one process or thread. */
export function toPositivePid(value: unknown, argument: string): number {
  return toInteger(value, argument, 1, maxPid);
}

/** A process group for killpg(3): 0 is the caller's own. 1 would become kill(-1), that is everybody. */
export function toGroup(value: unknown, argument: string): number {
  const group = toInteger(value, argument, 0, maxPid);
  if (group === 1) throw outOfRange(argument, '0 or an integer of 2 or more', value);
  return group;
}

/** A number of an open file. */
export function toDescriptor(value: unknown, argument: string): number {
  return toInteger(value, argument, 0, maxPid);
}

/** A boolean, `otherwise` if not given. */
export function toBoolean(value: unknown, argument: string, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean') throw invalidArgType(argument, 'of type boolean', value);
  return value;
}

/** A function, as it is. */
export function toFunction<F>(value: F, argument: string): F {
  if (typeof value !== 'function') throw invalidArgType(argument, 'of type function', value);
  return value;
}

/** A string that a system call can take. */
export function toText(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw invalidArgType(argument, 'of type string', value);
  if (value.includes('\0')) throw outOfRange(argument, 'a string without null characters', value);
  return value;
}

/** An array of them, empty if not given. */
export function toTexts(value: unknown, argument: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidArgType(argument, 'an array of strings', value);
  return Array.from(value, (text: unknown, index) => toText(text, `${argument}[${index}]`));
}

/** Milliseconds of 0 or more; undefined and Infinity mean no limit. */
export function toTimeoutMs(value: unknown, argument: string): number {
  if (value === undefined) return Infinity;
  if (typeof value !== 'number') throw invalidArgType(argument, 'of type number', value);
  if (!(value >= 0)) throw outOfRange(argument, 'a number of milliseconds of 0 or more', value);
  return value;
}

// By what it does, as for Node: those of another realm (jsdom, node:vm) are no instances of ours.
function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null || !('aborted' in value)) return false;
  const { addEventListener, removeEventListener } = value as Partial<Record<keyof AbortSignal, unknown>>;
  return typeof addEventListener === 'function' && typeof removeEventListener === 'function';
}

/** An AbortSignal, of whatever realm, or undefined if not given. */
export function toAbortSignal(value: unknown, argument: string): AbortSignal | undefined {
  if (value === undefined || isAbortSignal(value)) return value;
  throw invalidArgType(argument, 'an AbortSignal', value);
}

/** An object, as it is. */
export function toObject<O extends object>(value: O, argument: string): O {
  if (typeof value !== 'object' || value === null) throw invalidArgType(argument, 'of type object', value);
  return value;
}

/** One of a few words; returns its place among them. */
export function toChoice(value: unknown, argument: string, choices: readonly string[]): number {
  const index = typeof value === 'string' ? choices.indexOf(value) : -1;
  if (index >= 0) return index;
  const allowed = `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`;
  throw typeof value === 'string' ? outOfRange(argument, allowed, value) : invalidArgType(argument, allowed, value);
}

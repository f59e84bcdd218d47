import { invalidArgType, outOfRange } from '../errors.js';
import { toInteger } from '../signals/arguments.js';

/** The largest id that a process can have. */
export const maxPid = 0x7fffffff;

/** A number of an open file. */
export function toDescriptor(value: unknown, argument: string): number {
  return toInteger(value, argument, 0, maxPid);
}

/** A uid or gid, or undefined if not given; 2^32 - 1 would mean "leave it" to the kernel. */
export function toUserId(value: unknown, argument: string): number | undefined {
  return value === undefined ? undefined : toInteger(value, argument, 0, 0xfffffffe);
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

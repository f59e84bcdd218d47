import { invalidArgType, outOfRange } from '../errors.js';
import { parseSignal, type Signal } from './names.js';
import { maskOf, maskOfSignal, type SignalMask } from './signal-mask.js';

/** One signal, or any iterable of them. */
export type Signals = Signal | Iterable<Signal>;

const maxInt32 = 0x7fffffff;

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.iterator in value &&
    typeof value[Symbol.iterator] === 'function'
  );
}

/** The numbers of one signal or of an iterable of them. All are checked before any is used. */
export function toSignalNumbers(signals: unknown, argument: string): number[] {
  if (typeof signals === 'string' || typeof signals === 'number') return [parseSignal(signals, argument)];
  if (!isIterable(signals)) throw invalidArgType(argument, 'a signal or an iterable of signals', signals);
  return Array.from(signals, (signal) => parseSignal(signal, `${argument}[]`));
}

/** As `toSignalNumbers`, as a mask. */
export function toSignalMask(signals: unknown, argument: string): SignalMask {
  if (typeof signals === 'string') return maskOfSignal(parseSignal(signals, argument));
  return maskOf(toSignalNumbers(signals, argument));
}

/** A signal, or 0: the probe of kill(2), which sends nothing. */
export function toSignalOrProbe(signal: unknown, argument: string): number {
  return signal === 0 ? 0 : parseSignal(signal, argument);
}

/** An integer from `min` to `max`, both included. */
export function toInteger(value: unknown, argument: string, min: number, max: number): number {
  if (typeof value !== 'number') throw invalidArgType(argument, 'of type number', value);
  if (!Number.isInteger(value) || value < min || value > max)
    throw outOfRange(argument, `an integer from ${min} to ${max}`, value);
  return value;
}

/** A process id as kill(2) takes it: 0, -1 and negative ones for groups included. */
export function toPid(value: unknown, argument: string): number {
  return toInteger(value, argument, -maxInt32, maxInt32);
}

/** The id of one process or thread. */
export function toPositivePid(value: unknown, argument: string): number {
  return toInteger(value, argument, 1, maxInt32);
}

/** A process group for killpg(3): 0 is the caller's own. 1 would become kill(-1), that is everybody. */
export function toGroup(value: unknown, argument: string): number {
  const group = toInteger(value, argument, 0, maxInt32);
  if (group === 1) throw outOfRange(argument, '0 or an integer of 2 or more', value);
  return group;
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

/** Milliseconds of 0 or more; undefined and Infinity mean no limit. */
export function toTimeoutMs(value: unknown, argument: string): number {
  if (value === undefined) return Infinity;
  if (typeof value !== 'number') throw invalidArgType(argument, 'of type number', value);
  if (!(value >= 0)) throw outOfRange(argument, 'a number of milliseconds of 0 or more', value);
  return value;
}

/** An AbortSignal, or undefined if not given. */
export function toAbortSignal(value: unknown, argument: string): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (!(value instanceof AbortSignal)) throw invalidArgType(argument, 'an AbortSignal', value);
  return value;
}

/** An object of options, empty if not given; unknown keys are ignored. */
export function toOptions<Options extends object>(
  value: Options | undefined,
  argument: string = 'options',
): Options | Record<string, never> {
  if (value === undefined) return {};
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

/** What a signal can carry: an int32 as a number (sival_int), or all 64 bits as a bigint. Returned in two halves. */
export function toSignalValue(value: unknown, argument: string): { readonly low: number; readonly high: number } {
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
      throw outOfRange(argument, 'a bigint of 64 bits', value);
    const bits = BigInt.asUintN(64, value);
    return { low: Number(bits & 0xffffffffn), high: Number(bits >> 32n) };
  }
  if (typeof value !== 'number') throw invalidArgType(argument, 'an int32 number or a bigint of 64 bits', value);
  // sival_int is the lower half of the union; glibc leaves the upper one as it comes, we leave it 0.
  return { low: toInteger(value, argument, -maxInt32 - 1, maxInt32) >>> 0, high: 0 };
}

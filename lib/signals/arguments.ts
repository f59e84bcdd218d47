import { toInteger } from '../base/arguments.js';
import { invalidArgType, outOfRange } from '../base/errors.js';
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

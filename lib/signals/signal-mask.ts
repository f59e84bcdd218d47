import { exchanged } from '../base/native.js';
import { numbersIn } from '../base/signal-numbers.js';
import { nameOf, type SignalName } from './names.js';

/** A set of signals as the addon takes it: 64 bits in two halves, bit n-1 for signal n. */
export interface SignalMask {
  readonly low: number;
  readonly high: number;
}

/** No signal at all. */
export const emptyMask: SignalMask = { low: 0, high: 0 };

/** The mask of these numbers, each 1 to 64; both halves are unsigned. */
export function maskOf(numbers: Iterable<number>): SignalMask {
  let low = 0;
  let high = 0;
  for (const number of numbers) {
    if (number <= 32) low |= 1 << (number - 1);
    else high |= 1 << (number - 33);
  }
  return { low: low >>> 0, high: high >>> 0 };
}

/** As `maskOf`, of one. */
export function maskOfSignal(number: number): SignalMask {
  return number <= 32 ? { low: (1 << (number - 1)) >>> 0, high: 0 } : { low: 0, high: (1 << (number - 33)) >>> 0 };
}

/** Whether signal `number` is in the mask. */
export function hasSignal(mask: SignalMask, number: number): boolean {
  return number <= 32 ? ((mask.low >>> (number - 1)) & 1) === 1 : ((mask.high >>> (number - 33)) & 1) === 1;
}

/** Whether no signal is in the mask. */
export function isEmpty(mask: SignalMask): boolean {
  return mask.low === 0 && mask.high === 0;
}

/** The signals of `mask` that are not in `gone`. */
export function withoutSignals(mask: SignalMask, gone: SignalMask): SignalMask {
  return { low: (mask.low & ~gone.low) >>> 0, high: (mask.high & ~gone.high) >>> 0 };
}

/** The signals that are in both. */
export function commonSignals(mask: SignalMask, other: SignalMask): SignalMask {
  return { low: (mask.low & other.low) >>> 0, high: (mask.high & other.high) >>> 0 };
}

/** The signals of both. */
export function withSignals(mask: SignalMask, further: SignalMask): SignalMask {
  return { low: (mask.low | further.low) >>> 0, high: (mask.high | further.high) >>> 0 };
}

/** As the public API returns sets: canonical names, ordered by number. */
export function namesIn(mask: SignalMask): Set<SignalName> {
  const names = new Set<SignalName>();
  for (const number of numbersIn(mask)) names.add(nameOf(number));
  return names;
}

/** The set that the last call left in the exchange. */
export function exchangedMask(firstWord: number = 0): SignalMask {
  return { low: exchanged(firstWord), high: exchanged(firstWord + 1) };
}

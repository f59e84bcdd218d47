import { native } from '../base/native.js';
import { withClaimListed } from './claim-as-listener.js';
import { emptyMask, maskOf } from './signal-mask.js';

// Then the event loop has its turn: a storm may never end.
const limitPerTurn = 256;

/** Runs the process.on listeners of claimed signals, as libuv would have done had it seen them, and takes them off the list. */
export function handOn(numbers: number[]): void {
  const left = Math.max(numbers.length - limitPerTurn, 0);
  try {
    while (numbers.length > left) handOnRun(numbers, left);
  } finally {
    // A listener has thrown, or there were more.
    if (numbers.length > 0) native().wakeLater();
  }
}

// A listener that sends its own process the signal it is handling (to die of it) must not be called for that again and
// again: until the waiter has taken what was sent meanwhile, it counts as an echo. Waiting for the waiter costs more than
// a listener, so that is done once for a run of the same signal.
function handOnRun(numbers: number[], left: number): void {
  const [number = 0] = numbers;
  const eachOfRun = (call: () => void): void => {
    while (numbers[0] === number && numbers.length > left) {
      numbers.shift();
      call();
    }
  };
  if (native().findWatchers(number) === 0) return eachOfRun(() => {});
  const { low, high } = maskOf([number]);
  native().setHandingOn(low, high);
  try {
    withClaimListed(number, () => eachOfRun(() => tellFrom(number, 0, native().findWatchers(number))));
  } finally {
    native().drain();
    native().setHandingOn(emptyMask.low, emptyMask.high);
  }
}

// Node has one watcher for each name, and some signals have two names: what a listener throws is not the other's affair.
function tellFrom(number: number, index: number, count: number): void {
  if (index === count) return;
  try {
    native().tellWatcher(number, index);
  } finally {
    tellFrom(number, index + 1, count);
  }
}

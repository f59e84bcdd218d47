import type { EventEmitter } from 'node:events';

import { native } from '../base/native.js';
import { nameOf } from './names.js';
import { emptyMask, maskOf } from './signal-mask.js';

// Then the event loop has its turn: a storm may never end.
const limitPerTurn = 256;

/** Runs the process.on listeners of claimed signals, as libuv would have done had it seen them, and takes them off the list. */
export function handOn(numbers: number[]): void {
  const left = Math.max(numbers.length - limitPerTurn, 0);
  try {
    while (numbers.length > left) emitRun(numbers, left);
  } finally {
    // A listener has thrown, or there were more.
    if (numbers.length > 0) native().wakeLater();
  }
}

// A listener that sends its own process the signal it is handling (to die of it, as signal-exit does) must not be called
// for that again and again: until the waiter has taken what was sent meanwhile, it counts as an echo. Waiting for the
// waiter costs more than a listener, so that is done once for a run of the same signal.
function emitRun(numbers: number[], left: number): void {
  const [number = 0] = numbers;
  const name = nameOf(number);
  if (process.listenerCount(name) === 0) {
    numbers.shift();
    return;
  }
  const { low, high } = maskOf([number]);
  native().setHandingOn(low, high);
  try {
    // The name and the number, as Node calls them; its types know of the name alone.
    while (numbers[0] === number && numbers.length > left) (process as EventEmitter).emit(name, name, numbers.shift());
  } finally {
    native().drain();
    native().setHandingOn(emptyMask.low, emptyMask.high);
  }
}

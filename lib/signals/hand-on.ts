import type { EventEmitter } from 'node:events';

import { native } from '../native.js';
import { nameOf } from './names.js';
import { readRecord } from './signal-info.js';
import { emptyMask, maskOf } from './signal-mask.js';

// Signals of the last batch whose listeners have not run yet: the listeners of an earlier one have thrown.
let rest: number[] = [];

export function handOnPending(): boolean {
  return rest.length > 0;
}

function takeHandedOn(): number[] {
  const view = new DataView(native().batch);
  const count = native().takeHandedOn();
  return Array.from({ length: count }, (_, index) => readRecord(view, index).number);
}

/** Runs the process.on listeners of claimed signals, as libuv would have done had it seen them. */
export function handOn(): void {
  // One batch, then the event loop has its turn: a storm may never end.
  if (rest.length === 0) rest = takeHandedOn();
  while (rest.length > 0) emitRun();
}

// A listener that sends its own process the signal it is handling (to die of it, as signal-exit does) must not be called
// for that again and again: until the waiter has taken what was sent meanwhile, it counts as an echo. Waiting for the
// waiter costs more than a listener, so that is done once for a run of the same signal.
function emitRun(): void {
  const [number = 0] = rest;
  const name = nameOf(number);
  if (process.listenerCount(name) === 0) {
    rest.shift();
    return;
  }
  const { low, high } = maskOf([number]);
  native().setHandingOn(low, high);
  try {
    // The name and the number, as Node calls them; its types know of the name alone.
    while (rest[0] === number) (process as EventEmitter).emit(name, name, rest.shift());
  } finally {
    native().drain();
    native().setHandingOn(emptyMask.low, emptyMask.high);
    if (rest.length > 0) native().wakeLater();
  }
}

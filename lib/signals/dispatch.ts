import { callEach, exchanged, isMainThread, loadError, native, setWakeHandler, wakeups } from '../base/native.js';
import { handOn } from './hand-on.js';
import { lastSignal } from './names.js';

/** What the dispatcher wakes: a stream with a reader that waits, or one that gave way to the event loop. */
export interface Sleeper {
  readonly id: number;
  refill(): void;
  /** Sees whether ignoreSignals or resetSignals has ended it. */
  noticeEnd(): void;
}

// Only streams that somebody waits for stand here, and strongly: an unread stream that nobody holds can be collected.
const sleepers = new Map<number, Sleeper>();
const open = new Map<number, WeakRef<Sleeper>>();
const readyLimit = 64;
// As many as libuv's own pipe holds for process.on listeners. The first of each signal goes in beyond that.
const handOnLimit = 4096;
// Signals whose listeners have not run yet.
const toHandOn: number[] = [];
let refillAll = new Set<Sleeper>();

function takeIds(ready: number): number[] {
  const ids: number[] = [];
  for (let count = ready; count > 0; count = count < readyLimit ? 0 : native().takeReady()) {
    for (let index = 0; index < count; index += 1) ids.push(exchanged(index));
  }
  return ids;
}

/** From here to `remove`, the stream learns when its last signal is taken away from it. */
export function add(sleeper: Sleeper): void {
  open.set(sleeper.id, new WeakRef(sleeper));
}

export function remove(id: number): void {
  open.delete(id);
}

/** Calls `refill` once the hub has something for this stream. */
export function awaitWake(sleeper: Sleeper): void {
  sleepers.set(sleeper.id, sleeper);
}

/** Calls `refill` in the next turn of the event loop, so that a fast sender cannot keep all others from running. */
export function yieldToLoop(sleeper: Sleeper): void {
  sleepers.set(sleeper.id, sleeper);
  refillAll.add(sleeper);
  native().wakeLater();
}

export function forget(sleeper: Sleeper): void {
  sleepers.delete(sleeper.id);
  refillAll.delete(sleeper);
}

function announce(id: number): void {
  const sleeper = sleepers.get(id);
  if (sleeper !== undefined) sleeper.refill();
  else if (id > lastSignal) open.get(id)?.deref()?.noticeEnd();
  else if (toHandOn.length < handOnLimit || !toHandOn.includes(id)) toHandOn.push(id);
}

setWakeHandler(wakeups.signals, (ready) => {
  const ids = takeIds(ready);
  const yielded = refillAll;
  if (yielded.size > 0) refillAll = new Set();
  callEach(ids, announce);
  callEach(yielded, (sleeper) => sleeper.refill());
  // Last, as listeners are other people's code and may throw.
  if (toHandOn.length > 0) handOn(toHandOn);
});

// The main thread hands signals on to process.on listeners also when only Workers claim them.
if (isMainThread && loadError === undefined) native();

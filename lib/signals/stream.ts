import { abortError, invalidArgType, systemError, type SystemError } from '../base/errors.js';
import { KeepAlive } from '../base/keep-alive.js';
import { exchanged, native, startClock, takenRecords } from '../base/native.js';
import { add, awaitWake, forget, remove, type Sleeper, yieldToLoop } from './dispatch.js';
import { publishReport } from './mask-report.js';
import { learnNamespace, readRecord, type SignalInfo } from './signal-info.js';
import { exchangedMask, isEmpty, namesIn, type SignalMask } from './signal-mask.js';
import { sayArmed } from './started-by-init.js';

/** What a claim asks of the hub. Everything has been checked. */
export interface Claim {
  readonly mask: SignalMask;
  readonly capacity: number;
  /** 0: signals wait in the kernel, 1: the oldest is dropped, 2: the newest. */
  readonly overflow: number;
  readonly exclusive: boolean;
  /** Whether this environment's event loop may take the signals, in place of the native thread. */
  readonly byLoop: boolean;
  readonly once: boolean;
  readonly ref: boolean;
}

interface Reader {
  resolve(result: IteratorResult<SignalInfo, undefined>): void;
  reject(error: Error): void;
}

// What is left of a stream when it is collected: enough to give back what it holds.
interface Remains {
  readonly id: number;
  readonly signals: string;
  closed: boolean;
  readonly alive: KeepAlive;
}

const batchLimit = 256;
// Smaller queues are handed out one by one, so that `capacity` means what it says.
const batchedCapacity = 1024;
const dropOldest = 1;
const done: IteratorResult<SignalInfo, undefined> = { done: true, value: undefined };

const collected = new FinalizationRegistry<Remains>(({ id, signals, closed, alive }) => {
  native().free(id);
  remove(id);
  alive.set(false);
  if (closed) return;
  process.emitWarning(
    `A SignalStream of ${signals} was garbage-collected without close(); its signals are released.`,
    'SigkitWarning',
  );
});

// As native/hub/hub.h numbers them.
const claimSteps = ['pthread_create', 'sigaction', 'sigprocmask', 'signalfd'];

/** What the native call just made has failed with: a claim, or another one that needs the native thread. */
export function claimError(errno: number): SystemError {
  return systemError(claimSteps[exchanged(0)] ?? 'sigprocmask', errno);
}

/** Makes the claim and its stream. @throws SystemError if there can be no native thread, no handler or no descriptor */
export function openStream(claim: Claim): SignalStream {
  learnNamespace();
  const { mask, capacity, overflow, exclusive, byLoop, once } = claim;
  const id = native().claim(mask.low, mask.high, capacity, overflow, exclusive, byLoop, once);
  if (id < 0) throw claimError(id);
  publishReport();
  startClock();
  sayArmed();
  return new SignalStream(constructing, id, claim);
}

const constructing = Symbol('constructing');

/**
 * Claimed signals, as an async iterator of `SignalInfo`. Made by `signals()`. The claim ends with `close()`, with `break`,
 * `throw` or `return` in a `for await`, and with `await using`.
 */
export class SignalStream implements AsyncIterableIterator<SignalInfo, undefined, undefined>, AsyncDisposable {
  readonly #id: number;
  readonly #batch: number;
  readonly #remains: Remains;
  readonly #sleeper: Sleeper;
  #events: SignalInfo[] = [];
  #next = 0;
  #readers: Reader[] = [];
  #mayTakeDirectly = true;
  #freed = false;
  #failure: Error | undefined;
  #droppedAtEnd = 0;
  #detach: () => void = () => {};

  /** @internal */
  constructor(key: symbol, id: number, claim: Claim) {
    if (key !== constructing) throw invalidArgType('new SignalStream', 'replaced by a call of signals()', undefined);
    this.#id = id;
    this.#batch = claim.capacity >= batchedCapacity && claim.overflow !== dropOldest ? batchLimit : 1;
    this.#remains = {
      id,
      signals: [...namesIn(claim.mask)].join(', '),
      closed: false,
      alive: new KeepAlive(),
    };
    this.#sleeper = { id, refill: () => this.#refill(), noticeEnd: () => void this.#hasEnded() };
    add(this.#sleeper);
    if (claim.ref) this.ref();
    collected.register(this, this.#remains, this.#remains);
  }

  /** Whether the claim has ended, by `close()` or by `ignoreSignals`. What had been taken before can still be read. */
  get closed(): boolean {
    return checked(this).#hasEnded();
  }

  /** How many signals have been taken from the kernel and wait to be read. */
  get queued(): number {
    const stream = checked(this);
    const inHand = stream.#events.length - stream.#next;
    if (stream.#freed) return inHand;
    native().state(stream.#id);
    return inHand + exchanged(0);
  }

  /** How many signals were lost because the queue was full: see `overflow`, and docs/signals-in-node.md. */
  get dropped(): number {
    const stream = checked(this);
    if (!stream.#freed) stream.#readDropped();
    return stream.#droppedAtEnd;
  }

  /** The next signal; done once the stream is closed and everything taken has been read. */
  next(): Promise<IteratorResult<SignalInfo, undefined>> {
    const stream = checked(this);
    const event = stream.#readers.length === 0 ? stream.#shift() : undefined;
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    const result = new Promise<IteratorResult<SignalInfo, undefined>>((resolve, reject) =>
      stream.#readers.push({ resolve, reject }),
    );
    stream.#takeOrSleep();
    return result;
  }

  /** The next signal that has arrived, or null. Never waits; one sent before is found, unless a `next()` waits for it. */
  poll(): SignalInfo | null {
    const stream = checked(this);
    if (stream.#readers.length > 0) return null;
    const inHand = stream.#shift();
    if (inHand !== undefined) return inHand;
    if (stream.#take(false) <= 0) {
      if (stream.#remains.closed) stream.#free();
      else native().drain();
      stream.#take(false);
    }
    return stream.#shift() ?? null;
  }

  /** Ends the claim. What has been taken is still handed out, then the iterator is done. Closing twice is no error. */
  close(): void {
    const stream = checked(this);
    if (stream.#remains.closed) return;
    native().close(stream.#id);
    stream.#end();
    if (stream.#readers.length > 0) stream.#refill();
  }

  /** Ends the claim and throws away what has not been read. */
  return(): Promise<IteratorResult<SignalInfo, undefined>> {
    const stream = checked(this);
    stream.close();
    stream.#discard();
    return Promise.resolve(done);
  }

  /** As `return()`, then rejects with the error. */
  throw(error: unknown): Promise<IteratorResult<SignalInfo, undefined>> {
    void checked(this).return();
    return Promise.reject(error);
  }

  /** Keeps the process alive while the stream is open: the default. */
  ref(): this {
    checked(this).#setAlive(true);
    return this;
  }

  /** Lets the process end although the stream is open. */
  unref(): this {
    checked(this).#setAlive(false);
    return this;
  }

  [Symbol.asyncIterator](): this {
    checked(this);
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** @internal Closes the stream when `signal` aborts; once all is read, `next()` rejects. */
  static closeOnAbort(stream: SignalStream, signal: AbortSignal): void {
    // Weak, so that a long-lived AbortSignal does not hold every stream ever made with it.
    const weak = new WeakRef(stream);
    const onAbort = (): void => {
      const open = weak.deref();
      if (open === undefined || open.#remains.closed) return;
      open.#failure = abortError(signal.reason);
      open.close();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    stream.#detach = () => signal.removeEventListener('abort', onAbort);
  }

  /** @internal */
  static isStream(value: object): boolean {
    return #id in value;
  }

  #setAlive(on: boolean): void {
    this.#remains.alive.set(on && !this.#remains.closed);
  }

  #shift(): SignalInfo | undefined {
    const event = this.#events[this.#next];
    if (event === undefined) return undefined;
    this.#next += 1;
    return event;
  }

  // How many there were; -1 if nothing more will come.
  #take(wait: boolean): number {
    if (this.#freed) return -1;
    const count = native().take(this.#id, this.#batch, wait);
    if (count <= 0) return count;
    const view = takenRecords();
    const unread = this.#events.slice(this.#next);
    for (let index = 0; index < count; index += 1) unread.push(readRecord(view, index));
    this.#events = unread;
    this.#next = 0;
    return count;
  }

  // One batch on being woken and one more at once, then the event loop has its turn.
  #takeOrSleep(): void {
    if (this.#remains.closed || this.#mayTakeDirectly) {
      this.#mayTakeDirectly = false;
      this.#refill(false);
    } else {
      yieldToLoop(this.#sleeper);
    }
  }

  #refill(woken: boolean = true): void {
    if (woken) this.#mayTakeDirectly = true;
    while (this.#readers.length > 0) {
      const event = this.#shift();
      if (event !== undefined) {
        this.#readers.shift()?.resolve({ done: false, value: event });
        continue;
      }
      const count = this.#take(true);
      if (count > 0) continue;
      if (count === 0) return awaitWake(this.#sleeper);
      this.#hasEnded();
      this.#finish();
    }
    forget(this.#sleeper);
  }

  // By close(), or because ignoreSignals or resetSignals has taken its last signal away.
  #hasEnded(): boolean {
    if (this.#remains.closed) return true;
    native().state(this.#id);
    if (!isEmpty(exchangedMask(3))) return false;
    native().close(this.#id);
    this.#end();
    return true;
  }

  #end(): void {
    this.#remains.closed = true;
    this.#setAlive(false);
    this.#detach();
  }

  // Everything has been read: the queue is given back, and the readers learn how it ended.
  #finish(): void {
    this.#free();
    const failure = this.#failure;
    for (const reader of this.#readers.splice(0)) {
      if (failure === undefined) reader.resolve(done);
      else reader.reject(failure);
    }
  }

  #discard(): void {
    this.#events = [];
    this.#next = 0;
    this.#failure = undefined;
    this.#free();
    this.#finish();
  }

  #free(): void {
    if (this.#freed) return;
    this.#readDropped();
    this.#freed = true;
    collected.unregister(this.#remains);
    native().free(this.#id);
    forget(this.#sleeper);
    remove(this.#id);
  }

  #readDropped(): void {
    native().state(this.#id);
    this.#droppedAtEnd = exchanged(1) + exchanged(2) * 2 ** 32;
  }
}

// A method borrowed onto a foreign object, another copy's stream included, must say so and not break on a private field.
function checked(value: SignalStream): SignalStream {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || !SignalStream.isStream(value))
    throw invalidArgType('this', 'a SignalStream of this copy of sigkit', value);
  return value;
}

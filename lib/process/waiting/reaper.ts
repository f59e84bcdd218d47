import { toAbortSignal, toInteger, toTimeoutMs } from '../../base/arguments.js';
import { abortError, invalidArgType, SigkitError } from '../../base/errors.js';
import { KeepAlive } from '../../base/keep-alive.js';
import { isMainThread, native } from '../../base/native.js';
import { requireNative } from '../../base/native-only.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { tellOf } from '../../base/told.js';
import { adoptedNow, type ReapedOrphan } from './orphans.js';
import { addSink, type OrphanSink, removeSink } from './sweeper.js';

export interface ReapOptions {
  /**
   * How old a zombie must be at least: time for another addon's thread that waits for a child of its own.
   * @default 100
   */
  readonly graceMs?: number | undefined;
  /** How many may wait to be read, 1 to 16,777,216; then the oldest go. @default 65536 */
  readonly capacity?: number | undefined;
  /** Closes the reaper when it aborts; `next()` then rejects with an AbortError once all is read. */
  readonly signal?: AbortSignal | undefined;
}

type Result = IteratorResult<ReapedOrphan, undefined>;

interface Waiting {
  resolve(result: Result): void;
  reject(error: Error): void;
}

const optionNames: OptionNames<ReapOptions> = { graceMs: true, capacity: true, signal: true };
const usualGraceMs = 100;
// Who only wants the reaping never reads: the oldest go.
const usualCapacity = 65_536;
const maxCapacity = 2 ** 24;
const constructing = Symbol('constructing');
const done: Result = { done: true, value: undefined };

/** Reaps adopted orphans while it is open, and tells of each. Made by `reapOrphans()`. */
export class Reaper implements AsyncIterableIterator<ReapedOrphan, undefined, undefined>, AsyncDisposable {
  readonly #sink: OrphanSink;
  readonly #capacity: number;
  #events: ReapedOrphan[] = [];
  #next = 0;
  #waiting: Waiting[] = [];
  #reaped = 0;
  #dropped = 0;
  #closed = false;
  readonly #alive = new KeepAlive();
  #failure: Error | undefined;
  #detach: () => void = () => {};
  readonly #tellNoMore = tellOf('reapers', () => ({
    adopted: this.adopted,
    reaped: this.#reaped,
    unread: this.#events.length - this.#next,
    dropped: this.#dropped,
  }));

  /** @internal */
  constructor(key: symbol, graceMs: number, capacity: number, signal: AbortSignal | undefined) {
    if (key !== constructing) throw invalidArgType('new Reaper', 'replaced by a call of reapOrphans()', undefined);
    this.#capacity = capacity;
    this.#sink = { graceMs, take: (orphan) => this.#take(orphan) };
    addSink(this.#sink);
    this.ref();
    if (signal !== undefined) this.#closeOnAbort(signal);
  }

  /** How many orphans have been adopted: those reaped since the reaper was opened, and those that are here now. */
  get adopted(): number {
    return checked(this).#reaped + adoptedNow().length;
  }

  /** How many orphans have been reaped since it was opened. */
  get reaped(): number {
    return checked(this).#reaped;
  }

  /** How many of those were never read, because as many as its capacity waited to be. */
  get dropped(): number {
    return checked(this).#dropped;
  }

  get closed(): boolean {
    return checked(this).#closed;
  }

  /** The next orphan that has been reaped; done once the reaper is closed and all is read. */
  next(): Promise<Result> {
    const reaper = checked(this);
    const event = reaper.#events[reaper.#next];
    if (event !== undefined) {
      reaper.#next += 1;
      if (reaper.#next * 2 > reaper.#events.length) reaper.#compact();
      return Promise.resolve({ done: false, value: event });
    }
    if (reaper.#failure !== undefined) return Promise.reject(reaper.#takeFailure());
    if (reaper.#closed) return Promise.resolve(done);
    return new Promise((resolve, reject) => reaper.#waiting.push({ resolve, reject }));
  }

  /** Stops reaping. What has been reaped can still be read. Closing twice is no error. */
  close(): void {
    const reaper = checked(this);
    if (reaper.#closed) return;
    reaper.#closed = true;
    removeSink(reaper.#sink);
    reaper.#tellNoMore();
    reaper.#detach();
    reaper.#alive.set(false);
    for (const waiting of reaper.#waiting.splice(0)) {
      if (reaper.#failure === undefined) waiting.resolve(done);
      else waiting.reject(reaper.#takeFailure());
    }
  }

  /** Stops reaping, and throws away what has not been read. */
  return(): Promise<Result> {
    const reaper = checked(this);
    reaper.close();
    reaper.#events = [];
    reaper.#next = 0;
    reaper.#failure = undefined;
    return Promise.resolve(done);
  }

  /** As `return()`, then rejects with the error. */
  throw(error: unknown): Promise<Result> {
    void checked(this).return();
    return Promise.reject(error);
  }

  /** Keeps the process alive while it is open: the default. */
  ref(): this {
    const reaper = checked(this);
    reaper.#alive.set(!reaper.#closed);
    return this;
  }

  /** Lets the process end although it is open. */
  unref(): this {
    checked(this).#alive.set(false);
    return this;
  }

  [Symbol.asyncIterator](): this {
    checked(this);
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #take(orphan: ReapedOrphan): void {
    this.#reaped += 1;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.resolve({ done: false, value: orphan });
    this.#events.push(orphan);
    if (this.#events.length - this.#next <= this.#capacity) return;
    this.#next += 1;
    this.#dropped += 1;
    if (this.#next > this.#capacity) this.#compact();
  }

  #compact(): void {
    this.#events = this.#events.slice(this.#next);
    this.#next = 0;
  }

  #takeFailure(): Error {
    const failure = this.#failure ?? abortError(undefined);
    this.#failure = undefined;
    return failure;
  }

  #closeOnAbort(signal: AbortSignal): void {
    const onAbort = (): void => {
      this.#failure = abortError(signal.reason);
      this.close();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#detach = () => signal.removeEventListener('abort', onAbort);
  }

  /** @internal */
  static is(value: object): boolean {
    return #sink in value;
  }
}

function checked(value: Reaper): Reaper {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || !Reaper.is(value)) throw invalidArgType('this', 'a Reaper of this copy of sigkit', value);
  return value;
}

/**
 * Reaps the orphans that this process adopts, as a subreaper (`setChildSubreaper()`) or as PID 1, and nobody else's children:
 * a zombie is taken only if no owner has shown itself in two turns of the event loop and `graceMs`. Main thread only.
 * @throws ERR_SIGKIT_MAIN_THREAD_ONLY, ERR_SIGKIT_FOREIGN_PROC, ENOENT (a kernel without CONFIG_PROC_CHILDREN), AbortError,
 * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function reapOrphans(options?: ReapOptions): Reaper {
  const given = readOptions(options, optionNames);
  const graceMs = given.graceMs === undefined ? usualGraceMs : toTimeoutMs(given.graceMs, 'options.graceMs');
  const capacity =
    given.capacity === undefined ? usualCapacity : toInteger(given.capacity, 'options.capacity', 1, maxCapacity);
  const signal = toAbortSignal(given.signal, 'options.signal');
  native();
  requireNative('reapOrphans');
  if (!isMainThread) {
    throw new SigkitError(
      'ERR_SIGKIT_MAIN_THREAD_ONLY',
      'reapOrphans() works in the main thread only: orphans are adopted there, and only there is known which are not',
    );
  }
  if (signal?.aborted === true) throw abortError(signal.reason);
  return new Reaper(constructing, graceMs, capacity, signal);
}

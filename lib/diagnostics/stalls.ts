import path from 'node:path';

import { toAbortSignal, toChoice, toFunction, toInteger, toText } from '../base/arguments.js';
import { fs } from '../base/builtins.js';
import { abortError, systemError } from '../base/errors.js';
import { callEach, native, setWakeHandler, type StallRow, wakeups } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { type OptionNames, readOptions } from '../base/options.js';
import { stackOf } from './stack-row.js';
import type { ThreadStack } from './thread-stack.js';

/** A turn of an event loop that takes, or took, longer than the threshold. */
export interface LoopStall {
  /** As in a ThreadStack, these three. */
  readonly name: string;
  readonly threadId: number;
  readonly tid: number;
  readonly startedAt: Date;
  /** So far, if it has not ended. */
  readonly lengthMs: number;
  /** Of that, for how long the thread has had a processor: nearly all if it computes, next to nothing if it waits. */
  readonly cpuMs: number;
  /** And for how long V8 has stopped it to collect garbage; null where V8 does not tell. */
  readonly gcMs: number | null;
  /** False if it goes on: it is told again, with the same `startedAt`. */
  readonly ended: boolean;
  /** Taken while it lasted: after the threshold, and when it had lasted for twice and four times as long. None if it came to nobody's notice before its end. */
  readonly stacks: readonly ThreadStack[];
  /** How many others of the thread there have been since the last one told of: see `minIntervalMs`. */
  readonly omitted: number;
}

/** Made if it is not there, with mode 0600; opened anew for each stall, so that it may be rotated. */
export interface StallFile {
  readonly file: string;
}

export interface LoopStallOptions {
  /** From 10 on. @default 1000 */
  readonly thresholdMs?: number | undefined;
  /** At least so long from the beginning of one stall of a thread to that of the next of which something is told. @default 1000 */
  readonly minIntervalMs?: number | undefined;
  /** Where the native thread writes, also of a loop that never comes back: a line to stderr, or lines with the stack to the end of a file. @default 'none' */
  readonly report?: 'stderr' | 'none' | StallFile | undefined;
  /** Closes it. */
  readonly signal?: AbortSignal | undefined;
}

/** Told of stalls until it is closed. As an iterable it ends then, or rejects if `signal` has closed it. */
export interface LoopStalls extends AsyncIterableIterator<LoopStall, undefined, undefined>, Disposable {
  readonly closed: boolean;
  /** Closing twice is no error. */
  close(): void;
}

const optionNames: OptionNames<LoopStallOptions> = {
  thresholdMs: true,
  minIntervalMs: true,
  report: true,
  signal: true,
};
const fileNames: OptionNames<StallFile> = { file: true };
const usualMs = 1000;
const shortestMs = 10;
const longestMs = 2 ** 31 - 1;
// For who does not read: the oldest go.
const maxUnread = 64;

type Result = IteratorResult<LoopStall, undefined>;

interface Waiting {
  resolve(result: Result): void;
  reject(error: Error): void;
}

const done: Result = { done: true, value: undefined };

const open = new Map<number, (stall: LoopStall) => void>();

setWakeHandler(wakeups.stalls, () => {
  for (const [id, tell] of open)
    callEach(
      native()
        .takeStalls(id)
        .map((row) => stallOf(row)),
      tell,
    );
});

function stallOf([threadId, name, tid, startedAt, lengthMs, cpuMs, gcMs, ended, omitted, stacks]: StallRow): LoopStall {
  return {
    name: threadId === 0 ? 'main' : name,
    threadId,
    tid,
    startedAt: new Date(startedAt),
    lengthMs,
    cpuMs,
    gcMs: gcMs < 0 ? null : gcMs,
    ended: ended !== 0,
    stacks: stacks.map((row) => stackOf(row)),
    omitted,
  };
}

function toMs(value: unknown, argument: string, least: number): number {
  return value === undefined ? usualMs : toInteger(value, argument, least, longestMs);
}

// As the native thread opens it: what it could not write at a stall is an error now.
function toStallFile(value: StallFile): string {
  const file = path.resolve(
    toText(readOptions(value, fileNames, undefined, 'options.report').file, 'options.report.file'),
  );
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  fs.closeSync(fs.openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600));
  return file;
}

/**
 * Tells of each turn of an event loop that takes longer than `thresholdMs`, of this thread and of all others that have loaded sigkit:
 * when it is over, and a listener in another thread as soon as the threshold has passed. A native thread watches, which sleeps while
 * the loops are idle. Does not keep the process alive.
 * @throws ERR_SIGKIT_UNSUPPORTED, ERR_SIGKIT_UNKNOWN_OPTION, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, AbortError, Node's own for a file that cannot be opened
 */
export function onLoopStall(options?: LoopStallOptions, listener?: (stall: LoopStall) => void): LoopStalls {
  const given = readOptions(options, optionNames);
  const thresholdMs = toMs(given.thresholdMs, 'options.thresholdMs', shortestMs);
  const minIntervalMs = toMs(given.minIntervalMs, 'options.minIntervalMs', 0);
  const { report } = given;
  const toFile = typeof report === 'object';
  const says = !toFile && report !== undefined && toChoice(report, 'options.report', ['stderr', 'none']) === 0;
  const signal = toAbortSignal(given.signal, 'options.signal');
  if (listener !== undefined) toFunction(listener, 'listener');
  requireNative('onLoopStall');
  if (signal?.aborted === true) throw abortError(signal.reason);
  const file = toFile ? toStallFile(report) : '';
  const id = native().openStallListener(thresholdMs, minIntervalMs, says, file);
  if (id < 0) throw systemError('pthread_create', id);
  return new OpenStalls(id, listener, signal);
}

class OpenStalls implements LoopStalls {
  readonly #id: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => {
    this.#failure = abortError(this.#signal?.reason);
    this.close();
  };
  #unread: LoopStall[] = [];
  #waiting: Waiting[] = [];
  #failure: Error | undefined;

  constructor(id: number, listener: ((stall: LoopStall) => void) | undefined, signal: AbortSignal | undefined) {
    this.#id = id;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    open.set(id, (stall) => {
      // By the listener itself, for one that has come together with this one.
      if (this.closed) return;
      if (listener === undefined) this.#add(stall);
      else listener(stall);
    });
  }

  get closed(): boolean {
    return !open.has(this.#id);
  }

  close(): void {
    if (!open.delete(this.#id)) return;
    native().closeStallListener(this.#id);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    for (const waiting of this.#waiting.splice(0)) this.#end(waiting);
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      const stall = this.#unread.shift();
      if (stall !== undefined) resolve({ done: false, value: stall });
      else if (this.closed) this.#end({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  return(): Promise<Result> {
    this.close();
    this.#unread = [];
    this.#failure = undefined;
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #add(stall: LoopStall): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.resolve({ done: false, value: stall });
    this.#unread.push(stall);
    if (this.#unread.length > maxUnread) this.#unread.shift();
  }

  #end(waiting: Waiting): void {
    if (this.#failure === undefined) waiting.resolve(done);
    else waiting.reject(this.#failure);
  }
}

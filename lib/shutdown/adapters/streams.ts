import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { finished, type Readable, type Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

import { onAbort } from './settle.js';

// A stream of node:stream or readable-stream, a message of node:http, a destination of pino: they have part of this.
type Stream = EventEmitter &
  Partial<Pick<Writable, 'write' | 'end' | 'writable' | 'writableEnded' | 'errored'>> &
  Partial<Pick<Writable, 'writableFinished' | 'destroyed' | 'closed' | 'destroy'>> &
  Partial<Pick<Readable, 'readable' | 'readableFlowing' | 'readableDidRead' | 'resume'>> & {
    readonly _readableState?: State;
    readonly _writableState?: State;
    readonly _isStdio?: boolean;
    readonly pending?: boolean;
    readonly connecting?: boolean;
    readonly bytesWritten?: number;
    readonly _transform?: unknown;
  };

interface State {
  readonly emitClose?: boolean;
}

// How long the other side of a connection has for its own end, once it has been sent ours. A socket that is closed with
// something unread, or to which something comes later, is reset, and with it goes what the other side has not read yet.
const lingerMs = 1000;

export function isStream(value: unknown): value is Stream {
  if (typeof value !== 'object' || value === null) return false;
  const { once: listen, pipe, write, end, _readableState, _writableState } = value as Partial<Record<string, unknown>>;
  if (typeof listen !== 'function') return false;
  if (typeof _readableState === 'object' || typeof _writableState === 'object') return true;
  return typeof write === 'function' && typeof end === 'function' && (typeof pipe === 'function' || !isClosable(value));
}

function isClosable(value: object): boolean {
  return [Symbol.asyncDispose, 'close', Symbol.dispose].some((key) => typeof Reflect.get(value, key) === 'function');
}

/**
 * Ends a stream so that what has been written to it arrives: a writable side is ended and awaited, a readable one destroyed.
 * Those of the process itself are not ended, only awaited. Destroys it when the signal aborts.
 */
export async function endStream(stream: Stream, signal: AbortSignal): Promise<void> {
  if (isStdio(stream)) return written(stream);
  if (stream.errored) throw stream.errored;
  const release = onAbort(signal, () => stream.destroy?.());
  // Nobody reads it. Full, it would take nothing more from who writes, the other side or its own writable one.
  if (typeof stream.end === 'function' && isNew(stream)) stream.resume?.();
  const ending = endSides(stream, signal);
  try {
    await (isTransform(stream) ? Promise.race([ending, missesReaders(stream, ending)]) : ending);
  } finally {
    release();
  }
}

async function endSides(stream: Stream, signal: AbortSignal): Promise<void> {
  const ends = canEnd(stream);
  if (ends) await endWritable(stream);
  if (stream._readableState === undefined || isClosed(stream)) return;
  await endReadable(stream, ends || (stream.bytesWritten ?? 0) > 0, signal);
}

// One of readable-stream 3 does not tell it.
function isClosed({ closed, destroyed }: Stream): boolean {
  return closed ?? destroyed === true;
}

/** Fails if what the stream was piped into has ended before it: nobody would ever read what it has still to give. */
function missesReaders(stream: Stream, ending: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (): void => {
      reject(new Error('what read the stream has ended before it'));
      stream.destroy?.();
    };
    const look = (): void => {
      // Null: who waits for 'readable' once at a time has no listener while it works.
      if (stream.readableFlowing !== false || stream.readable !== true || !isUnheard(stream)) return;
      stream.on('data', onData);
      stream.resume?.();
    };
    // A stream tells that its listener of 'end' goes, but not always that the one of 'data' does, just after.
    const lookSoon = (): void => void setImmediate(look);
    stream.on('removeListener', lookSoon);
    lookSoon();
    const stop = (): void => {
      stream.off('removeListener', lookSoon).off('data', onData);
      resolve();
    };
    ending.then(stop, stop);
  });
}

// Nobody has ever read it; readable-stream 3 does not tell.
function isNew(stream: Stream): boolean {
  return stream.readableFlowing === null && stream.readableDidRead !== true && isUnheard(stream);
}

function isUnheard(stream: Stream): boolean {
  return stream.listenerCount('data') + stream.listenerCount('readable') === 0;
}

function isTransform({ _transform }: Stream): boolean {
  return typeof _transform === 'function';
}

function isStdio(stream: Stream): boolean {
  return isMainThread ? stream._isStdio === true : stream === process.stdout || stream === process.stderr;
}

// Whether its writable side has not come to its end, and can: that of a socket which nobody has connected cannot.
function canEnd({ end, writable, writableEnded, writableFinished, pending, connecting }: Stream): boolean {
  if (pending === true && connecting === false) return false;
  return typeof end === 'function' && writableFinished !== true && (writable !== false || writableEnded === true);
}

// Nobody can end them, and others write to them until the process is gone.
async function written(stream: Stream): Promise<void> {
  if (stream.destroyed === true || stream.writable !== true) return;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    stream.once('error', onError);
    stream.write?.('', (error) => {
      // It may be emitted after the callback.
      setImmediate(() => stream.off('error', onError));
      if (error) reject(error);
      else resolve();
    });
  });
}

async function endWritable(stream: Stream): Promise<void> {
  // What somebody has thrown away is not ours to save.
  if (stream.destroyed === true) return;
  const ended = stream._writableState === undefined ? closedLikeAStream(stream) : finish(stream, false);
  if (stream.writableEnded !== true) stream.end?.();
  await ended;
}

// A message of node:http tells its end as streams do; what others have made, like pino, that it is closed.
function closedLikeAStream(stream: Stream): Promise<void> {
  return 'pipe' in stream ? finish(stream, false) : once(stream, 'close').then(() => {});
}

function finish(stream: Stream, readable: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    finished(stream as Writable, { readable }, (error) => (error ? reject(error) : resolve()));
  });
}

async function endReadable(stream: Stream, lingers: boolean, signal: AbortSignal): Promise<void> {
  // What it has still to give follows from what has been written, and somebody reads it.
  if (isTransform(stream) && stream.readable === true) return finish(stream, true);
  const closed = closing(stream);
  if (lingers && stream.readable === true) await within(lingerMs, closed, signal);
  stream.destroy?.();
  await closed;
}

async function closing(stream: Stream): Promise<void> {
  // Sockets are told not to emit it, and do it themselves.
  if (stream._readableState?.emitClose === false && stream.connecting === undefined) await nextTurn();
  else await once(stream, 'close');
}

function within(limitMs: number, promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, limitMs);
    const release = onAbort(signal, resolve);
    void promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      release();
    });
  });
}

import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { finished, Transform, type Readable, type Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

import { onAbort } from './settle.js';

// A stream of node:stream or readable-stream, a message of node:http, a destination of pino: they have part of this.
type Stream = EventEmitter &
  Partial<Pick<Writable, 'write' | 'end' | 'writable' | 'writableEnded' | 'errored'>> &
  Partial<Pick<Writable, 'writableFinished' | 'destroyed' | 'closed' | 'destroy'>> &
  Partial<Pick<Readable, 'readable' | 'readableFlowing' | 'resume'>> & {
    readonly _readableState?: State;
    readonly _writableState?: State;
    readonly _isStdio?: boolean;
    readonly pending?: boolean;
    readonly connecting?: boolean;
    readonly bytesWritten?: number;
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
  const release = onAbort(signal, () => stream.destroy?.());
  try {
    const ends = canEnd(stream);
    if (ends) await endWritable(stream);
    if (stream._readableState === undefined || stream.closed === true) return;
    await endReadable(stream, ends || (stream.bytesWritten ?? 0) > 0, signal);
  } finally {
    release();
  }
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
  if (stream.errored) throw stream.errored;
  // What somebody has thrown away is not ours to save.
  if (stream.destroyed === true) return;
  // Nobody reads it. Full, it would take nothing more from who writes, the other side or its own writable one.
  if (stream.readableFlowing === null && stream.listenerCount('readable') === 0) stream.resume?.();
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
  if (stream instanceof Transform && stream.readable) return finish(stream, true);
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

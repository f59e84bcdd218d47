import { toAbortSignal, toBoolean, toChoice, toInteger } from '../base/arguments.js';
import { abortError } from '../base/errors.js';
import { type OptionNames, readOptions } from '../base/options.js';
import type { Signals } from './arguments.js';
import { toClaim } from './claimable.js';
import { openStream, SignalStream } from './stream.js';

export interface SignalsOptions {
  /** Closes the stream when it aborts; `next()` then rejects with an AbortError once all is read. */
  readonly signal?: AbortSignal | undefined;
  /** How many signals may wait in the queue, 1 to 2^24. @default 65536 */
  readonly capacity?: number | undefined;
  /**
   * What happens when the queue is full. By default standard signals merge (`count`) and real-time ones stay in the
   * kernel, whose senders get EAGAIN in the end.
   */
  readonly overflow?: 'drop-oldest' | 'drop-newest' | undefined;
  /** Whether the open stream keeps the process alive. @default true */
  readonly ref?: boolean | undefined;
  /** Whether process.on listeners of these signals stay silent. @default false */
  readonly exclusive?: boolean | undefined;
  /**
   * Who takes the signals from the kernel: a native thread, also while the event loop is blocked, or the event loop itself,
   * by signalfd(2), which is quicker. The loop does it where it keeps nobody else waiting: every stream of the signal has
   * asked for it in the same thread, and in a Worker the signal is a real-time one or `exclusive`. @default 'thread'
   */
  readonly transport?: 'thread' | 'loop' | undefined;
}

const optionNames: OptionNames<SignalsOptions> = {
  signal: true,
  capacity: true,
  overflow: true,
  ref: true,
  exclusive: true,
  transport: true,
};
const defaultCapacity = 65_536;
const maxCapacity = 2 ** 24;
const overflows = ['drop-oldest', 'drop-newest'];
const transports = ['thread', 'loop'];

/**
 * Claims signals at once and delivers them as an async iterable. `'all'` claims every signal that can be claimed, but
 * SIGUSR1 and SIGPROF. Blocked in the whole process and taken by sigwaitinfo(2), they have no other effect any more until
 * the stream is closed.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNCLAIMABLE, AbortError
 */
export function signals(sigs: Signals | 'all', options?: SignalsOptions): SignalStream {
  const given = readOptions(options, optionNames);
  const mask = toClaim(sigs, 'sigs');
  const signal = toAbortSignal(given.signal, 'options.signal');
  const claim = {
    mask,
    capacity:
      given.capacity === undefined ? defaultCapacity : toInteger(given.capacity, 'options.capacity', 1, maxCapacity),
    overflow: given.overflow === undefined ? 0 : 1 + toChoice(given.overflow, 'options.overflow', overflows),
    exclusive: toBoolean(given.exclusive, 'options.exclusive', false),
    byLoop: given.transport !== undefined && toChoice(given.transport, 'options.transport', transports) === 1,
    once: false,
    ref: toBoolean(given.ref, 'options.ref', true),
  };
  if (signal?.aborted === true) throw abortError(signal.reason);
  const stream = openStream(claim);
  if (signal !== undefined) SignalStream.closeOnAbort(stream, signal);
  return stream;
}

import { toAbortSignal, toTimeoutMs } from '../base/arguments.js';
import { abortError } from '../base/errors.js';
import { type OptionNames, readOptions } from '../base/options.js';
import type { Signals } from './arguments.js';
import { toClaim } from './claimable.js';
import type { SignalInfo } from './signal-info.js';
import { openStream, type SignalStream } from './stream.js';

export interface WaitOptions {
  /** After how many milliseconds to give up; 0 looks for a pending signal and does not wait. @default no limit */
  readonly timeoutMs?: number | undefined;
  /** Gives up with an AbortError when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

const optionNames: OptionNames<WaitOptions> = { timeoutMs: true, signal: true };
const maxTimerMs = 2 ** 31 - 1;

/**
 * Takes one signal, as sigtimedwait(2): the others stay as they are. The signals are claimed only while the call waits, so
 * block them before with `sigprocmask`, or use `signals()`, if they may arrive outside of it. Keeps the process alive.
 * @returns the signal, or null at the time-out
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNCLAIMABLE, AbortError
 */
export async function waitForSignal(sigs: Signals | 'all', options?: WaitOptions): Promise<SignalInfo | null> {
  const given = readOptions(options, optionNames);
  const mask = toClaim(sigs, 'sigs');
  const timeoutMs = toTimeoutMs(given.timeoutMs, 'options.timeoutMs');
  const signal = toAbortSignal(given.signal, 'options.signal');
  if (isAborted(signal)) throw abortError(signal?.reason);
  const stream = openStream({
    mask,
    capacity: 1,
    overflow: 0,
    exclusive: false,
    byLoop: false,
    once: true,
    ref: true,
  });
  if (timeoutMs === 0) return finish(stream, stream.poll());
  const first = stream.next();
  const limit = waitLimit(stream, timeoutMs, signal);
  // Closing ends the wait; a signal that had been taken by then is handed out all the same, never lost.
  const { value } = await first;
  limit.cancel();
  const info = finish(stream, value ?? null);
  if (info === null && isAborted(signal)) throw abortError(signal?.reason);
  return info;
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function finish(stream: SignalStream, event: SignalInfo | null): SignalInfo | null {
  stream.close();
  const info = event ?? stream.poll();
  void stream.return();
  return info;
}

function waitLimit(stream: SignalStream, timeoutMs: number, signal: AbortSignal | undefined): { cancel(): void } {
  const close = (): void => stream.close();
  // A timer cannot be set further ahead than 24.8 days; nobody waits longer for a signal with a limit.
  const timer = timeoutMs === Infinity ? undefined : setTimeout(close, Math.min(timeoutMs, maxTimerMs));
  signal?.addEventListener('abort', close, { once: true });
  return {
    cancel() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', close);
    },
  };
}

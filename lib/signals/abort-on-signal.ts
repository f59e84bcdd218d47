import { toAbortSignal } from '../base/arguments.js';
import { type OptionNames, readOptions } from '../base/options.js';
import type { Signals } from './arguments.js';
import { toClaim } from './claimable.js';
import type { SignalInfo } from './signal-info.js';
import { openStream, type SignalStream } from './stream.js';

export interface AbortOnSignalOptions {
  /** Aborts the new signal too, with its own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Why an AbortSignal of `abortOnSignal` aborted. */
export interface SignalAbortReason extends Error {
  readonly name: 'AbortError';
  readonly code: 'ABORT_ERR';
  /** The signal that came. */
  readonly info: SignalInfo;
}

export interface SignalAbort extends Disposable {
  readonly signal: AbortSignal;
  /** Ends the claim: the signals have their default action again. Stopping twice is no error. */
  stop(): void;
}

const optionNames: OptionNames<AbortOnSignalOptions> = { signal: true };

function reasonFor(info: SignalInfo): SignalAbortReason {
  const sender = info.pid === null ? '' : ` from process ${info.pid}`;
  const error = Object.assign(new Error(`Received ${info.signal}${sender}`), {
    code: 'ABORT_ERR' as const,
    info,
  });
  return Object.defineProperty(error, 'name', {
    value: 'AbortError',
    configurable: true,
    writable: true,
  }) as SignalAbortReason;
}

// Later signals do nothing, until stop(): the program is ending already.
async function abortOnFirst(stream: SignalStream, controller: AbortController): Promise<void> {
  for await (const info of stream) controller.abort(reasonFor(info));
}

/**
 * An AbortSignal that aborts at the first of these signals, for fetch, timers and all else that takes one. Does not keep
 * the process alive. Until `stop()`, further signals are taken and do nothing.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNCLAIMABLE
 */
export function abortOnSignal(sigs: Signals | 'all', options?: AbortOnSignalOptions): SignalAbort {
  const given = readOptions(options, optionNames);
  const mask = toClaim(sigs, 'sigs');
  const parent = toAbortSignal(given.signal, 'options.signal');
  const controller = new AbortController();
  const stream = openStream({
    mask,
    capacity: 1,
    overflow: 2,
    exclusive: false,
    byLoop: false,
    once: false,
    ref: false,
  });
  const followParent = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) followParent();
  parent?.addEventListener('abort', followParent, { once: true });
  void abortOnFirst(stream, controller);
  const stop = (): void => {
    parent?.removeEventListener('abort', followParent);
    stream.close();
  };
  return { signal: controller.signal, stop, [Symbol.dispose]: stop };
}

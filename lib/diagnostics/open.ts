import { toInteger } from '../base/arguments.js';
import { SigkitError, systemError } from '../base/errors.js';
import { native } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { type OptionNames, readOptions } from '../base/options.js';
import type { Signals } from '../signals/arguments.js';
import { toClaim } from '../signals/claimable.js';
import { openStream, type SignalStream } from '../signals/stream.js';

export interface DiagnosticsOptions {
  /** Which signals ask for the stacks. @default 'SIGQUIT', which Ctrl-\ sends */
  readonly sigs?: Signals | undefined;
  /** At least so long from one print to the next, in milliseconds: those that ask meanwhile get one together. @default 100 */
  readonly minIntervalMs?: number | undefined;
}

/** The dumps by signal of this process, while they are open. */
export interface Diagnostics extends Disposable {
  readonly closed: boolean;
  /** The signals have their effect again. Closing twice is no error. */
  close(): void;
}

const optionNames: OptionNames<DiagnosticsOptions> = { sigs: true, minIntervalMs: true };
const usualIntervalMs = 100;
// It fits into nanoseconds.
const maxIntervalMs = 2 ** 31 - 1;
const busy = -16;

// What has been printed is of no use to anybody.
async function discard(stream: SignalStream): Promise<void> {
  for await (const _ of stream);
}

/**
 * Has a native thread print the stacks of all threads of JavaScript to stderr, as `captureStacks` has them, whenever one of the
 * signals comes; the process goes on. It answers for an event loop that hangs, too. Claims the signals, and does not keep the process alive.
 * @throws ERR_SIGKIT_DIAGNOSTICS_OPEN, ERR_SIGKIT_UNCLAIMABLE, ERR_SIGKIT_UNSUPPORTED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function openDiagnostics(options?: DiagnosticsOptions): Diagnostics {
  const given = readOptions(options, optionNames);
  const mask = toClaim(given.sigs ?? 'SIGQUIT', 'options.sigs');
  const minIntervalMs =
    given.minIntervalMs === undefined
      ? usualIntervalMs
      : toInteger(given.minIntervalMs, 'options.minIntervalMs', 0, maxIntervalMs);
  requireNative('openDiagnostics');
  const result = native().openStackPrinter(mask.low, mask.high, minIntervalMs);
  if (result === busy)
    throw new SigkitError(
      'ERR_SIGKIT_DIAGNOSTICS_OPEN',
      'this process has diagnostics open already: close these first',
    );
  if (result < 0) throw systemError('pthread_create', result);
  let stream: SignalStream;
  try {
    stream = openStream({ mask, capacity: 1, overflow: 1, exclusive: false, byLoop: false, once: false, ref: false });
  } catch (error) {
    native().closeStackPrinter();
    throw error;
  }
  void discard(stream);
  return openedDiagnostics(stream);
}

function openedDiagnostics(stream: SignalStream): Diagnostics {
  const close = (): void => {
    if (stream.closed) return;
    stream.close();
    native().closeStackPrinter();
  };
  return {
    get closed() {
      return stream.closed;
    },
    close,
    [Symbol.dispose]: close,
  };
}

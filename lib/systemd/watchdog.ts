import { toTimeoutMs } from '../base/arguments.js';
import { outOfRange, SigkitError } from '../base/errors.js';
import { native } from '../base/native.js';
import { type OptionNames, readOptions } from '../base/options.js';
import { tellOf } from '../base/told.js';
import { claimError } from '../signals/stream.js';
import {
  environmentNames,
  type EnvironmentOptions,
  notForThisProcess,
  numberIn,
  shown,
  takeVariables,
} from './environment.js';
import { Notifier, toNotifier } from './notify.js';

export interface WatchdogOptions extends EnvironmentOptions {
  /**
   * After how long without an answer of the event loop the manager is asked to act at once (WATCHDOG=trigger), and not
   * only when it misses the pings. @default Infinity: never
   */
  readonly triggerAfterMs?: number | undefined;
}

export interface Watchdog extends Disposable {
  /** Whether the manager wants signs of life of this process, and gets them. */
  readonly enabled: boolean;
  /** Why not, for people; null while it is enabled. */
  readonly disabledBecause: string | null;
  /** From one question to the event loop to the next: half of what the manager allows; 0 if it is not enabled. */
  readonly intervalMs: number;
  /** No more signs of life, which the manager takes for none. Closing twice is no error. */
  close(): void;
}

const optionNames: OptionNames<WatchdogOptions> = { ...environmentNames, triggerAfterMs: true };
const busy = -16;
// Nobody needs a sign of life less than once in this time; it fits into any timer.
const maxIntervalMs = 2 ** 31 - 1;

type Wish = { readonly intervalMs: number } | { readonly problem: string };

// Half of WATCHDOG_USEC, as sd_watchdog_enabled(3) says, unless it is not meant for this process, or nonsense.
function wishOf(usec: string | undefined, pid: string | undefined): Wish {
  if (usec === undefined || usec === '') return { problem: shown('WATCHDOG_USEC', usec) };
  const notOurs = pid === undefined ? null : notForThisProcess('WATCHDOG_PID', pid);
  if (notOurs !== null) return { problem: notOurs };
  const intervalMs = (numberIn(usec) ?? 0) / 2000;
  if (intervalMs > 0) return { intervalMs: Math.min(intervalMs, maxIntervalMs) };
  return { problem: `${shown('WATCHDOG_USEC', usec)}: no number of microseconds` };
}

function toTriggerAfterMs(value: unknown): number {
  const triggerAfterMs = toTimeoutMs(value, 'options.triggerAfterMs');
  if (triggerAfterMs === 0)
    throw outOfRange('options.triggerAfterMs', 'a number of milliseconds of more than 0', value);
  return triggerAfterMs > maxIntervalMs ? Infinity : triggerAfterMs;
}

/**
 * Gives the manager the signs of life that it wants (`WatchdogSec=` in the unit). A native thread sends each of them when the
 * event loop of the calling thread has answered a question put for it: an idle loop does, one that hangs does not. Does not keep
 * the process alive. Where the manager wants none, it does nothing.
 * @throws ERR_SIGKIT_WATCHDOG_OPEN, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function openWatchdog(notifier: Notifier, options?: WatchdogOptions): Watchdog {
  const { disabledBecause: nobody } = toNotifier(notifier, 'notifier');
  const socket = Notifier.socketOf(notifier);
  const given = readOptions(options, optionNames);
  const triggerAfterMs = toTriggerAfterMs(given.triggerAfterMs);
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = takeVariables(given, ['WATCHDOG_USEC', 'WATCHDOG_PID']);
  if (socket === undefined) return disabledWatchdog(`nobody can be told: ${nobody}`);
  const wish = wishOf(usec, pid);
  if ('problem' in wish) return disabledWatchdog(wish.problem);
  const result = native().openWatchdog(socket, wish.intervalMs, triggerAfterMs);
  if (result === busy)
    throw new SigkitError('ERR_SIGKIT_WATCHDOG_OPEN', 'this process has a watchdog already: close that first');
  if (result < 0) throw claimError(result);
  return openedWatchdog(wish.intervalMs);
}

function openedWatchdog(intervalMs: number): Watchdog {
  let open = true;
  const tellNoMore = tellOf('watchdogs', () => ({ intervalMs }));
  const close = (): void => {
    if (open) native().closeWatchdog();
    open = false;
    tellNoMore();
  };
  return {
    get enabled() {
      return open;
    },
    get disabledBecause() {
      return open ? null : 'it has been closed';
    },
    get intervalMs() {
      return open ? intervalMs : 0;
    },
    close,
    [Symbol.dispose]: close,
  };
}

function disabledWatchdog(disabledBecause: string): Watchdog {
  return { enabled: false, disabledBecause, intervalMs: 0, close() {}, [Symbol.dispose]() {} };
}

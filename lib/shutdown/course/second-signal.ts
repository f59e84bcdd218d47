import { isSignal, parseSignal } from '../../signals/names.js';
import type { SignalInfo } from '../../signals/signal-info.js';
import {
  commonSignals,
  emptyMask,
  hasSignal,
  maskOf,
  type SignalMask,
  withSignals,
} from '../../signals/signal-mask.js';
import type { ShutdownOptions } from '../types.js';

/** Which signals force the end when they come after the first, by who sends them. native/hub/guard.cc goes by the same sets. */
export interface Forcing {
  readonly kernel: SignalMask;
  /** By sigqueue(3). */
  readonly queue: SignalMask;
  /** By kill(2) and all else, of other processes. */
  readonly others: SignalMask;
}

export type Second = NonNullable<ShutdownOptions['second']>;

export const seconds: readonly Second[] = ['force', 'any', 'ignore'];

const handedOnMs = 1000;
// What a terminal makes of Ctrl-C and Ctrl-\. Other signals of the kernel's, such as SIGHUP and SIGXCPU, repeat themselves.
const typed = ['SIGINT', 'SIGQUIT', 'SIGBREAK'];

/**
 * The rule: orchestrators and wrappers repeat a plain kill, and hand on what the process gets anyway. Nobody types, or queues
 * a signal with a value, without meaning it.
 */
export function toForcing(second: Second, mask: SignalMask): Forcing {
  if (second === 'ignore') return { kernel: emptyMask, queue: emptyMask, others: emptyMask };
  if (second === 'any') return { kernel: mask, queue: mask, others: mask };
  const keyboard = maskOf(typed.filter(isSignal).map((name) => parseSignal(name, 'signal')));
  return { kernel: commonSignals(mask, keyboard), queue: mask, others: emptyMask };
}

/** Knows a second signal that forces the end where nothing is to end the process; else native/hub/guard.cc does. */
export class SecondSignal {
  readonly #forcing: Forcing;
  #first: SignalInfo | undefined;

  constructor(forcing: Forcing) {
    this.#forcing = forcing;
  }

  /** To be told of each signal. Whether this one comes after another, and forces. */
  forces(info: SignalInfo): boolean {
    const first = this.#first;
    this.#first ??= info;
    return first !== undefined && hasSignal(this.#setOf(info, first), info.number);
  }

  #setOf({ code, pid, number, time }: SignalInfo, first: SignalInfo): SignalMask {
    if (code === 'unknown') {
      if (pid === process.pid) return emptyMask;
      // As lib/base/portable/guard.ts: what comes again at once has been handed on by somebody who got it, too.
      const isHandedOn = number === first.number && time - first.time < handedOnMs;
      return isHandedOn ? this.#forcing.others : withSignals(this.#forcing.others, this.#forcing.kernel);
    }
    if (code === 'SI_KERNEL') return this.#forcing.kernel;
    if (code === 'SI_QUEUE') return this.#forcing.queue;
    return pid === process.pid ? emptyMask : this.#forcing.others;
  }
}

/** Why hooks are given up at a second signal. */
export function secondSignalError({ signal, pid }: SignalInfo): Error {
  const from = pid === null ? '' : ` from process ${pid}`;
  return new DOMException(`${signal} came${from}, as a second signal`, 'AbortError');
}

import type { SignalInfo } from '../../signals/signal-info.js';

const handedOnMs = 1000;

/**
 * Tells a second signal from one that a parent hands on to who has it already, where nothing is to end the process; else
 * native/hub/guard.cc does, by the same rule.
 */
export class SecondSignal {
  #first: SignalInfo | undefined;
  #fromParent = 0;
  #fromOthers = 0;

  /** To be told of each signal. Whether this one comes after another. */
  isSecond(info: SignalInfo): boolean {
    const first = (this.#first ??= info);
    if (info.signal !== first.signal || info.time - first.time >= handedOnMs) return true;
    if (process.ppid !== 0 && info.pid === process.ppid) this.#fromParent += 1;
    else this.#fromOthers += 1;
    return info !== first && !(this.#fromOthers === 1 && this.#fromParent > 0);
  }
}

/** Why hooks are given up at a second signal. */
export function secondSignalError({ signal, pid }: SignalInfo): Error {
  const from = pid === null ? '' : ` from process ${pid}`;
  return new DOMException(`${signal} came${from}, as a second signal`, 'AbortError');
}

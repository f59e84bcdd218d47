import type { SignalInfo } from '../signals/signal-info.js';

const handedOnMs = 1000;

/** Whether a parent and somebody else have sent the same one: a signal to a whole group that the parent hands on. As the guard has it. */
export function isHandedOn(info: SignalInfo, first: SignalInfo): boolean {
  const { ppid } = process;
  // 0: a parent in another namespace, where all others are 0 as well.
  const oneFromParent = ppid !== 0 && (info.pid === ppid) !== (first.pid === ppid);
  return oneFromParent && info.signal === first.signal && info.time - first.time < handedOnMs;
}

/** Why hooks are given up at a second signal. */
export function secondSignalError({ signal, pid }: SignalInfo): Error {
  const from = pid === null ? '' : ` from process ${pid}`;
  return new DOMException(`${signal} came${from}, as a second signal`, 'AbortError');
}

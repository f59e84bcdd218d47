import { toGroup, toPid, toPositivePid } from '../base/arguments.js';
import { checkResult, SigkitError } from '../base/errors.js';
import { native } from '../base/native.js';
import { foreignProcError, isForeignProc } from '../base/own-proc.js';
import { toSignalOrProbe, toSignalValue } from './arguments.js';
import { describeSignal, nameOf, parseSignal, type Signal } from './names.js';

/**
 * Sends a signal to a process (kill(2)). `pid` 0 is the caller's group, -1 everybody that may be signalled, -n group n;
 * signal 0 only checks that it could be sent.
 * @throws ESRCH, EPERM, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function kill(pid: number, signal: Signal): void {
  checkResult('kill', native().kill(toPid(pid, 'pid'), toSignalOrProbe(signal, 'signal')));
}

/**
 * Sends a signal to every process of a group (killpg(3)); group 0 is the caller's.
 * @throws ESRCH, EPERM, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function killpg(pgid: number, signal: Signal): void {
  const group = toGroup(pgid, 'pgid');
  checkResult('killpg', native().kill(group === 0 ? 0 : -group, toSignalOrProbe(signal, 'signal')));
}

/**
 * Sends a signal to one thread, of this process or of another (tgkill(2)). A signal that is claimed in this process is
 * taken by the waiter thread whichever thread of it is named.
 * @throws ESRCH, EPERM, EAGAIN, ERR_SIGKIT_FOREIGN_PROC (a thread of another process), ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function tgkill(tid: number, signal: Signal): void {
  const result = native().tgkill(toPositivePid(tid, 'tid'), toSignalOrProbe(signal, 'signal'));
  if (isForeignProc(result)) throw foreignProcError();
  checkResult('tgkill', result);
}

/**
 * Sends a signal with a value (sigqueue(3)): an int32 as a number, or 64 bits as a bigint. Every one of a real-time signal
 * arrives, in order; standard ones merge while they are pending.
 * @throws EAGAIN (the receiver's queue is full: RLIMIT_SIGPENDING), ESRCH, EPERM, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function sigqueue(pid: number, signal: Signal, value: number | bigint): void {
  const target = toPositivePid(pid, 'pid');
  const number = toSignalOrProbe(signal, 'signal');
  const { low, high } = toSignalValue(value, 'value');
  checkResult('sigqueue', native().sigqueue(target, number, low, high));
}

/**
 * Ends the process at once by a signal, so that the parent sees WIFSIGNALED; 'exit' listeners do not run. Where a signal
 * cannot end it (PID 1 of a container), the exit status is 128 + the signal's number.
 * @throws ERR_SIGKIT_UNCLAIMABLE for a signal whose default action does not end a process
 */
export function exitBySignal(signal: Signal): never {
  const number = parseSignal(signal, 'signal');
  const { defaultAction } = describeSignal(number);
  if (defaultAction !== 'terminate' && defaultAction !== 'core') {
    throw new SigkitError(
      'ERR_SIGKIT_UNCLAIMABLE',
      `${nameOf(number)} does not end a process: its default action is to ${defaultAction}`,
    );
  }
  return native().exitBySignal(number);
}

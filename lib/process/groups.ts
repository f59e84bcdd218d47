import { maxPid, toBoolean, toDescriptor, toInteger } from '../base/arguments.js';
import { checkResult } from '../base/errors.js';
import { native } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { toSignalOrProbe } from '../signals/arguments.js';
import type { Signal } from '../signals/names.js';

/**
 * Puts a process into a group (setpgid(2)): this one (0) or a child that has not executed a program yet; `pgid` 0 makes a
 * group of its own.
 * @throws EACCES (the child has called execve), EPERM (a session's leader, another session), ESRCH, ERR_INVALID_ARG_TYPE,
 * ERR_OUT_OF_RANGE
 */
export function setpgid(pid: number, pgid: number): void {
  checkResult('setpgid', native().setpgid(toInteger(pid, 'pid', 0, maxPid), toInteger(pgid, 'pgid', 0, maxPid)));
}

/** The group of a process, by default of this one (getpgid(2)). @throws ESRCH, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function getpgid(pid: number = 0): number {
  const target = toInteger(pid, 'pid', 0, maxPid);
  requireNative('getpgid');
  return checkResult('getpgid', native().getpgid(target));
}

/** The group of this process (getpgrp(2)). */
export function getpgrp(): number {
  requireNative('getpgrp');
  return checkResult('getpgrp', native().getpgid(0));
}

/** Whether that is the group of this process, as far as it is known. */
export function isOwnGroup(pgid: number): boolean {
  return native().getpgid(0) === pgid;
}

/**
 * Makes this process the leader of a new session and group, without a terminal (setsid(2)).
 * @returns the session's id, which is the pid
 * @throws EPERM if it leads a group already, as a job of an interactive shell does
 */
export function setsid(): number {
  return checkResult('setsid', native().setsid());
}

/** The session of a process, by default of this one (getsid(2)). @throws ESRCH, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function getsid(pid: number = 0): number {
  return checkResult('getsid', native().getsid(toInteger(pid, 'pid', 0, maxPid)));
}

/**
 * The foreground group of a terminal (tcgetpgrp(3)).
 * @throws ENOTTY (not the controlling terminal), EBADF, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function tcgetpgrp(fd: number): number {
  return checkResult('tcgetpgrp', native().tcgetpgrp(toDescriptor(fd, 'fd')));
}

/**
 * Makes a group of this session the foreground group of the controlling terminal (tcsetpgrp(3)). A caller in the background
 * is not stopped by SIGTTOU.
 * @throws ENOTTY, EBADF, EPERM (a group of another session), ESRCH, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function tcsetpgrp(fd: number, pgid: number): void {
  checkResult('tcsetpgrp', native().tcsetpgrp(toDescriptor(fd, 'fd'), toInteger(pgid, 'pgid', 1, maxPid)));
}

/**
 * Whether descendants that lose their parent become children of this process (PR_SET_CHILD_SUBREAPER, prctl(2), kernel 3.4).
 * Somebody must then reap them: `reapOrphans()`.
 * @throws ERR_INVALID_ARG_TYPE
 */
export function setChildSubreaper(on: boolean = true): void {
  checkResult('prctl', native().setChildSubreaper(toBoolean(on, 'on', true)));
}

/** Whether it is one (PR_GET_CHILD_SUBREAPER). PID 1 of a namespace adopts orphans without being one. */
export function isChildSubreaper(): boolean {
  return checkResult('prctl', native().isChildSubreaper()) === 1;
}

/**
 * The signal that this process gets when the thread of its parent that started it ends (PR_SET_PDEATHSIG, prctl(2)); 0 for
 * none. A parent that has ended before sends nothing: compare `process.ppid` afterwards.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function setParentDeathSignal(sig: Signal): void {
  checkResult('prctl', native().setParentDeathSignal(toSignalOrProbe(sig, 'sig')));
}

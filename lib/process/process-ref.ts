import { systemError } from '../base/errors.js';
import { exchanged, native } from '../base/native.js';
import { unwatchExit, watchExit } from './exits.js';
import { isProcess, isRunning, type ProcessStat, readStat, zombieStatus } from './proc-stat.js';
import { decodeWaitStatus, exchangedState, type WaitResult } from './wait-status.js';

/** What a signal carries, in two halves; undefined for a plain one. */
export type SentValue = { readonly low: number; readonly high: number } | undefined;

/** One process and never another one that got its number later. Owners close it. */
export interface ProcessRef {
  readonly pid: number;
  /** When it started, if it could be read once the reference stood. */
  readonly startTime: number | undefined;
  /** 0 or a negative errno. */
  signal(number: number, value: SentValue): number;
  /** Calls back once it has exited: at once if it has. Reaping is up to others. */
  onExit(listener: () => void): void;
  /** How it exited, if the kernel tells us; it is not reaped. Never throws: those that it is told to wait for it. */
  exitResult(): WaitResult | null;
  close(): void;
}

const noSuchProcess = -3;
const notPermitted = -1;
const badDescriptor = -9;
const notImplemented = -38;
const pollMs = 50;

// A sandbox's filter answers EPERM; pidfd_open itself never does, and pidfd_send_signal where kill would as well.
function isRefused(errno: number): boolean {
  return errno === notImplemented || errno === notPermitted;
}

// What /proc does not show can be there all the same (hidepid, proc(5)).
function isGone(pid: number): boolean {
  return native().kill(pid, 0) === noSuchProcess;
}

/** @throws ESRCH, EMFILE and its like; without pidfds, ERR_SIGKIT_FOREIGN_PROC, and ENOSYS or EPERM of one that is hidden */
export function openRef(pid: number): ProcessRef {
  const opened = native().pidfdOpen(pid);
  if (opened >= 0) return new PidfdRef(pid, opened, statIfReadable(pid)?.startTime);
  if (!isRefused(opened)) throw systemError('pidfd_open', opened);
  const stat = readStat(pid);
  if (stat === null && !isGone(pid)) throw systemError('pidfd_open', opened);
  if (stat === null || !isProcess(pid)) throw systemError('pidfd_open', noSuchProcess);
  return new PolledRef(pid, stat.startTime);
}

/** Of a process that cannot have been reaped yet: a child of ours. */
export function refOfChild(pid: number, pidfd: number): ProcessRef {
  return pidfd >= 0 ? new PidfdRef(pid, pidfd, undefined) : new PolledRef(pid, statIfReadable(pid)?.startTime);
}

// For want of a descriptor, or of a /proc that is ours, nobody can tell.
function statIfReadable(pid: number): ProcessStat | null {
  try {
    return readStat(pid);
  } catch {
    return null;
  }
}

function resultFrom(pid: number, status: number | null): WaitResult | null {
  return status === null ? null : { pid, ...decodeWaitStatus(status), rusage: null };
}

class PidfdRef implements ProcessRef {
  readonly pid: number;
  readonly #pidfd: number;
  readonly startTime: number | undefined;
  #substitute: PolledRef | undefined;

  /** `startTime`: may be left out of a child that has not been reaped, whose number is its own. */
  constructor(pid: number, pidfd: number, startTime: number | undefined) {
    this.pid = pid;
    this.#pidfd = pidfd;
    this.startTime = startTime;
  }

  // For what a sandbox forbids, or when somebody has closed the descriptor.
  get #polled(): PolledRef {
    this.#substitute ??= new PolledRef(this.pid, this.startTime ?? readStat(this.pid)?.startTime ?? 0);
    return this.#substitute;
  }

  signal(number: number, value: SentValue): number {
    const sent =
      value === undefined
        ? native().pidfdSignal(this.#pidfd, number)
        : native().pidfdSignal(this.#pidfd, number, value.low, value.high);
    if (sent !== badDescriptor && !isRefused(sent)) return sent;
    const result = this.#polled.signal(number, value);
    return result === noSuchProcess && this.startTime === undefined && !isGone(this.pid) ? sent : result;
  }

  onExit(listener: () => void): void {
    watchExit(this.#pidfd, listener, () => this.#polled.onExit(listener));
  }

  exitResult(): WaitResult | null {
    const seen = native().pidfdPeekExit(this.#pidfd);
    if (seen > 0) return exchangedState(this.pid);
    if (seen === badDescriptor) return this.#polled.exitResult();
    // Once it is reaped, the pidfd knows; before, its number is still its own.
    const reaped = this.#reapedStatus();
    if (reaped !== null) return resultFrom(this.pid, reaped);
    const ofZombie = zombieStatus(statIfReadable(this.pid));
    return resultFrom(this.pid, this.#reapedStatus() ?? ofZombie);
  }

  #reapedStatus(): number | null {
    return native().pidfdStatus(this.#pidfd) >= 0 ? exchanged(0) : null;
  }

  close(): void {
    this.#substitute?.close();
    unwatchExit(this.#pidfd);
    native().pidfdClose(this.#pidfd);
  }
}

// Before kernel 5.3, or where a sandbox forbids pidfds: pid and start time name a process as well, but between the look
// and the signal there is a moment in which the number can change hands.
class PolledRef implements ProcessRef {
  readonly pid: number;
  /** Undefined of a child of ours where /proc is not: while it is our child, its number is its own. */
  readonly startTime: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(pid: number, startTime: number | undefined) {
    this.pid = pid;
    this.startTime = startTime;
  }

  signal(number: number, value: SentValue): number {
    if (!this.#isThere()) return noSuchProcess;
    if (value === undefined) return native().kill(this.pid, number);
    return native().sigqueue(this.pid, number, value.low, value.high);
  }

  onExit(listener: () => void): void {
    clearInterval(this.#timer);
    // What keeps the event loop going is decided elsewhere.
    this.#timer = setInterval(() => {
      if (this.#stillRuns()) return;
      clearInterval(this.#timer);
      listener();
    }, pollMs).unref();
  }

  #isThere(): boolean {
    if (this.startTime === undefined) return native().peekExit(this.pid) >= 0;
    return readStat(this.pid)?.startTime === this.startTime;
  }

  #stillRuns(): boolean {
    if (this.startTime === undefined) return native().peekExit(this.pid) === 0;
    try {
      const stat = readStat(this.pid);
      return isRunning(stat) && stat.startTime === this.startTime;
    } catch {
      // Nobody can tell for want of a descriptor: looked at again later.
      return true;
    }
  }

  exitResult(): WaitResult | null {
    const stat = statIfReadable(this.pid);
    if (stat?.startTime !== this.startTime) return null;
    if (native().peekExit(this.pid) > 0) return exchangedState(this.pid);
    return resultFrom(this.pid, zombieStatus(stat));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

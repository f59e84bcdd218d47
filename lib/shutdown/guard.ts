import { checkResult, SigkitError, systemError } from '../base/errors.js';
import { isMainThread, type Native, native } from '../base/native.js';
import type { GroupRef } from '../process/group-ref.js';
import type { SignalMask } from '../signals/signal-mask.js';
import { signalNumber } from '../signals/names.js';
import { claimError } from '../signals/stream.js';
import type { Forcing } from './course/second-signal.js';
import type { ShutdownResult } from './types.js';

/** What the guard is to keep. Everything has been checked. */
export interface GuardOptions {
  /** The first of these signals begins, if `begin()` has not; they must be claimed over the thread. */
  readonly mask: SignalMask;
  /** From the beginning to the end of the process. */
  readonly budgetMs: number;
  /** Which of these signals, after the first, end the process at once, with 128 + their number. */
  readonly forcing: Forcing;
}

/**
 * The promises of a shutdown that JavaScript may be unable to keep: a native thread ends the process at the deadline with code
 * 124, after a line on stderr and SIGKILL to the groups.
 */
export interface Guard {
  /** Once the signals are claimed: without it there is no deadline, and no force. */
  arm(): void;
  /** Begins by hand. A signal has begun natively, before JavaScript knows of it. */
  begin(): void;
  extend(byMs: number): void;
  /** What goes on, for the last line: the stage, and the hooks still running. */
  describe(text: string): void;
  /** Writes the line of the deadline, for one that comes before the guard's, and ends nothing. */
  tellDeadline(): void;
  /** How the process ends from now on, also when the guard ends it: what is done is done. */
  conclude(end: Pick<ShutdownResult, 'exitCode' | 'exitSignal'>): void;
  /** A process group that is to end with the process. @throws ENOSPC beyond 256 of them, EMFILE */
  addGroup(group: GroupRef): void;
  removeGroup(pgid: number): void;
  close(): void;
}

const busy = -16;
const noSpace = -28;
// native/hub/guarded_groups.h has the same number.
const maxGroups = 256;
// That of this environment. Of all of them, one at most ends the process: the addon knows.
let current: Guard | undefined;

/** @throws ERR_SIGKIT_MAIN_THREAD_ONLY, ERR_SIGKIT_SHUTDOWN_OPEN, or a SystemError if there can be no thread */
export function openGuard({ mask, budgetMs, forcing: { kernel, queue, others } }: GuardOptions): Guard {
  const addon = native();
  if (!isMainThread)
    throw new SigkitError(
      'ERR_SIGKIT_MAIN_THREAD_ONLY',
      "the end of a process belongs to its main thread: a Worker may have a shutdown with exit: 'none'",
    );
  refuseSecond();
  const sets = [kernel.low, kernel.high, queue.low, queue.high, others.low, others.high] as const;
  const result = addon.openGuard(mask.low, mask.high, budgetMs, ...sets);
  if (result === busy) throw openError('process');
  if (result < 0) throw claimError(result);
  return (current = new OpenedGuard(addon));
}

/** For a shutdown that ends no process: it keeps nothing. @throws ERR_SIGKIT_SHUTDOWN_OPEN */
export function openNoGuard(): Guard {
  refuseSecond();
  return (current = new NoGuard());
}

function refuseSecond(): void {
  if (current !== undefined) throw openError(isMainThread ? 'process' : 'Worker');
}

function openError(owner: string): SigkitError {
  return new SigkitError('ERR_SIGKIT_SHUTDOWN_OPEN', `this ${owner} has a shutdown already: close that first`);
}

// A guard that is closed twice does not close the next one.
function closed(guard: Guard): void {
  if (current === guard) current = undefined;
}

class NoGuard implements Guard {
  // It refuses what a guard does, or a test would not see it.
  readonly #groups = new Set<number>();

  arm(): void {}
  begin(): void {}
  extend(): void {}
  describe(): void {}
  tellDeadline(): void {}
  conclude(): void {}

  addGroup({ pgid }: GroupRef): void {
    if (this.#groups.size === maxGroups) throw systemError('addGroup', noSpace);
    this.#groups.add(pgid);
  }

  removeGroup(pgid: number): void {
    this.#groups.delete(pgid);
  }

  close(): void {
    closed(this);
  }
}

class OpenedGuard implements Guard {
  // Not there any more once it is closed: what comes later, such as a hook that goes on, must not reach the next one.
  #addon: Native | undefined;

  constructor(addon: Native) {
    this.#addon = addon;
  }

  arm(): void {
    this.#addon?.armGuard();
  }

  begin(): void {
    this.#addon?.beginGuard();
  }

  extend(byMs: number): void {
    this.#addon?.extendGuard(byMs);
  }

  describe(text: string): void {
    this.#addon?.describeGuard(text);
  }

  tellDeadline(): void {
    this.#addon?.tellGuardDeadline();
  }

  conclude({ exitCode, exitSignal }: Pick<ShutdownResult, 'exitCode' | 'exitSignal'>): void {
    this.#addon?.concludeGuard(exitCode ?? 0, exitSignal === null ? 0 : signalNumber(exitSignal));
  }

  addGroup({ pgid, witness: { pid, startTime, pidfd } }: GroupRef): void {
    checkResult('addGroup', this.#addon?.addGuardedGroup(pgid, pid, startTime, pidfd) ?? 0);
  }

  removeGroup(pgid: number): void {
    this.#addon?.removeGuardedGroup(pgid);
  }

  close(): void {
    this.#addon?.closeGuard();
    this.#addon = undefined;
    closed(this);
  }
}

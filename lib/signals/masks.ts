import { toChoice, toFunction } from '../base/arguments.js';
import { systemError } from '../base/errors.js';
import { native } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { foreignProcError, hasOwnProc } from '../base/own-proc.js';
import { type Signals, toSignalMask } from './arguments.js';
import { unblockable } from './claimable.js';
import { checkReport } from './mask-report.js';
import type { SignalName } from './names.js';
import { exchangedMask, hasSignal, maskOf, namesIn, type SignalMask, withoutSignals } from './signal-mask.js';

/** What a call does with the mask: add signals, take them out, or replace it (sigprocmask(2)). */
export type MaskHow = 'SIG_BLOCK' | 'SIG_UNBLOCK' | 'SIG_SETMASK';

/** A critical section: its signals are blocked until `unblock()`. */
export interface BlockedSection extends Disposable {
  /** Ends the section; what arrived meanwhile is delivered now. Ending twice is no error. */
  unblock(): void;
}

const hows: readonly MaskHow[] = ['SIG_BLOCK', 'SIG_UNBLOCK', 'SIG_SETMASK'];
const sigchld = 17;
let warnedOfSigchld = false;

// As libc does, signals that cannot or must not be blocked are left out without an error: KILL and STOP, libc's own, and, by
// the addon, the one by which sigkit reaches other threads.
function blockable(signals: unknown, argument: string): SignalMask {
  native();
  return withoutSignals(toSignalMask(signals, argument), unblockable);
}

function forWholeProcess(mask: SignalMask): SignalMask {
  if (!hasSignal(mask, sigchld)) return mask;
  if (!warnedOfSigchld) {
    warnedOfSigchld = true;
    process.emitWarning(
      'SIGCHLD is left out: blocked in the whole process, child_process would never see a child end.',
      'SigkitWarning',
    );
  }
  return withoutSignals(mask, maskOf([sigchld]));
}

/**
 * Changes the signal mask of every thread of the process, those that start meanwhile included (sigprocmask(2); the
 * report goes to the diagnostics channel `sigkit:masks`). SIGCHLD is left out, with a warning; other threads' own earlier
 * blocks survive an unblock. Streams get their signals regardless: see `blockSignals` to hold them back.
 * @returns the calling thread's mask before the call, without what claims block
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNREACHABLE_THREADS, ERR_SIGKIT_FOREIGN_PROC
 */
export function sigprocmask(how: MaskHow, signals: Signals): Set<SignalName> {
  const action = toChoice(how, 'how', hows);
  const mask = blockable(signals, 'signals');
  const { low, high } = how === 'SIG_UNBLOCK' ? mask : forWholeProcess(mask);
  const result = native().sigprocmask(action, low, high);
  if (result < 0) throw maskError(result);
  const previous = namesIn(exchangedMask());
  checkReport();
  return previous;
}

/**
 * Changes the signal mask of the calling thread only (pthread_sigmask(3)). What a claim or a section blocks stays blocked.
 * @returns the thread's mask before the call, without what claims block
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function pthreadSigmask(how: MaskHow, signals: Signals): Set<SignalName> {
  const action = toChoice(how, 'how', hows);
  const { low, high } = blockable(signals, 'signals');
  const result = native().pthreadSigmask(action, low, high);
  if (result < 0) throw systemError('pthread_sigmask', result);
  return namesIn(exchangedMask());
}

/** Signals that are blocked and wait, for the calling thread or for the process (sigpending(2)). */
export function sigpending(): Set<SignalName> {
  const result = native().sigpending();
  if (result < 0) throw systemError('sigpending', result);
  return namesIn(exchangedMask());
}

/**
 * Blocks signals in the whole process until the section ends, for streams too: they wait in the kernel. Sections nest.
 * A section that is never ended lasts as long as its thread's environment.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNREACHABLE_THREADS, ERR_SIGKIT_FOREIGN_PROC
 */
export function blockSignals(signals: Signals): BlockedSection {
  const section = openSection(forWholeProcess(blockable(signals, 'signals')), true);
  checkReport();
  return section;
}

// Without /proc, nobody knows the threads of the process.
function maskError(errno: number): Error {
  return hasOwnProc() ? systemError('sigprocmask', errno) : foreignProcError();
}

// `certain`: all threads, or none.
function openSection({ low, high }: SignalMask, certain: boolean): BlockedSection {
  const id = native().blockSection(low, high, certain);
  if (id < 0) throw maskError(id);
  let ended = false;
  const unblock = (): void => {
    if (ended) return;
    ended = true;
    native().endSection(id);
  };
  return { unblock, [Symbol.dispose]: unblock };
}

/** A section for a claim that `run` makes: behind that stands a handler, so a thread that cannot be reached is no error. */
export function withSignalsHeld<Result>(mask: SignalMask, run: () => Result): Result {
  const section = openSection(withoutSignals(mask, maskOf([sigchld])), false);
  try {
    return run();
  } finally {
    section.unblock();
  }
}

// Any object with a then method, as `await` sees it: promises of other realms and libraries too.
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * Runs a function with signals blocked in the whole process; if it returns a promise, until that has settled.
 * @throws what `blockSignals` and the function throw
 */
export function withSignalsBlocked<Result>(signals: Signals, run: () => Result): Result {
  toFunction(run, 'run');
  requireNative('withSignalsBlocked');
  const section = blockSignals(signals);
  let result: Result;
  try {
    result = run();
  } catch (error) {
    section.unblock();
    throw error;
  }
  if (isThenable(result)) return Promise.resolve(result).finally(() => section.unblock()) as Result;
  section.unblock();
  return result;
}

let openings = 0;

/**
 * Runs a function while claims block nothing in the calling thread, for other native code that forks in it, as node-pty does:
 * a mask is inherited, a handler is not. The claims hold: what this thread gets meanwhile is caught, and interrupts what it does. Of an
 * async function, that is its part up to the first await. What sections and `sigprocmask` block stays blocked.
 * @throws what the function throws
 */
export function withClaimsOpen<Result>(run: () => Result): Result {
  toFunction(run, 'run');
  if (openings === 0) {
    const result = native().openThread();
    if (result < 0) throw systemError('pthread_sigmask', result);
  }
  openings += 1;
  try {
    return run();
  } finally {
    openings -= 1;
    if (openings === 0) native().closeThread();
  }
}

import { toInteger } from '../base/arguments.js';
import { exchanged, exchangedDouble, requireAddon } from '../base/native.js';
import { lastSignal, nameOf, type SignalName } from '../signals/names.js';

/** How a process ended, or why its parent was told of it: what the macros of wait(2) make of a status. */
export interface WaitStatus {
  /** It ended by itself (WIFEXITED), with `exitCode`. */
  readonly exited: boolean;
  readonly exitCode: number | null;
  /** A signal ended it (WIFSIGNALED): `termSignal`. */
  readonly signaled: boolean;
  readonly termSignal: SignalName | null;
  /** It left a core dump (WCOREDUMP), or would have if it were allowed to. */
  readonly coreDumped: boolean;
  /** It is stopped (WIFSTOPPED), by `stopSignal`. */
  readonly stopped: boolean;
  readonly stopSignal: SignalName | null;
  /** It goes on after a stop (WIFCONTINUED). */
  readonly continued: boolean;
  /** The status as the kernel encodes it. */
  readonly raw: number;
}

/** What a process has used (getrusage(2)), in the units of Node's `process.resourceUsage()`. */
export interface ResourceUsage {
  /** Microseconds. */
  readonly userCPUTime: number;
  /** Microseconds. */
  readonly systemCPUTime: number;
  /** KiB. */
  readonly maxRSS: number;
  readonly minorPageFault: number;
  readonly majorPageFault: number;
  readonly fsRead: number;
  readonly fsWrite: number;
  readonly voluntaryContextSwitches: number;
  readonly involuntaryContextSwitches: number;
}

/** A change of state of one process. */
export interface WaitResult extends WaitStatus {
  readonly pid: number;
  /** Null where the kernel tells it to the parent only. */
  readonly rusage: ResourceUsage | null;
}

const stoppedMark = 0x7f;
const continuedStatus = 0xffff;
const coreFlag = 0x80;

function signalOrNull(number: number): SignalName | null {
  return number >= 1 && number <= lastSignal ? nameOf(number) : null;
}

/**
 * Takes a wait status apart, as WIFEXITED and its like do (wait(2)).
 * @param status as waitpid(2) of any language gives it
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function decodeWaitStatus(status: number): WaitStatus {
  requireAddon();
  const raw = toInteger(status, 'status', 0, 0x7fffffff);
  const low = raw & 0x7f;
  const high = (raw >> 8) & 0xff;
  const exited = low === 0;
  const signaled = low !== 0 && low !== stoppedMark;
  const stopped = (raw & 0xff) === stoppedMark;
  return {
    exited,
    exitCode: exited ? high : null,
    signaled,
    termSignal: signaled ? signalOrNull(low) : null,
    coreDumped: signaled && (raw & coreFlag) !== 0,
    stopped,
    // A tracer can have marked it (PTRACE_O_TRACESYSGOOD, ptrace(2)).
    stopSignal: stopped ? signalOrNull(high & ~coreFlag) : null,
    continued: raw === continuedStatus,
    raw,
  };
}

/** From numbers in the order in which native/addon/wait_bindings.cc puts them. */
export function usageFrom(numberAt: (index: number) => number): ResourceUsage {
  return {
    userCPUTime: numberAt(0),
    systemCPUTime: numberAt(1),
    maxRSS: numberAt(2),
    minorPageFault: numberAt(3),
    majorPageFault: numberAt(4),
    fsRead: numberAt(5),
    fsWrite: numberAt(6),
    voluntaryContextSwitches: numberAt(7),
    involuntaryContextSwitches: numberAt(8),
  };
}

/** The state that the last wait call has left in the exchange. */
export function exchangedState(pid: number): WaitResult & { readonly rusage: ResourceUsage } {
  return {
    pid,
    ...decodeWaitStatus(exchanged(0)),
    rusage: usageFrom((index) => exchangedDouble(index + 1)),
  };
}

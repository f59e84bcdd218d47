import { native, toPerformanceTime } from '../base/native.js';
import { nameOf, type SignalName } from './names.js';

/** Who sent a signal: `outside-pid-namespace` where the kernel knows of a sender but has no pid for it here. */
export type SignalOrigin = 'process' | 'kernel' | 'outside-pid-namespace' | 'unknown';

/** One signal, as sigwaitinfo(2) reported it. */
export interface SignalInfo {
  readonly signal: SignalName;
  readonly number: number;
  /** si_code by name: 'SI_USER', 'SI_QUEUE', 'SI_TKILL', 'SI_KERNEL', 'SI_TIMER', 'CLD_EXITED', ...; else its number. 'unknown' by the portable backend. */
  readonly code: string;
  readonly origin: SignalOrigin;
  /** The sender's process id (SIGCHLD: the child's); null where the kernel has none. */
  readonly pid: number | null;
  /** The sender's real user id (SIGCHLD: the child's); null where the kernel has none. */
  readonly uid: number | null;
  /** sival_int, where a value was sent. */
  readonly value?: number;
  /** All 64 bits of the value. */
  readonly value64?: bigint;
  /** SIGCHLD: the exit status or the signal (si_status). */
  readonly status?: number;
  /** SIGCHLD: user and system time of the child in clock ticks. */
  readonly utime?: number;
  readonly stime?: number;
  /** Timers: the kernel's id of the timer, and how often it fired besides (timer_getoverrun(2)). */
  readonly timerId?: number;
  readonly overrun?: number;
  /** SIGIO and what F_SETSIG made of it (fcntl(2)). */
  readonly fd?: number;
  readonly band?: number;
  /** When the native thread took it, or the loop (`transport`), in milliseconds on the scale of `performance.now()`. */
  readonly time: number;
  /** 1, and 1 more for each later signal that was merged into this one because the queue was full. */
  readonly count: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

// native/posix/signal_record.h has the same layout.
export const recordBytes = 64;

const generalCodes: ReadonlyMap<number, string> = new Map([
  [0, 'SI_USER'],
  [0x80, 'SI_KERNEL'],
  [-1, 'SI_QUEUE'],
  [-2, 'SI_TIMER'],
  [-3, 'SI_MESGQ'],
  [-4, 'SI_ASYNCIO'],
  [-5, 'SI_SIGIO'],
  [-6, 'SI_TKILL'],
  [-60, 'SI_ASYNCNL'],
]);
const childCodes = ['CLD_EXITED', 'CLD_KILLED', 'CLD_DUMPED', 'CLD_TRAPPED', 'CLD_STOPPED', 'CLD_CONTINUED'];
const pollCodes = ['POLL_IN', 'POLL_OUT', 'POLL_MSG', 'POLL_ERR', 'POLL_PRI', 'POLL_HUP'];
const sigchld = 17;
const siTimer = -2;
const siTkill = -6;
// Of the portable backend: lib/base/portable/exchange.ts has the same number.
const unknownCode = -0x7fffffff;

function isChildStatus(number: number, code: number): boolean {
  return number === sigchld && code >= 1 && code <= childCodes.length;
}

function isPoll(number: number, code: number): boolean {
  return number !== sigchld && code >= 1 && code <= pollCodes.length;
}

/** si_code by name, of that signal. */
export function codeName(number: number, code: number): string {
  const specific = isChildStatus(number, code) ? childCodes : isPoll(number, code) ? pollCodes : [];
  if (code === unknownCode) return 'unknown';
  return specific[code - 1] ?? generalCodes.get(code) ?? String(code);
}

let withoutPid: SignalOrigin | undefined;

/**
 * Learns who may be the sender of a signal without a pid: the kernel writes pid 0 for one that our namespace has no number
 * for, and when the queue had no room for a siginfo. Nothing is outside the first namespace. Done before any signal is read.
 */
export function learnNamespace(): void {
  withoutPid ??= native().inFirstPidNamespace() === 0 ? 'outside-pid-namespace' : 'unknown';
}

function originOf(number: number, code: number, pid: number): SignalOrigin {
  if (code > 0 && !isChildStatus(number, code)) return 'kernel';
  if (code === siTimer) return 'kernel';
  return pid !== 0 ? 'process' : (withoutPid ?? 'unknown');
}

/** Reads record `index` of a batch. Never throws: what cannot be read of one is left out, as the others must not be lost. */
export function readRecord(view: DataView, index: number): SignalInfo {
  const at = index * recordBytes;
  const info = readSender(view, at);
  try {
    addFields(info, view, at);
  } catch {
    // Somebody has changed what JavaScript itself offers.
  }
  return info;
}

function readSender(view: DataView, at: number): Mutable<SignalInfo> {
  const number = view.getInt32(at + 32, true);
  const code = view.getInt32(at + 36, true);
  const pid = view.getInt32(at + 40, true);
  const uid = view.getUint32(at + 44, true);
  return {
    signal: nameOf(number),
    number,
    code: codeName(number, code),
    origin: originOf(number, code, pid),
    pid: pid === 0 ? null : pid,
    uid: pid === 0 ? null : uid,
    time: toPerformanceTime(view.getFloat64(at, true)),
    count: view.getUint32(at + 56, true),
  };
}

function addFields(info: Mutable<SignalInfo>, view: DataView, at: number): void {
  const { number } = info;
  const code = view.getInt32(at + 36, true);
  if (code < 0 && code !== siTkill && code !== unknownCode) {
    info.value = view.getInt32(at + 8, true);
    info.value64 = view.getBigInt64(at + 8, true);
  }
  if (isChildStatus(number, code)) addChildFields(info, view, at);
  if (code === siTimer) {
    info.timerId = view.getInt32(at + 48, true);
    info.overrun = view.getInt32(at + 52, true);
  }
  if (isPoll(number, code)) {
    info.fd = view.getInt32(at + 48, true);
    info.band = Number(view.getBigInt64(at + 16, true));
  }
}

function addChildFields(info: Mutable<SignalInfo>, view: DataView, at: number): void {
  info.status = view.getInt32(at + 48, true);
  info.utime = Number(view.getBigInt64(at + 16, true));
  info.stime = Number(view.getBigInt64(at + 24, true));
}

import { toTimeoutMs } from '../base/arguments.js';
import { native, type StackRow } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { type OptionNames, readOptions } from '../base/options.js';
import { framesIn, type NativeFrame, nativeFramesIn, type StackFrame, textOf } from './frames.js';
import { inSource } from './source-maps.js';

/** What a thread of JavaScript does. */
export type ThreadState = 'running' | 'idle' | 'native' | 'unreachable';

/** A thread of JavaScript: the main one, or a Worker. */
export interface ThreadStack {
  /** `'main'`; the name of a Worker (Node 22.20, 24.6), else `'Worker 3'`. */
  readonly name: string;
  /** As `worker_threads.threadId`; 0 is the main thread. */
  readonly threadId: number;
  /** As gettid(2). */
  readonly tid: number;
  /**
   * - `running`: in JavaScript, or in what of V8 looks for interrupts: a regular expression, `Atomics.wait`, a sort. It has `frames`.
   * - `idle`: its event loop waits for something to happen.
   * - `native`: in native code that has not looked in time: a system call, cryptography, `JSON.parse`.
   * - `unreachable`: this runtime tells no stacks.
   */
  readonly state: ThreadState;
  /** For how many milliseconds its event loop has not had its turn; 0 if it is idle. */
  readonly blockedMs: number;
  /** The innermost first. None near the limit of the heap, as printing them allocates, nor of a stack of more than 128 KiB. Of more than 200, the first 150 and the last 50. */
  readonly frames: readonly StackFrame[];
  /** How many have been left out between these. */
  readonly framesOmitted: number;
  /** Of a `native` one: the system call in which it sleeps, null if it computes, or where /proc does not tell. */
  readonly syscall: string | null;
  /** Of a `native` one: what it waits for in the kernel, as /proc/PID/wchan names it (proc(5)). */
  readonly waitsIn: string | null;
  /** Of a `native` one: the calls it is in, up to that from JavaScript or as far as can be told, the innermost first. */
  readonly nativeFrames: readonly NativeFrame[];
}

export interface CaptureOptions {
  /** How long to wait for threads that do not answer, in milliseconds; 100 if not given. */
  readonly timeoutMs?: number;
}

const optionNames: OptionNames<CaptureOptions> = { timeoutMs: true };
const usualTimeoutMs = 100;
// A day, for who waits without end: the clock of the other side ends.
const longestMs = 86_400_000;
// In the order of native/hub/javascript_threads.h.
const states = ['running', 'idle', 'native', 'unreachable'] as const;

/** What the addon tells of a thread. */
export function stackOf([
  threadId,
  name,
  tid,
  activity,
  blockedMs,
  frames,
  call,
  callName,
  place,
  ...nativeFrames
]: StackRow): ThreadStack {
  const state = states[activity] ?? 'unreachable';
  const printed = framesIn(frames);
  const isNative = state === 'native';
  return {
    name: threadId === 0 ? 'main' : name,
    threadId,
    tid,
    state,
    blockedMs,
    frames: printed.frames.map((frame) => inSource(frame)),
    framesOmitted: printed.framesOmitted,
    syscall: isNative && call >= 0 ? (textOf(callName) ?? `syscall ${call}`) : null,
    waitsIn: isNative ? textOf(place) : null,
    nativeFrames: nativeFramesIn(nativeFrames),
  };
}

/**
 * The stacks of all threads of this process that run JavaScript and have loaded sigkit, the calling one included, whether or not their
 * event loops have a turn. Blocks the calling thread until all have answered, which takes a millisecond, or for `timeoutMs`.
 * V8 answers: v8::Isolate::RequestInterrupt, which Node 20 to 26 export.
 * @throws ERR_SIGKIT_UNSUPPORTED, ERR_SIGKIT_UNKNOWN_OPTION, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function captureStacks(options?: CaptureOptions): readonly ThreadStack[] {
  const { timeoutMs = usualTimeoutMs } = readOptions(options, optionNames);
  const limitMs = toTimeoutMs(timeoutMs, 'options.timeoutMs');
  requireNative('captureStacks');
  return native()
    .captureStacks(Math.min(limitMs, longestMs))
    .map((row) => stackOf(row))
    .sort((one, other) => one.threadId - other.threadId);
}

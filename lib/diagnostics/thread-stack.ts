import type { NativeFrame, StackFrame } from './frames.js';

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

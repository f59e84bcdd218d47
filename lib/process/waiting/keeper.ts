import type { ProcessRef } from '../process-ref.js';
import type { WaitResult } from '../wait-status.js';

/** Where stops and continuations of a child are told. */
export interface Changes {
  /** The next one, null if there is none now. */
  takeChange(): WaitResult | null;
  onChange(listener: () => void): void;
  offChange(listener: () => void): void;
}

/** Who knows what becomes of a child: for one of our own the kernel, for one that is contained its supervisor. */
export interface Keeper extends Changes {
  readonly pid: number;
  readonly ref: ProcessRef;
  /** Before all else. `collect` takes it for whoever asks for it. */
  adopt(collect: () => WaitResult | null): void;
  /** Calls back when it may have ended. @throws where nobody would learn of that; it has been killed then */
  onEnd(listener: () => void): void;
  /** Whether it has exited, reaped or not. */
  hasExited(): boolean;
  /** Takes how it has ended: null if it has not yet, an error if nobody knows, or if it never executed its program. */
  take(): WaitResult | Error | null;
  /** Once it has ended. */
  release(): void;
  /** Ends it with all that it has started, where nothing of that outlives it, by that signal and then by SIGKILL; its end is told then. */
  endAll?(sig: number, graceMs: number, ref: boolean): void;
}

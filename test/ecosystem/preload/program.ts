export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** What a program finds in its global scope, with sigkit and without. */
export interface Program {
  /** Claims them, or listens for them. */
  stopSignals(...names: readonly StopSignal[]): {
    /** The next that comes. */
    next(): Promise<string | undefined>;
    /** The default action is back. */
    close(): void;
  };
  /** Runs what has native code fork in this thread: its children start without what is claimed being blocked. */
  forks<Result>(start: () => Result): Result;
}

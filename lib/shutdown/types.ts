import type { Signals } from '../signals/arguments.js';
import type { SignalName } from '../signals/names.js';
import type { SignalInfo } from '../signals/signal-info.js';
import type { Notifier } from '../systemd/notify.js';

/** How far a shutdown is. `forced` is an end like `exited`, but before its time: as `forced` of its result. */
export type ShutdownState = 'running' | 'draining' | 'stopping' | 'exited' | 'forced';

/** What a hook is told. */
export interface HookContext {
  /** Aborts at the hook's time-out, the stage's, or when the time is over that the budget leaves its stage. */
  readonly signal: AbortSignal;
  /** The signal that began the shutdown, with its sender; null if it began by hand. */
  readonly info: SignalInfo | null;
  /** What `shutdown(reason)` was given; else the name of the signal. */
  readonly reason: unknown;
  readonly stage: string;
  /** How those hooks have ended that have ended by now. */
  readonly results: readonly HookResult[];
  /** Of what is shortest: the hook's time-out, the stage's, what the budget leaves its stage. */
  readonly remainingMs: () => number;
  /** Moves all of these by so much, and the native deadline. */
  readonly extend: (ms: number) => void;
}

/** What is done to stop one thing. A promise is awaited. */
export type Hook = (context: HookContext) => unknown;

/** What takes part in several stages: a hook for each. */
export type Participant = Readonly<Record<string, Hook>>;

export interface HookOptions {
  /** @default 'release' */
  readonly stage?: string | undefined;
  /** Names of hooks that this one needs until it has ended: it stops before them. @default none */
  readonly dependsOn?: string | readonly string[] | undefined;
  /** After how many milliseconds it is given up. @default no limit */
  readonly timeoutMs?: number | undefined;
  /** Whether it is part of the plan that it is given up, or not begun, when its time is over: the exit status does not become 1. @default false */
  readonly expected?: boolean | undefined;
}

export interface StageOptions {
  /** After how many milliseconds its hooks are given up. @default no limit */
  readonly timeoutMs?: number | undefined;
  /** What comes after that: the next stage, or the end; a function gets the names of the hooks that still run. @default 'continue' */
  readonly onTimeout?: 'continue' | 'abort' | ((running: readonly string[]) => 'continue' | 'abort') | undefined;
  /** Whether independent hooks run side by side; else one after the other, the last registered first. @default true */
  readonly parallel?: boolean | undefined;
  /** As `expected` of all its hooks. @default false */
  readonly expected?: boolean | undefined;
  /** The stage that a new one follows. @default the one before 'flush' */
  readonly after?: string | undefined;
}

/** How one hook ended. */
export interface HookResult {
  readonly name: string;
  readonly stage: string;
  readonly outcome: 'done' | 'failed' | 'timed-out' | 'skipped';
  readonly durationMs: number;
  /** What it has thrown, or why it was given up. */
  readonly error?: unknown;
  /** Not there unless its time was over, and that was planned (`expected` of the hook or its stage). */
  readonly expected?: true;
}

/** How a shutdown ended. */
export interface ShutdownResult {
  readonly reason: unknown;
  readonly info: SignalInfo | null;
  /** Whether hooks were given up or never begun because of a stage's `'abort'`, the budget, or a second signal. */
  readonly forced: boolean;
  readonly durationMs: number;
  /** In the order in which they ended. */
  readonly hooks: readonly HookResult[];
  /** Where servers that no adapter ends still listened or answered when draining was over. Empty with `exit: 'none'`. */
  readonly listening: readonly string[];
  /** With what the process exits; null if a signal ends it, or nothing does (`exit: 'none'`). */
  readonly exitCode: number | null;
  /** The signal that ends the process, or null. */
  readonly exitSignal: SignalName | null;
}

/** One change of state. */
export interface Transition {
  readonly from: ShutdownState;
  readonly to: ShutdownState;
  /** On the scale of `performance.now()`. */
  readonly time: number;
  /** The stage that begins with it, or was under way when the shutdown was forced. */
  readonly stage: string | null;
}

export interface ShutdownOptions {
  /** What begins the shutdown. @default ['SIGTERM', 'SIGINT']: none in a Worker */
  readonly sigs?: Signals | undefined;
  /** From the first signal to the end of the process, kept by a native thread. @default 25000 */
  readonly budgetMs?: number | undefined;
  /** How much of the budget is kept for what follows a stage that hangs; 0 for nothing. @default a tenth of the budget, at least a second, at most a quarter */
  readonly reserveMs?: number | undefined;
  /** How long to go on serving while it is known that the process is draining. @default 0 */
  readonly drainDelayMs?: number | undefined;
  /**
   * Which second signal ends the process at once: by default Ctrl-C, Ctrl-\ and what is sent by sigqueue(3), not a plain kill,
   * which wrappers and orchestrators repeat; any but the process's own kill; or none. @default 'force'
   */
  readonly second?: 'force' | 'any' | 'ignore' | undefined;
  /**
   * What becomes of the listeners that others have added by process.on for these signals, and which do not hear them: a warning
   * names them; a hook `process.on` of the first stage runs those of the signal that began it, and awaits what they return; or
   * nothing. @default 'warn'
   */
  readonly listeners?: 'warn' | 'hook' | 'ignore' | undefined;
  /**
   * How the process ends: by the signal that began the shutdown, with 0, with a number, or not at all, the only way
   * in a Worker. @default 'signal'
   */
  readonly exit?: 'signal' | 'zero' | 'none' | number | undefined;
  /** Has the manager told of it, as `notifyAbout` does. */
  readonly notifier?: Notifier | undefined;
  /** Gets the result after the last stage, and is awaited, within the budget, before the process ends. If it fails, a warning says so. */
  readonly report?: ((result: ShutdownResult) => unknown) | undefined;
}

/** The shutdown of this process. Made by `createShutdown()`. */
export interface Shutdown extends AsyncDisposable {
  /** Configures a stage, where options that are not given stay, or inserts a new one. @throws ERR_SIGKIT_SHUTTING_DOWN once it has begun */
  stage(name: string, options?: StageOptions): this;
  /** Adds a hook, or what takes part in several stages: then without `options.stage`. @throws ERR_SIGKIT_SHUTTING_DOWN once its stage has begun */
  add(name: string, hook: Hook | Participant, options?: HookOptions): this;
  /** Whether there was one. A hook that runs already is still awaited. */
  remove(name: string): boolean;
  /** Begins by hand; `done`, at every call. Rejects with ERR_SIGKIT_CLOSED if it has been closed. */
  shutdown(reason?: unknown): Promise<ShutdownResult>;
  readonly state: ShutdownState;
  /** Never rejects; never settles if it has been closed. */
  readonly done: Promise<ShutdownResult>;
  /** Changes of state from now on; done after `exited`, `forced` or `close()`. */
  transitions(): AsyncIterableIterator<Transition>;
  /** A process group that gets SIGKILL before a forced end. @throws ENOSPC beyond 256 of them, ERR_SIGKIT_CLOSED */
  addGroup(pgid: number): void;
  /** No longer, by whichever hook it has been registered as well: its number may become another's. */
  removeGroup(pgid: number): void;
  /** Undoes everything, unless the shutdown has begun: then it does nothing. */
  close(): void;
}

import { requireAddonFile, requireFile } from './addon-file.js';
import { SigkitError } from './errors.js';
import { escapeLine } from './escape.js';
import { loadFailure, loadPortable } from './on-demand.js';
import type { Portable } from './portable/index.js';

/**
 * The addon's functions for one environment. Signal sets travel as two 32-bit halves, bit n-1 for signal n. Results are
 * 0 or more, or a negative errno; what does not fit into a number is in `exchange`, valid until the next call.
 */
export interface Native {
  readonly exchange: ArrayBuffer;
  readonly batch: ArrayBuffer;

  sigprocmask(how: number, low: number, high: number): number;
  pthreadSigmask(how: number, low: number, high: number): number;
  /** Claims block nothing in the calling thread, until the second. */
  openThread(): number;
  closeThread(): number;
  sigpending(): number;
  /** `certain`: of all threads, or it fails. */
  blockSection(low: number, high: number, certain: boolean): number;
  endSection(id: number): number;

  claim(
    low: number,
    high: number,
    capacity: number,
    overflow: number,
    exclusive: boolean,
    byLoop: boolean,
    once: boolean,
  ): number;
  /** Its number, 0 if there is nothing to claim. What comes is held for the next claim, but no longer than that. */
  claimEarly(low: number, high: number, patienceMs: number): number;
  giveBackEarly(low: number, high: number): number;
  close(id: number): number;
  free(id: number): number;
  /** How many records are in `batch`; -1 if nothing more will come. */
  take(id: number, limit: number, wait: boolean): number;
  state(id: number): number;
  drain(): number;
  /** How many words of the exchange are ids of streams with news, or, up to 64, signals for process.on listeners. */
  takeReady(): number;
  setHandingOn(low: number, high: number): number;
  /** How many others watch the signal on this loop by libuv, Node for process.on among them. */
  findWatchers(signal: number): number;
  /** Has the one of that index, as they were found, called as by libuv, and throws what that throws. */
  tellWatcher(signal: number, index: number): void;
  wakeLater(): number;
  keepAlive(on: boolean): number;

  ignore(low: number, high: number): number;
  reset(low: number, high: number): number;
  disposition(signal: number): number;
  /** Three sets in the exchange: what claims cover, and what of that the process would ignore or handle without them. */
  coveredActions(): number;
  /** Sets them to SIG_IGN as if the process had been started so. */
  startIgnored(low: number, high: number): number;

  kill(pid: number, signal: number): number;
  tgkill(tid: number, signal: number): number;
  sigqueue(pid: number, signal: number, low: number, high: number): number;
  exitBySignal(signal: number): never;
  /** Has the exit that is under way end in a death by this signal. */
  exitBySignalAtLast(signal: number): number;
  /** Of a terminal that has hung up, stdin, stdout and stderr become /dev/null. */
  leaveLostTerminals(): number;
  gettid(): number;

  setpgid(pid: number, pgid: number): number;
  getpgid(pid: number): number;
  setsid(): number;
  getsid(pid: number): number;
  /** Whom SIGCONT is sent if this environment ends. */
  setStopped(pids: Int32Array): number;
  tcgetpgrp(fd: number): number;
  tcsetpgrp(fd: number, pgid: number): number;
  setChildSubreaper(on: boolean): number;
  isChildSubreaper(): number;
  setParentDeathSignal(signal: number): number;
  /** 0 if /proc speaks of this process's pid namespace, else a negative errno: -EXDEV if of another one. */
  checkOwnProc(): number;
  /** 1, 0, or a negative errno. */
  inFirstPidNamespace(): number;
  /**
   * The name of its program, then state, parent, group, session, threads, start, exit and owner are in the exchange; or a negative
   * errno.
   */
  readStat(pid: number): string | number;
  /** Of each that is shown its pid, and what `readStat` has. That /proc is ours has just been seen. */
  readStats(pids: Int32Array): Rows | number;

  /** These five: a pid, 0 if there is nothing to tell, or a negative errno; status and usage are in the exchange. */
  wait(pid: number, untraced: boolean, continued: boolean): number;
  stateChange(pid: number, stopped: boolean, continued: boolean): number;
  peekExit(pid: number): number;
  pidfdPeekExit(pidfd: number): number;
  pidfdStatus(pidfd: number): number;
  /** Those of the main thread's children that wait to be reaped, but `known` ones, or a negative errno. */
  zombies(known: Int32Array): Int32Array | number;
  /**
   * Reaps those of these that are the same still. `noted`: the pid of each, in the order of `zombies`, and its start time, or 0 if
   * that of a later one will do.
   */
  takeOrphans(noted: Float64Array): Rows | number;
  /** CLOCK_BOOTTIME. */
  bootTimeMs(): number;
  watchChildren(on: boolean): number;

  /**
   * To a group and to no other one that has its number by now. `witness`: its leader or a member, with its start time, 0 if
   * that is unknown, and its pidfd, or -1. -ESRCH: it is empty; -ESTALE: nobody can tell.
   */
  signalGroup(pgid: number, witness: number, startTime: number, pidfd: number, signal: number): number;

  /** Pidfds go by ids of ours; what takes one answers -EBADF where somebody has closed it. */
  pidfdOpen(pid: number): number;
  /** Makes room for so many at once, which is quicker. */
  expectPidfds(count: number): number;
  pidfdSignal(pidfd: number, signal: number, low?: number, high?: number): number;
  pidfdClose(pidfd: number): number;
  watchExit(pidfd: number): number;
  /** How many words of the exchange are pidfds; with the highest bit set, somebody has closed that one. */
  takeExited(): number;

  /** One in a process: -EBUSY if there is one. Times are in milliseconds. */
  /** The last three pairs are sets, too: which of the signals force the end, sent by the kernel, by sigqueue and by others. */
  openGuard(
    low: number,
    high: number,
    budgetMs: number,
    kernelLow: number,
    kernelHigh: number,
    queueLow: number,
    queueHigh: number,
    othersLow: number,
    othersHigh: number,
  ): number;
  closeGuard(): number;
  armGuard(): number;
  beginGuard(): number;
  extendGuard(byMs: number): number;
  describeGuard(text: string): number;
  /** Writes the line of the deadline to stderr, if the guard has begun. */
  tellGuardDeadline(): number;
  /** How the process ends from now on, by the guard as well: by the signal, or if that is 0 with the code. */
  concludeGuard(code: number, signal: number): number;
  /** The group as for `signalGroup`. */
  addGuardedGroup(pgid: number, witness: number, startTime: number, pidfd: number): number;
  removeGuardedGroup(pgid: number): number;

  /** What the next four take, or a negative errno. `pid` is 0 for this process. */
  openNotifySocket(address: string, pid: number): object | number;
  closeNotifySocket(socket: object): number;
  notify(socket: object, message: string, descriptors: Int32Array): number;
  /** The end of a pipe, lent until `settle`, or a negative errno. */
  notifyBarrier(socket: object): number;
  /** One in a process: -EBUSY if there is one. `triggerAfterMs` may be Infinity. */
  openWatchdog(socket: object, intervalMs: number, triggerAfterMs: number): number;
  closeWatchdog(): number;

  /** Sets close-on-exec; family, type and whether it listens are in the exchange, 0 of what is no socket. */
  takeInherited(fd: number): number;
  /** Has a listening TCP socket ignore who asks for a connection, until the descriptor that it returns is closed. */
  ignoreConnections(listener: number): number;
  closeIgnoringListener(descriptor: number): number;

  /** [pid, pidfd, our ends of pipes...], or a negative errno, then the exchange has the step that failed. */
  spawn(
    files: string,
    argv: string,
    env: string,
    cwd: string | undefined,
    stdio: Float64Array,
    groups: Float64Array | undefined,
    numbers: Float64Array,
    settings: Float64Array,
  ): Int32Array | number;
  /** Comes back only when it fails. */
  execve(file: string, argv: string, low: number, high: number): number;
  /** The soft limit that this process was started with, for its children. */
  setOpenFiles(soft: number): number;
  /** Our end of a new pseudo terminal, which is to be settled. */
  openTerminal(): number;
  resizeTerminal(fd: number, columns: number, rows: number): number;
  /** Columns and rows are in the exchange. */
  terminalSize(fd: number): number;
  setTerminalRaw(fd: number, raw: boolean): number;
  /** The key that means end of file; 0: there is none. */
  endOfFileKey(fd: number): number;
  settle(fd: number): number;
  /** How many bytes can be read from it at once, or a negative errno. */
  unread(fd: number): number;
  /** Blocks: 1 once something can be read or nobody writes any more, 0 after that time, or a negative errno. */
  awaitReadable(fd: number, ms: number): number;
  /** Of a child that has exited: 0, or why it has never executed its program, as a negative errno, with the step in the exchange. */
  birthError(pid: number): number;
  /** A row for each thread of JavaScript. */
  captureStacks(timeoutMs: number): readonly StackRow[];
  /** One in a process: -EBUSY if there is one. native/addon/diagnostic_bindings.cc says what these are. */
  openDiagnostics(
    actions: Uint32Array,
    allowed: Uint32Array,
    minIntervalMs: number,
    folder: number,
    directory: string,
    maxBytes: number,
    maxFiles: number,
    about: string,
  ): number;
  closeDiagnostics(): number;
  /** Their signals are in `batch`; in the exchange after how many milliseconds to look again, 0 if that is not needed. */
  takeDiagnosticRequests(): readonly DiagnosticRow[];
  finishDiagnosticRequest(id: number, text: string, file: string, error: string): number;
  /** lib/diagnostics/dump/state.ts. */
  tellState(): readonly number[];
  /** Those that sigkit has open for itself. */
  ownDescriptors(): readonly number[];
  /** Its number, or a negative errno. `file` is empty if nothing is to be appended to one. */
  openStallListener(thresholdMs: number, minIntervalMs: number, says: boolean, file: string): number;
  closeStallListener(id: number): number;
  /** A row for each. */
  takeStalls(id: number): readonly StallRow[];
  forgetChild(pid: number): number;
  /** The addon reaps it. */
  abandonChild(pid: number): number;
}

/** native/addon/stack_bindings.cc: a call of -1 is none, of -2 that the thread runs; of a native frame three. */
export type StackRow = readonly [
  threadId: number,
  name: string,
  tid: number,
  activity: number,
  blockedMs: number,
  frames: string,
  call: number,
  callName: string,
  place: string,
  ...nativeFrames: readonly (string | number)[],
];

/** Each name ends by a NUL. */
export type Rows = readonly [names: string, numbers: Float64Array];

export type DiagnosticRow = readonly [
  id: number,
  action: number,
  seconds: number,
  merged: number,
  name: string,
  command: string,
];

/** native/addon/stall_bindings.cc: `gcMs` of -1 is unknown. */
export type StallRow = readonly [
  threadId: number,
  name: string,
  tid: number,
  startedAt: number,
  lengthMs: number,
  cpuMs: number,
  gcMs: number,
  ended: number,
  omitted: number,
  stacks: readonly StackRow[],
];

/** What the hub wakes JavaScript for; native/addon/environment.h has the same numbers. */
export const wakeups = { signals: 0, exits: 1, children: 2, stalls: 3 } as const;

interface Addon {
  readonly abi: number;
  /** The path of the copy that was loaded first, empty if that is this one. */
  readonly owner: string;
  readonly realtimeMin: number;
  readonly isMainThread: boolean;
  /** As os.release() has it. */
  readonly kernelRelease: string;
  /** Of the portable backend. */
  readonly portable?: Portable;
  /** Of a Worker, for whoever asks for its stack. */
  nameThread?(threadId: number, name: string): void;
  attach(onWake: (why: number, ready: number) => void): Native | undefined;
}

// What this file expects of the addon; native/addon/owner.cc has the same number.
const expectedAbi = 19;

type Loaded = { readonly addon: Addon } | { readonly error: SigkitError };

// Where the addon cannot work. With Node on Linux nothing but the variable falls back: what is broken there is to be mended.
function needsPortable(): boolean {
  return process.platform !== 'linux' || 'bun' in process.versions || 'deno' in process.versions;
}

function loadAddon(): Loaded {
  const chosen = process.env['SIGKIT_BACKEND'] ?? '';
  if (!['', 'native', 'portable'].includes(chosen)) {
    const message = `SIGKIT_BACKEND may be 'native' or 'portable', not '${escapeLine(chosen)}'`;
    return { error: new SigkitError('ERR_SIGKIT_UNSUPPORTED', message) };
  }
  if (chosen === 'portable' || (chosen === '' && needsPortable()))
    return { addon: loadPortable().makePortableAddon(chosen === 'portable') };
  if (needsPortable()) {
    const message = `the native backend needs Node on Linux, and SIGKIT_BACKEND forbids another one; this is ${loadFailure().whereThisIs()}`;
    return { error: new SigkitError('ERR_SIGKIT_UNSUPPORTED_PLATFORM', message) };
  }
  try {
    return ownerOf(requireAddonFile(expectedAbi) as Addon);
  } catch (error) {
    if (error instanceof SigkitError) return { error };
    return {
      error: new SigkitError('ERR_SIGKIT_NOT_LOADED', 'the addon cannot be loaded: see the cause', { cause: error }),
    };
  }
}

// Two copies of the addon must not both own the masks of one process: the later one uses the earlier one's.
function ownerOf(own: Addon): Loaded {
  if (own.owner === '') return { addon: own };
  if (own.abi !== expectedAbi) {
    return {
      error: new SigkitError(
        'ERR_SIGKIT_SECOND_COPY',
        `another version of sigkit (${own.owner}) already owns the signals of this process: let both depend on one version`,
      ),
    };
  }
  return { addon: requireFile(own.owner) as Addon };
}

function nameWorker(addon: Addon): void {
  const worker = process.getBuiltinModule('node:worker_threads');
  // Node 22.20 and 24.6; without a name from 24 on that of them all.
  const name = 'threadName' in worker && typeof worker.threadName === 'string' ? worker.threadName : '';
  addon.nameThread?.(worker.threadId, ['', 'WorkerThread'].includes(name) ? `Worker ${worker.threadId}` : name);
}

const loaded = loadAddon();
if ('addon' in loaded && !loaded.addon.isMainThread) nameWorker(loaded.addon);

/** What the portable backend says of itself, where that works. */
export const portable: Portable | undefined = 'addon' in loaded ? loaded.addon.portable : undefined;

/** The first real-time signal that libc leaves to programs: 34 with glibc, 35 with musl. */
export const realtimeMin: number = 'addon' in loaded ? loaded.addon.realtimeMin : 34;

/** As `node:worker_threads` has it, which is not loaded for that alone. */
export const isMainThread: boolean = 'addon' in loaded && loaded.addon.isMainThread;

/** As `node:os` has it, which is not loaded for that alone either. */
export const kernelRelease: string =
  'addon' in loaded ? loaded.addon.kernelRelease : process.getBuiltinModule('node:os').release();

/** Why the addon is not there, or undefined. */
export const loadError: SigkitError | undefined = 'error' in loaded ? loaded.error : undefined;

/** For calls that need no addon, but mean nothing where there is none. @throws ERR_SIGKIT_UNSUPPORTED_PLATFORM and its like */
export function requireAddon(): void {
  if (loadError !== undefined) throw loadError.again();
}

// hrtime is CLOCK_MONOTONIC, on which the waiter stamps; performance.now() is the same clock from another zero. The quickest of
// a few looks is the best: the first one loads what it needs.
function measureClockOffset(): number {
  let shortest = Infinity;
  let offset = 0;
  for (let look = 0; look < 5; look += 1) {
    const before = performance.now();
    const monotonicMs = Number(process.hrtime.bigint()) / 1e6;
    const took = performance.now() - before;
    if (took < shortest) {
      shortest = took;
      offset = monotonicMs - before - took / 2;
    }
  }
  return offset;
}

let clockOffset: number | undefined;

/** Measures what `toPerformanceTime` needs: for the first time that takes a millisecond, for which no signal shall wait. */
export function startClock(): void {
  clockOffset ??= measureClockOffset();
}

/** Turns CLOCK_MONOTONIC milliseconds into this environment's `performance.now()`. */
export function toPerformanceTime(monotonicMs: number): number {
  clockOffset ??= measureClockOffset();
  return monotonicMs - clockOffset;
}

let attached: Native | undefined;
let words = new Uint32Array(0);
let doubles = new Float64Array(0);
let records = new DataView(new ArrayBuffer(0));
const wakeHandlers: ((ready: number) => void)[] = [];

/**
 * Calls with each, whatever that throws for another one: several share one wake-up, and who misses it may never get another.
 * What is thrown becomes an uncaught exception.
 */
export function callEach<Item>(items: Iterable<Item>, call: (item: Item) => void): void {
  for (const item of items) {
    try {
      call(item);
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
  }
}

/** Sets what runs when the hub has something of that kind for this environment; `ready`: as the result of `takeReady`. */
export function setWakeHandler(why: number, handler: (ready: number) => void): void {
  wakeHandlers[why] = handler;
}

/** This environment's functions, made at the first use. @throws ERR_SIGKIT_UNSUPPORTED_PLATFORM and its like */
export function native(): Native {
  if (attached !== undefined) return attached;
  if ('error' in loaded) throw loaded.error.again();
  attached = loaded.addon.attach((why, ready) => wakeHandlers[why]?.(ready));
  if (attached === undefined) throw new SigkitError('ERR_SIGKIT_CLOSED', 'this environment is being torn down');
  words = new Uint32Array(attached.exchange);
  doubles = new Float64Array(attached.exchange);
  records = new DataView(attached.batch);
  return attached;
}

/** A word of the exchange, as the last call left it. */
export function exchanged(index: number): number {
  return words[index] ?? 0;
}

/** What the last `take` has taken. */
export function takenRecords(): DataView {
  return records;
}

/** As `exchanged`, for eight bytes that are one double. */
export function exchangedDouble(index: number): number {
  return doubles[index] ?? 0;
}

import { fs } from '../base/builtins.js';
import { isGone, systemError } from '../base/errors.js';
import { exchangedDouble, native } from '../base/native.js';
import { foreignProcError, isForeignProc, requireOwnProc } from '../base/own-proc.js';

/** One process as /proc/PID/stat shows it (proc(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly comm: string;
  /** Of its first thread: R, S, D, T (stopped), t (traced), Z (ended), X. */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  /** How many it has, one that has ended included if it is the first. */
  readonly threads: number;
  /** In clock ticks since boot: with the pid it names a process for good. */
  readonly startTime: number;
  /** As wait(2) encodes it, once it is a zombie; 0 where its owner alone may see it. */
  readonly exitStatus: number;
  /** The user whose zombie it is; -1 of what is none. */
  readonly owner: number;
}

// Doubles of the exchange, in the order in which native/addon/process_bindings.cc puts them there.
const place = { state: 0, ppid: 1, pgrp: 2, session: 3, threads: 4, startTime: 5, exitStatus: 6, owner: 7 } as const;
// ENOENT and ESRCH; with hidepid=1, EPERM of another user's, which is listed all the same.
const unseen: readonly number[] = [-2, -3, -1];

/** Names a process for good. */
export function keyOf({ pid, startTime }: ProcessStat): string {
  return `${pid}:${startTime}`;
}

/** Null when there is no such process, or /proc hides it. @throws ERR_SIGKIT_FOREIGN_PROC, EMFILE and its like */
export function readStat(pid: number): ProcessStat | null {
  const comm = native().readStat(pid);
  if (typeof comm !== 'number') return statFrom(pid, comm, exchangedDouble);
  if (unseen.includes(comm)) return null;
  if (isForeignProc(comm)) throw foreignProcError();
  throw systemError('open', comm, `/proc/${pid}/stat`);
}

function statFrom(pid: number, comm: string, numberAt: (index: number) => number): ProcessStat {
  return {
    pid,
    comm,
    state: String.fromCharCode(numberAt(place.state)),
    ppid: numberAt(place.ppid),
    pgrp: numberAt(place.pgrp),
    session: numberAt(place.session),
    threads: numberAt(place.threads),
    startTime: numberAt(place.startTime),
    exitStatus: numberAt(place.exitStatus),
    owner: numberAt(place.owner),
  };
}

// The pid, and those.
const numbersOfEach = 9;

/** Every process that /proc shows. @throws ERR_SIGKIT_FOREIGN_PROC, EMFILE and its like */
export function readAllStats(): ProcessStat[] {
  requireOwnProc();
  const pids = fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const rows = native().readStats(Int32Array.from(pids));
  if (typeof rows === 'number') throw systemError('open', rows, '/proc');
  const [names, numbers] = rows;
  const comms = names.split('\0').slice(0, -1);
  return comms.map((comm, index) => {
    const first = index * numbersOfEach;
    return statFrom(numbers[first] ?? 0, comm, (at) => numbers[first + 1 + at] ?? 0);
  });
}

/** Whether it still runs: neither gone nor a zombie. Its first thread can end before the others (pthread_exit(3)). */
export function isRunning(stat: ProcessStat | null): stat is ProcessStat {
  return stat !== null && ((stat.state !== 'Z' && stat.state !== 'X') || stat.threads > 1);
}

/**
 * Whether it is stopped, or held by a tracer. Once one thread is, the others cannot fork any more: they have been told, and
 * fork(2) starts anew when a signal waits.
 */
export function isStopped(stat: ProcessStat): boolean {
  if (stat.state !== 'Z') return stops.has(stat.state);
  return stat.threads > 1 && tasksOf(stat.pid).some((tid) => stops.has(readStat(tid)?.state ?? ''));
}

const stops: ReadonlySet<string> = new Set(['T', 't']);

function tasksOf(pid: number): number[] {
  try {
    return fs.readdirSync(`/proc/${pid}/task`).map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** The wait status of a zombie, or null if it is none or may not be seen: that needs the rights of a debugger (proc(5)). */
export function zombieStatus(stat: ProcessStat | null): number | null {
  if (stat?.state !== 'Z' || stat.threads > 1) return null;
  if (stat.exitStatus !== 0 || process.geteuid?.() === 0) return stat.exitStatus;
  return stat.owner === process.geteuid?.() ? stat.exitStatus : null;
}

function idsIn(path: string): number[] {
  try {
    return fs.readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The children of one thread of this process, zombies included. @throws ERR_SIGKIT_FOREIGN_PROC */
export function childrenOfThread(tid: number): number[] {
  requireOwnProc();
  return idsIn(`/proc/self/task/${tid}/children`);
}

/** The thread of this process in whose list a child stands, or null. @throws ERR_SIGKIT_FOREIGN_PROC */
export function threadOfChild(pid: number): number | null {
  requireOwnProc();
  const tids = fs.readdirSync('/proc/self/task').map(Number);
  return tids.find((tid) => childrenOfThread(tid).includes(pid)) ?? null;
}

// What the kernel calls USER_HZ is 100 on every machine that sigkit knows.
export const msPerTick = 10;

/** Now, on the scale of `startTime`. */
export function bootTicks(): number {
  return native().bootTimeMs() / msPerTick;
}

/** Whether this is the id of a process, and not of one of its other threads, which /proc has too. @throws ERR_SIGKIT_FOREIGN_PROC */
export function isProcess(pid: number): boolean {
  requireOwnProc();
  return fs.readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nTgid:\t${pid}\n`);
}

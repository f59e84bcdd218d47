import { fs } from '../base/builtins.js';
import { systemError } from '../base/errors.js';
import { exchangedDouble, native } from '../base/native.js';
import { foreignProcError, isForeignProc, requireOwnProc } from '../base/own-proc.js';

/** One process as /proc/PID/stat shows it (proc(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly comm: string;
  /** R, S, D, T (stopped), t (traced), Z (zombie), X. */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  /** In clock ticks since boot: with the pid it names a process for good. */
  readonly startTime: number;
  /** As wait(2) encodes it, once it is a zombie; 0 where its owner alone may see it. */
  readonly exitStatus: number;
  /** The user whose zombie it is; -1 of what is none. */
  readonly owner: number;
}

// Doubles of the exchange, in the order in which native/addon/process_bindings.cc puts them there.
const place = { state: 0, ppid: 1, pgrp: 2, session: 3, startTime: 4, exitStatus: 5, owner: 6 } as const;
const gone: readonly number[] = [-2, -3];

/** Null when there is no such process, or /proc hides it. @throws ERR_SIGKIT_FOREIGN_PROC, EMFILE and its like */
export function readStat(pid: number): ProcessStat | null {
  return read(pid, false);
}

function read(pid: number, checked: boolean): ProcessStat | null {
  const comm = native().readStat(pid, checked);
  if (typeof comm === 'number') {
    // ENOENT and ESRCH.
    if (gone.includes(comm)) return null;
    if (isForeignProc(comm)) throw foreignProcError();
    throw systemError('open', comm, `/proc/${pid}/stat`);
  }
  return {
    pid,
    comm,
    state: String.fromCharCode(exchangedDouble(place.state)),
    ppid: exchangedDouble(place.ppid),
    pgrp: exchangedDouble(place.pgrp),
    session: exchangedDouble(place.session),
    startTime: exchangedDouble(place.startTime),
    exitStatus: exchangedDouble(place.exitStatus),
    owner: exchangedDouble(place.owner),
  };
}

/** Every process that /proc shows. @throws ERR_SIGKIT_FOREIGN_PROC, EMFILE and its like */
export function readAllStats(): ProcessStat[] {
  requireOwnProc();
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => read(Number(name), true))
    .filter((stat) => stat !== null);
}

/** Whether it still runs: neither gone nor a zombie. */
export function isRunning(stat: ProcessStat | null): stat is ProcessStat {
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X';
}

/** The wait status of a zombie, or null if it is none or may not be seen: that needs the rights of a debugger (proc(5)). */
export function zombieStatus(stat: ProcessStat | null): number | null {
  if (stat?.state !== 'Z') return null;
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

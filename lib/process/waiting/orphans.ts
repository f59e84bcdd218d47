import { systemError } from '../../base/errors.js';
import { isMainThread, loadError, native } from '../../base/native.js';
import { foreignProcError, hasOwnProc, isForeignProc } from '../../base/own-proc.js';
import { childrenOfThread, readStat } from '../proc-stat.js';
import { exchangedState, type ResourceUsage, type WaitStatus } from '../wait-status.js';
import { nodeChildren } from './node-children.js';

/** An orphan that has been reaped. */
export interface ReapedOrphan {
  readonly pid: number;
  readonly status: WaitStatus;
  readonly rusage: ResourceUsage;
  /** The name of its program, at most 15 bytes (proc(5)). */
  readonly comm: string;
  /** Its process group, by which it is known whose job it was; null if that is of another pid namespace. */
  readonly processGroup: number | null;
  /** Its session, as the group. */
  readonly session: number | null;
}

/** A zombie in the main thread's list of children that nobody has been seen to own. */
export interface Candidate {
  readonly pid: number;
  readonly comm: string;
  readonly startTime: number;
  readonly pgrp: number;
  readonly session: number;
}

// Adopted orphans stand in the list of the main thread, and so do main's own children of `child_process` and of other
// addons; those of Workers and of our spawn stand elsewhere.

/**
 * Every zombie in that list.
 * @throws ERR_SIGKIT_FOREIGN_PROC, ENOENT (a kernel without CONFIG_PROC_CHILDREN), EMFILE and its like
 */
export function listZombies(): Int32Array {
  const zombies = native().zombies();
  if (typeof zombies !== 'number') return zombies;
  if (isForeignProc(zombies)) throw foreignProcError();
  throw systemError('open', zombies, `/proc/self/task/${process.pid}/children`);
}

/** The candidates among them, but `known` ones. */
export function candidatesAmong(zombies: Int32Array, known: ReadonlyMap<number, unknown>): Candidate[] {
  const owned = nodeChildren();
  const fresh = [...zombies].filter((pid) => !known.has(pid) && !owned.has(pid));
  return fresh.flatMap((pid) => {
    const stat = readStat(pid);
    if (stat === null) return [];
    const { comm, startTime, pgrp, session } = stat;
    return [{ pid, comm, startTime, pgrp, session }];
  });
}

/** Reaps it, unless it has turned out to be somebody's: reaped by its owner, its number perhaps in use again. */
export function reapCandidate(candidate: Candidate, owned: ReadonlySet<number>): ReapedOrphan | null {
  const { pid, startTime, comm, pgrp, session } = candidate;
  if (owned.has(pid) || readStat(pid)?.startTime !== startTime) return null;
  if (native().wait(pid, false, false) <= 0) return null;
  const { pid: reaped, rusage, ...status } = exchangedState(pid);
  return { pid: reaped, status, rusage, comm, processGroup: pgrp || null, session: session || null };
}

/** Calls back once the event loop has had two full turns, in which libuv collects what is its own. */
export function afterTwoTurns(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}

// Children that stood there before there was a registry. An import must not fail, with no addon either.
const early = new Map(
  (isMainThread && loadError === undefined && hasOwnProc() ? childrenOfThread(process.pid) : []).map((pid) => [
    pid,
    readStat(pid)?.startTime,
  ]),
);

/** Whether orphans become children of this process. */
export function adoptsOrphans(): boolean {
  return process.pid === 1 || native().isChildSubreaper() === 1;
}

/** Those that are adopted now, running or not: none, if this process adopts nobody. @throws ERR_SIGKIT_FOREIGN_PROC */
export function adoptedNow(): number[] {
  if (!isMainThread || !adoptsOrphans()) return [];
  const owned = nodeChildren();
  return childrenOfThread(process.pid).filter(
    (pid) => !owned.has(pid) && (!early.has(pid) || early.get(pid) !== readStat(pid)?.startTime),
  );
}

import { systemError } from '../../base/errors.js';
import { isMainThread, loadError, native } from '../../base/native.js';
import { foreignProcError, hasOwnProc, isForeignProc } from '../../base/own-proc.js';
import { childrenOfThread, readStat } from '../proc-stat.js';
import { decodeWaitStatus, type ResourceUsage, usageFrom, type WaitStatus } from '../wait-status.js';
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
  /** 0 of one that is known by a later one of the list. */
  readonly startTime: number;
}

// Adopted orphans stand in the list of the main thread, and so do main's own children of `child_process` and of other
// addons; those of Workers and of our spawn stand elsewhere.

// The kernel adds to the end of the list: who stood before one that is still the same, and does, is the same as well.
const markEvery = 16;

function listed<T>(result: T | number): T {
  if (typeof result !== 'number') return result;
  if (isForeignProc(result)) throw foreignProcError();
  throw systemError('open', result, `/proc/self/task/${process.pid}/children`);
}

/**
 * Every zombie in that list but `known` ones, in its order.
 * @throws ERR_SIGKIT_FOREIGN_PROC, ENOENT (a kernel without CONFIG_PROC_CHILDREN), EMFILE and its like
 */
export function listZombies(known: ReadonlySet<number>): Int32Array {
  return listed(native().zombies(Int32Array.from(known)));
}

/** Those that nobody is known to own, in the same order. */
export function candidatesAmong(zombies: Int32Array): Candidate[] {
  const owned = nodeChildren();
  const fresh = [...zombies].filter((pid) => !owned.has(pid));
  return fresh.map((pid, index) => ({
    pid,
    startTime: (fresh.length - 1 - index) % markEvery === 0 ? (readStat(pid)?.startTime ?? 0) : 0,
  }));
}

const numbersOfEach = 13;

/**
 * Reaps those that have not turned out to be somebody's: reaped by their owner, their number perhaps in use again.
 * @throws as `listZombies`
 */
export function reapCandidates(candidates: readonly Candidate[]): ReapedOrphan[] {
  const owned = nodeChildren();
  const noted = candidates.filter(({ pid }) => !owned.has(pid)).flatMap(({ pid, startTime }) => [pid, startTime]);
  const [names, numbers] = listed(native().takeOrphans(Float64Array.from(noted)));
  const taken = names.split('\0').slice(0, -1);
  return taken.map((comm, index) => orphanFrom(comm, numbers, index * numbersOfEach));
}

function orphanFrom(comm: string, numbers: Float64Array, first: number): ReapedOrphan {
  const numberAt = (index: number): number => numbers[first + index] ?? 0;
  return {
    pid: numberAt(0),
    status: decodeWaitStatus(numberAt(3)),
    rusage: usageFrom((index) => numberAt(index + 4)),
    comm,
    processGroup: numberAt(1) || null,
    session: numberAt(2) || null,
  };
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

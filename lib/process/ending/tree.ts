import { toPositivePid } from '../../base/arguments.js';
import { systemError } from '../../base/errors.js';
import { native } from '../../base/native.js';
import { requireNative } from '../../base/native-only.js';
import { hiddenStat } from '../hidden.js';
import { type ProcessStat, readAllStats, readStat } from '../proc-stat.js';

const noSuchProcess = -3;

function checkedPid(pid: number, syscall: 'children' | 'descendants'): number {
  const target = toPositivePid(pid, 'pid');
  native();
  requireNative(syscall);
  if (readStat(target) === null && hiddenStat(target) === null) throw systemError(syscall, noSuchProcess);
  return target;
}

/** Those that descend from `pid`, itself left out, parents before their children. */
export function descendantsIn(stats: readonly ProcessStat[], pid: number): ProcessStat[] {
  return descendantsOfAll(stats, [pid]);
}

/** The same of several; one of them that descends from another one is not left out. */
export function descendantsOfAll(stats: readonly ProcessStat[], pids: readonly number[]): ProcessStat[] {
  const byParent = groupByParent(stats);
  const found = new Set<ProcessStat>();
  for (let next = pids; next.length > 0;) {
    const born = next.flatMap((parent) => byParent.get(parent) ?? []).filter((stat) => !found.has(stat));
    for (const stat of born) found.add(stat);
    next = born.map((stat) => stat.pid);
  }
  return [...found];
}

function groupByParent(stats: readonly ProcessStat[]): Map<number, ProcessStat[]> {
  const byParent = new Map<number, ProcessStat[]>();
  for (const stat of stats) {
    const siblings = byParent.get(stat.ppid);
    if (siblings === undefined) byParent.set(stat.ppid, [stat]);
    else siblings.push(stat);
  }
  return byParent;
}

/**
 * The pids of a process's children, by default of this one's, zombies included, from /proc (proc(5)).
 * @throws ESRCH, ERR_SIGKIT_FOREIGN_PROC, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function children(pid: number = process.pid): number[] {
  const parent = checkedPid(pid, 'children');
  return readAllStats()
    .filter(({ ppid }) => ppid === parent)
    .map((stat) => stat.pid);
}

/**
 * The pids of all that descends from a process, by default from this one, parents before their children. One whose parent
 * has ended is a child of whoever adopted it.
 * @throws ESRCH, ERR_SIGKIT_FOREIGN_PROC, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function descendants(pid: number = process.pid): number[] {
  const root = checkedPid(pid, 'descendants');
  return descendantsIn(readAllStats(), root).map((stat) => stat.pid);
}

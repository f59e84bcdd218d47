import { fs } from '../base/builtins.js';
import { native } from '../base/native.js';
import { type ProcessStat, readStat } from './proc-stat.js';

const noSuchProcess = -3;

/** The start time of one that /proc does not show. */
export const unknownStart = -1;

/** Whether this /proc is mounted so that it hides other users' processes, and those that are not dumpable (proc(5)). */
export function procHides(): boolean {
  const mount = fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .findLast((line) => line.split(' ')[4] === '/proc');
  const option = /\bhidepid=(\w+)/.exec(mount ?? '')?.[1] ?? '0';
  return option !== '0' && option !== 'off';
}

/** What is known of one that /proc does not show; null if there is no such process. */
export function hiddenStat(pid: number, ppid: number = unknownStart): ProcessStat | null {
  if (native().kill(pid, 0) === noSuchProcess) return null;
  const [pgrp, session] = [native().getpgid(pid), native().getsid(pid)];
  if (pgrp < 0 || session < 0) return null;
  return {
    pid,
    ppid,
    pgrp,
    session,
    comm: '',
    state: '?',
    threads: 1,
    startTime: unknownStart,
    exitStatus: 0,
    owner: -1,
  };
}

/** As `hiddenStat`, of one that /proc really does not show. */
export function hiddenOnly(pid: number): ProcessStat | undefined {
  return readStat(pid) === null ? (hiddenStat(pid) ?? undefined) : undefined;
}

// The kernel names them to whoever sees the parent, by CONFIG_PROC_CHILDREN.
function childrenOf(pid: number): number[] {
  try {
    return fs.readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
      const text = fs.readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8');
      return text.split(' ').filter(Boolean).map(Number);
    });
  } catch {
    return [];
  }
}

/** The children of these that are not among those that /proc shows. */
export function hiddenChildren(parents: readonly ProcessStat[], shown: readonly ProcessStat[]): ProcessStat[] {
  const pids = new Set(shown.map(({ pid }) => pid));
  return parents
    .flatMap((parent) => childrenOf(parent.pid).map((pid) => ({ pid, ppid: parent.pid })))
    .filter(({ pid }) => !pids.has(pid))
    .map(({ pid, ppid }) => hiddenStat(pid, ppid))
    .filter((stat) => stat !== null);
}

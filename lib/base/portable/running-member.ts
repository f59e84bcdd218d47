import { fs } from '../builtins.js';

// Past the name of its program, which may have anything in it.
const stat = /^\d+ \(.*\) (?<state>\S) \d+ (?<group>\d+) /s;

function isRunningIn(pgid: number, pid: string): boolean {
  try {
    const { state, group } = stat.exec(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))?.groups ?? {};
    return Number(group) === pgid && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

function look(pgid: number): boolean {
  return fs.readdirSync('/proc').some((name) => /^\d+$/.test(name) && isRunningIn(pgid, name));
}

/**
 * Whether more than zombies is left of a group, which a kernel like Linux counts as its members, and a PID 1 may never reap. Where
 * nobody can tell, there is.
 */
export function hasRunningMember(pgid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    // One that forks and exits meanwhile can hide both.
    return look(pgid) || look(pgid);
  } catch {
    return true;
  }
}

import { descendantsIn } from '../../process/ending/tree.js';
import { hiddenChildren, procHides, unknownStart } from '../../process/hidden.js';
import { bootTicks, isRunning, msPerTick, type ProcessStat, readAllStats, readStat } from '../../process/proc-stat.js';
import { type ProcessState, stateOf } from './state.js';

/** A process below another one, and those below it. */
export interface ProcessNode {
  readonly pid: number;
  /** Of its program (proc_pid_comm(5)), of at most 15 bytes; empty where /proc hides it. */
  readonly name: string;
  /** Null where /proc hides it. */
  readonly state: ProcessState | null;
  /** For how many milliseconds it exists, to 10 ms; null where /proc hides it. */
  readonly ageMs: number | null;
  /** In order of their pids. */
  readonly children: readonly ProcessNode[];
}

interface Branch extends ProcessNode {
  readonly children: ProcessNode[];
}

export const ageOf = (startTime: number): number | null =>
  startTime === unknownStart ? null : Math.max(0, Math.round((bootTicks() - startTime) * msPerTick));

function branchOf(stat: ProcessStat): Branch {
  const { pid, comm, startTime } = stat;
  const state = stat.state === 'Z' && isRunning(stat) ? 'R' : stat.state;
  return { pid, name: comm, state: stateOf(state), ageMs: ageOf(startTime), children: [] };
}

// A process whose parent ends meanwhile stands below who adopts it.
function below(pid: number): readonly ProcessStat[] {
  const shown = readAllStats();
  if (!procHides()) return descendantsIn(shown, pid);
  const root = readStat(pid);
  const seen = descendantsIn(shown, pid);
  const parents = root === null ? seen : [root, ...seen];
  return descendantsIn([...shown, ...hiddenChildren(parents, shown)], pid);
}

/** All that descends from a process, as a tree. */
export function childrenOf(pid: number): readonly ProcessNode[] {
  const branches = new Map<number, Branch>();
  const top: ProcessNode[] = [];
  // Parents come before their children.
  for (const stat of below(pid)) {
    const branch = branchOf(stat);
    branches.set(stat.pid, branch);
    (branches.get(stat.ppid)?.children ?? top).push(branch);
  }
  return top;
}

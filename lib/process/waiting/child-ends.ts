import { bootTicks } from '../proc-stat.js';

interface End {
  readonly pid: number;
  readonly ticks: number;
}

// The latest two of different children are enough to answer for "all but this one".
let latest: End = { pid: 0, ticks: 0 };
let before: End = latest;

/** Remembers that a direct child of this process has ended now. */
export function noteEnd(pid: number): void {
  if (pid !== latest.pid) before = latest;
  latest = { pid, ticks: bootTicks() };
}

/** When the last direct child but this one ended, in clock ticks since boot; 0 if none has. */
export function lastEndExcept(pid: number): number {
  return latest.pid === pid ? before.ticks : latest.ticks;
}

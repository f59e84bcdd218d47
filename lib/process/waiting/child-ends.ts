import { bootTicks, msPerTick } from '../proc-stat.js';

interface End {
  readonly pid: number;
  /** On the scale of `performance.now()`, which needs no addon: it is noted of every child, asked for of few. */
  readonly time: number;
}

// The latest two of different children are enough to answer for "all but this one".
let latest: End = { pid: 0, time: -Infinity };
let before: End = latest;

/** Remembers that a direct child of this process has ended now. */
export function noteEnd(pid: number): void {
  if (pid !== latest.pid) before = latest;
  latest = { pid, time: performance.now() };
}

/** When the last direct child but this one ended, in clock ticks since boot; -Infinity if none has. After a suspension, too late. */
export function lastEndExcept(pid: number): number {
  const { time } = latest.pid === pid ? before : latest;
  const agoMs = performance.now() - time;
  return bootTicks() - agoMs / msPerTick;
}

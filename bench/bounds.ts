import type { Table } from './report/model.js';
import { find, medianOf, ratioOf } from './report/statistics.js';

/** What a figure of the quick form must not exceed. */
export interface Bound {
  readonly table: string;
  readonly contender: string;
  readonly column: string;
  /** The contender that the ratio is to; without one, `atMost` is in the column's unit. */
  readonly to?: string;
  readonly atMost: number;
}

/** Several times what is usual, so that a noisy machine does not break them, and a real slow-down does. */
export const bounds: readonly Bound[] = [
  { table: 'latency-idle', contender: 'sigkit thread', column: 'p50', to: 'process.on', atMost: 12 },
  { table: 'latency-idle', contender: 'sigkit loop', column: 'p50', to: 'process.on', atMost: 8 },
  { table: 'latency-pool', contender: 'sigkit thread', column: 'p50', to: 'process.on', atMost: 12 },
  { table: 'latency-garbage', contender: 'sigkit thread', column: 'p50', to: 'process.on', atMost: 12 },
  { table: 'throughput-queue', contender: 'sigkit thread', column: 'wall', to: 'C sigwaitinfo', atMost: 5 },
  { table: 'throughput-queue', contender: 'sigkit thread', column: 'CPU for each', to: 'C sigwaitinfo', atMost: 7 },
  // What process.on loses is a count of thousands: one signal of ours is far below this, the loss of a batch is not.
  { table: 'blocked-loop', contender: 'sigkit thread', column: 'lost', to: 'process.on', atMost: 0.05 },
  // Ten times as many streams take ten times as long, and a hundred times if each of them looks at all others.
  {
    table: 'fan-out-streams',
    contender: 'sigkit thread, 1,000 streams',
    column: 'p50',
    to: 'sigkit thread, 100 streams',
    atMost: 60,
  },
  {
    table: 'fan-out-workers',
    contender: 'sigkit thread, 16 Workers',
    column: 'p50',
    to: 'sigkit thread, 1 Worker',
    atMost: 130,
  },
  {
    table: 'masks-thread',
    contender: 'sigkit pthreadSigmask',
    column: 'per call',
    to: 'Node-API no-op + rt_sigprocmask',
    atMost: 30,
  },
  {
    table: 'masks-process',
    contender: 'sigkit sigprocmask, 11 threads',
    column: 'per call',
    to: 'C rt_sigprocmask',
    atMost: 8000,
  },
  {
    table: 'masks-process',
    contender: 'sigkit sigprocmask, 200 threads',
    column: 'per thread',
    to: 'sigkit sigprocmask, 11 threads',
    atMost: 5,
  },
  // Where nothing forces, the end is a minute away.
  {
    table: 'shutdown',
    contender: 'sigkit, while (true)',
    column: 'after a second signal',
    to: 'SIGKILL',
    atMost: 2000,
  },
  { table: 'import', contender: "import 'sigkit'", column: 'import', to: 'bare node', atMost: 100 },
  { table: 'import', contender: "import 'sigkit'", column: 'its memory', to: 'bare node', atMost: 50 },
  { table: 'spawn', contender: 'sigkit spawn', column: 'one by one', to: 'child_process.spawn', atMost: 3 },
  {
    table: 'spawn',
    contender: 'sigkit spawn under a supervisor',
    column: 'one by one',
    to: 'child_process.spawn',
    atMost: 4,
  },
  { table: 'spawn-heap', contender: 'sigkit spawn', column: 'one by one', to: 'child_process.spawn', atMost: 2 },
  { table: 'spawn-output', contender: 'sigkit spawn', column: 'CPU', to: 'child_process.spawn', atMost: 3 },
  // The goal is 1 to execFile; the rest is for the noise of short runs.
  { table: 'run', contender: 'sigkit run', column: 'one by one', to: 'child_process.execFile', atMost: 1.5 },
  { table: 'run', contender: 'sigkit run', column: '1 MiB', to: 'child_process.execFile', atMost: 1.5 },
  { table: 'run', contender: 'sigkit run', column: 'own CPU', to: 'child_process.execFile', atMost: 1.5 },
  { table: 'run-pipeline', contender: 'sigkit pipeline', column: 'wall', to: 'sh', atMost: 2 },
  { table: 'tree', contender: 'sigkit terminateTree', column: '100 processes', to: 'tree-kill', atMost: 0.5 },
  // A tenth of a millisecond of tini's own moves it: 8 to 13 is usual.
  { table: 'reaping', contender: 'Node, reapOrphans()', column: '4,000: CPU of each', to: 'tini', atMost: 20 },
  { table: 'tree', contender: 'sigkit terminateTree', column: '100 processes', to: 'killpg + wait in C', atMost: 14 },
  { table: 'init', contender: 'sigkit-init', column: 'start-up', to: 'tini', atMost: 5 },
  { table: 'init-memory', contender: 'sigkit-init', column: 'resident', to: 'tini', atMost: 2 },
  { table: 'init-memory', contender: 'sigkit-init', column: 'private dirty', to: 'tini', atMost: 2 },
  // One of the start's in a round of 300 ms; a thread that polls has more in each.
  { table: 'idle', contender: 'sigkit diagnostics', column: 'wake-ups', atMost: 4 },
  // Others that want the processors move processor time by several percent. What the diagnostics do to requests shows in the calls,
  // which are counted.
  {
    table: 'diagnostics-server',
    contender: 'sigkit open',
    column: 'CPU per request',
    to: 'sigkit closed',
    atMost: 1.15,
  },
  { table: 'diagnostics-busy', contender: 'sigkit open', column: 'CPU per turn', to: 'sigkit closed', atMost: 1.05 },
  { table: 'diagnostics-calls', contender: 'sigkit open', column: 'system calls', to: 'bare node', atMost: 1.01 },
  // Of captures that wait for their time-out it is 100. Others that want the processors make the slowest do so, which have no frame then:
  // of the 1,000 a few.
  { table: 'diagnostics-capture', contender: 'sigkit captureStacks', column: 'p50', atMost: 50 },
  { table: 'diagnostics-capture', contender: 'sigkit captureStacks', column: 'without', atMost: 50 },
];

export interface Broken {
  readonly bound: Bound;
  /** A ratio, or in the column's unit. */
  readonly value: number;
}

/** The bounds of these tables that do not hold. One of a contender that could not run here holds. */
export function brokenBounds(tables: readonly Table[], from: readonly Bound[] = bounds): Broken[] {
  return from.flatMap((bound) => {
    const table = tables.find(({ id }) => id === bound.table);
    if (table === undefined) return [];
    const own = find(table, bound.contender);
    const other = bound.to === undefined ? undefined : find(table, bound.to);
    if (own === undefined || (bound.to !== undefined && other === undefined)) return [];
    const value = other === undefined ? medianOf(own, bound.column) : ratioOf(own, other, bound.column);
    return value <= bound.atMost ? [] : [{ bound, value }];
  });
}

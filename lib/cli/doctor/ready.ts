import { setTimeout as delay } from 'node:timers/promises';

import { textOf } from '../../diagnostics/inspect/readable.js';
import { type App, members } from './app.js';
import type { Options } from './options.js';
import { type Listener, listenersOf } from './tcp.js';

// To look costs a millisecond.
const lookMs = 20;
const calmMs = 50;
// Until one start has shown whether there will be a port.
const quietMs = { first: 1000, later: 300 } as const;

interface Look {
  readonly pids: readonly number[];
  readonly state: string;
}

// What changes while it does something: who there is, their processor time and what was written. Null while somebody runs.
function look(app: App): Look | null {
  const now = members();
  if (now.some(({ state }) => state === 'R')) return null;
  const pids = now.map(({ pid }) => pid);
  const times = pids.map((pid) => {
    const text = textOf(`/proc/${pid}/stat`) ?? '';
    return text.slice(text.lastIndexOf(')')).split(' ').slice(12, 14).join();
  });
  return { pids, state: [pids.join(), times.join(), app.written].join(';') };
}

/** Tells for how long the app has done nothing. */
function stillness(app: App): () => number {
  let [since, before] = [performance.now(), ''];
  return () => {
    const seen = look(app);
    if (seen === null || seen.state !== before) [since, before] = [performance.now(), seen?.state ?? ''];
    return performance.now() - since;
  };
}

const portOf = (options: Options): Listener | undefined => {
  const found = listenersOf(members().map(({ pid }) => pid));
  return options.port === undefined ? found[0] : found.find(({ port }) => port === options.port);
};

/** Where it listens, or null where it is ready without that. */
export type Readiness = Listener | null | 'ended' | 'late';

/** Waits until the app is ready, and at rest. `listens` is whether an earlier start did; undefined for the first one. */
export async function untilReady(app: App, options: Options, listens?: boolean): Promise<Readiness> {
  const started = performance.now();
  const still = stillness(app);
  const asked = options.port !== undefined || options.line !== undefined || options.timeMs !== undefined;
  const needed = options.port !== undefined || (listens === true && !asked);
  const enough = asked ? calmMs : quietMs[listens === undefined ? 'first' : 'later'];
  for (;;) {
    const at = portOf(options);
    const stillMs = still();
    const elapsed = performance.now() - started;
    if (app.result !== null) return 'ended';
    const said = options.line?.test(app.output.out + app.output.err) !== false;
    const isTime = elapsed >= (options.timeMs ?? 0);
    if (said && isTime && (at !== undefined || !needed) && stillMs >= (at === undefined ? enough : calmMs))
      return at ?? null;
    // What never rests is as ready as it will be.
    if (elapsed > options.deadlineMs) return said && !needed ? (at ?? null) : 'late';
    await delay(lookMs);
  }
}

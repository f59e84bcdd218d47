import type { Cluster, Worker } from 'node:cluster';
import { once } from 'node:events';

import { toFunction } from '../../base/arguments.js';
import { invalidArgType } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { HookContext } from '../types.js';
import { onAbort, settle } from './settle.js';
import { watchEvents } from '../../base/shadow.js';

export interface EndClusterOptions {
  /**
   * Tells a worker to end. One with a shutdown of its own is sent a signal: `(worker) => worker.process.kill('SIGTERM')`.
   * @default worker.disconnect(): its servers and its channel are closed
   */
  readonly tell?: ((worker: Worker) => unknown) | undefined;
}

/** What `endCluster` makes of the workers: to be given to `add()`. */
export type ClusterEnder = {
  readonly 'stop-accepting': (context: HookContext) => void;
  readonly drain: (context: HookContext) => Promise<void>;
  /** Looks for new workers no more. The end of draining does it too. */
  [Symbol.dispose](): void;
};

const optionNames: OptionNames<EndClusterOptions> = { tell: true };

async function ended(worker: Worker, signal: AbortSignal): Promise<void> {
  if (worker.isDead()) return;
  const exited = once(worker, 'exit');
  const release = onAbort(signal, () => worker.process.kill('SIGKILL'));
  const [code] = (await exited) as [number | null];
  release();
  if (code !== null && code !== 0) throw new Error(`worker ${worker.id} has exited with code ${code}`);
}

class EndingCluster {
  readonly #cluster: Cluster;
  readonly #tell: (worker: Worker) => unknown;
  // disconnect() takes a worker off the list of `cluster` while it still runs.
  readonly #told = new Set<Worker>();
  readonly #failures: unknown[] = [];
  #begun = false;
  #unwatch: () => void = () => {};
  // It serves nobody yet, and would fail if its channel were closed before it knows it.
  readonly #onFork = (worker: Worker): void => void this.#end(worker, () => worker.process.kill('SIGTERM'));

  constructor(cluster: Cluster, tell: (worker: Worker) => unknown) {
    this.#cluster = cluster;
    this.#tell = tell;
  }

  stopAccepting(): void {
    this.#begun = true;
    // A listener of `exit` may start others in the place of these.
    this.#unwatch = watchEvents(this.#cluster, { fork: this.#onFork });
    for (const worker of Object.values(this.#cluster.workers ?? {}))
      if (worker !== undefined) void this.#end(worker, this.#tell);
  }

  async drain(signal: AbortSignal): Promise<void> {
    // The stage before can have been over before its turn.
    if (!this.#begun) this.stopAccepting();
    const ends = new Map<Worker, Promise<void>>();
    for (let known = -1; known < ends.size;) {
      known = ends.size;
      for (const worker of this.#told) if (!ends.has(worker)) ends.set(worker, ended(worker, signal));
      await Promise.allSettled(ends.values());
    }
    this.dispose();
    const untold = this.#failures.map((error) => Promise.reject(error));
    await settle([...ends.values(), ...untold], 'workers have failed');
  }

  dispose(): void {
    this.#unwatch();
  }

  async #end(worker: Worker, tell: (worker: Worker) => unknown): Promise<void> {
    this.#told.add(worker);
    // Also where it is told otherwise: by this, others know that they must not start one in its place.
    worker.exitedAfterDisconnect = true;
    try {
      await tell(worker);
    } catch (error) {
      this.#failures.push(error);
    }
  }
}

/**
 * Tells the workers of node:cluster to end, in the primary, and awaits it; those that have not when its time is over are
 * killed. Workers that are started meanwhile get SIGTERM at once.
 * @throws ERR_INVALID_ARG_TYPE
 */
export function endCluster(cluster: Cluster, options?: EndClusterOptions): ClusterEnder {
  const { tell = (worker: Worker) => worker.disconnect() } = readOptions(options, optionNames);
  toFunction(tell, 'options.tell');
  if (typeof cluster !== 'object' || cluster === null || !cluster.isPrimary)
    throw invalidArgType('cluster', 'node:cluster in its primary', cluster);
  const ending = new EndingCluster(cluster, tell);
  return {
    'stop-accepting': () => ending.stopAccepting(),
    drain: ({ signal }) => ending.drain(signal),
    [Symbol.dispose]: () => ending.dispose(),
  };
}

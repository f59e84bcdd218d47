import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { toFunction } from '../../base/arguments.js';
import { invalidArgType } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { Hook } from '../types.js';
import { onAbort, settle } from './settle.js';

export interface EndWorkersOptions {
  /** What each is sent; a worker that gets it has to end. @default 'shutdown' */
  readonly message?: unknown;
  /** Tells a worker to end, in place of the message. */
  readonly tell?: ((worker: Worker) => unknown) | undefined;
}

const optionNames: OptionNames<EndWorkersOptions> = { message: true, tell: true };

function toWorkers(workers: Worker | Iterable<Worker>): Worker[] {
  const all = workers instanceof Worker ? [workers] : [...workers];
  for (const worker of all) if (!(worker instanceof Worker)) throw invalidArgType('workers[]', 'a Worker', worker);
  return all;
}

async function end(worker: Worker, tell: (worker: Worker) => unknown, signal: AbortSignal): Promise<void> {
  // It has exited.
  if (worker.threadId < 0) return;
  const over = new AbortController();
  // An 'error' of a worker that has been told is this hook's to report; later ones are the program's again.
  const exited = once(worker, 'exit', { signal: over.signal });
  const release = onAbort(signal, () => void worker.terminate());
  const { threadId } = worker;
  try {
    const telling = Promise.resolve(worker).then(tell);
    const [[code]] = await Promise.all([exited as Promise<[number]>, telling]);
    if (code !== 0) throw new Error(`worker ${threadId} has exited with code ${code}`);
  } finally {
    release();
    over.abort();
  }
}

/**
 * Tells Worker threads to end, and awaits it; those that have not when its time is over are terminated. Of an iterable, the
 * workers that are in it when the hook runs.
 * @throws ERR_INVALID_ARG_TYPE
 */
export function endWorkers(workers: Worker | Iterable<Worker>, options?: EndWorkersOptions): Hook {
  const given = readOptions(options, optionNames);
  const { message = 'shutdown' } = given;
  const tell = given.tell ?? ((worker: Worker) => worker.postMessage(message));
  toFunction(tell, 'options.tell');
  if (typeof workers !== 'object' || workers === null || !(workers instanceof Worker || Symbol.iterator in workers))
    throw invalidArgType('workers', 'a Worker or an iterable of Workers', workers);
  return ({ signal }) =>
    settle(
      toWorkers(workers).map((worker) => end(worker, tell, signal)),
      'workers have failed',
    );
}

import { abortError, isError } from '../../base/errors.js';
import { Job } from './job.js';
import { onAbort } from './on-abort.js';
import type { Settings } from './settings.js';

/** A job that waits for something to start it with. */
export interface Waiting {
  readonly ready: Promise<Job>;
  readonly cancel: (reason?: unknown) => void;
}

interface Place {
  readonly settings: Settings;
  readonly resolve: (job: Job) => void;
  readonly reject: (error: unknown) => void;
}

const waiting = new Set<Place>();
let running = 0;
/** How many may run: as many as there was something for, and fewer, as who runs needs descriptors as well. */
let room = Infinity;

// Descriptors, of this process and of the system, processes, memory: what another run gives back when it ends.
const scarce: readonly unknown[] = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];

function isScarcity(error: unknown): boolean {
  return isError(error) && 'code' in error && scarce.includes(error.code);
}

function begin(settings: Settings): Job {
  const job = new Job(settings);
  running += 1;
  const onEnd = (): void => {
    running -= 1;
    beginWaiting();
  };
  job.result.then(onEnd, onEnd);
  return job;
}

// With nobody who could give back anything there is nothing to wait for.
function hasToWait(error: unknown): boolean {
  if (running === 0 || !isScarcity(error)) return false;
  room = Math.max(1, running - Math.ceil(running / 8));
  return true;
}

function beginWaiting(): void {
  for (const one of waiting) {
    if (running >= room && running > 0) return;
    try {
      one.resolve(begin(one.settings));
    } catch (error) {
      if (hasToWait(error)) return;
      one.reject(error);
    }
    waiting.delete(one);
  }
  room = Infinity;
}

function wait(settings: Settings): Waiting {
  const { signal } = settings;
  let cancel = (_reason?: unknown): void => {};
  const ready = new Promise<Job>((resolve, reject) => {
    const one: Place = { settings, resolve, reject };
    waiting.add(one);
    cancel = (reason) => {
      if (waiting.delete(one)) reject(abortError(reason));
    };
  });
  const release = onAbort(signal, () => cancel(signal?.reason));
  ready.then(release, release);
  return { ready, cancel };
}

/** A job at once, or as soon as there is something to start it with. */
export function startJob(settings: Settings): Job | Waiting {
  const mayWait = settings.mayWait && settings.signal?.aborted !== true;
  if (mayWait && waiting.size > 0) return wait(settings);
  try {
    return begin(settings);
  } catch (error) {
    if (mayWait && hasToWait(error)) return wait(settings);
    throw error;
  }
}

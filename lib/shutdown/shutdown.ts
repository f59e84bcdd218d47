import { openStream } from '../signals/stream.js';
import { openGuard } from './guard.js';
import { toSettings } from './options.js';
import { ProcessShutdown } from './process-shutdown.js';
import type { Shutdown, ShutdownOptions } from './types.js';

const capacity = 1024;

/**
 * Takes the signals that end this process, and stops what it does in order when one comes: the hooks of five stages, within
 * a budget that a native thread keeps, whatever JavaScript does meanwhile. One in a process. Does not keep it alive.
 * @throws ERR_SIGKIT_SHUTDOWN_OPEN, ERR_SIGKIT_MAIN_THREAD_ONLY, ERR_SIGKIT_UNCLAIMABLE, ERR_SIGKIT_UNREACHABLE_THREADS,
 * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function createShutdown(options?: ShutdownOptions): Shutdown {
  const settings = toSettings(options);
  const guard = openGuard(settings);
  try {
    const { mask, exit } = settings;
    const claim = { mask, capacity, overflow: 0, exclusive: true, byLoop: false, once: false, ref: false };
    const stream = openStream(claim);
    // Not before: a signal that only others have taken is no beginning.
    if (exit !== 'none') guard.arm();
    return new ProcessShutdown(settings, guard, stream);
  } catch (error) {
    guard.close();
    throw error;
  }
}

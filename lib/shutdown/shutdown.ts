import { withSignalsHeld } from '../signals/masks.js';
import { openStream, type SignalStream } from '../signals/stream.js';
import { type Guard, openGuard, openNoGuard } from './guard.js';
import { notifyAbout } from './notify-about.js';
import { type Settings, toSettings } from './options.js';
import { ProcessShutdown } from './process-shutdown.js';
import type { Shutdown, ShutdownOptions } from './types.js';

const capacity = 1024;

/**
 * Takes the signals that end this process, and stops what it does in order when one comes: the hooks of five stages, within
 * a budget that a native thread keeps, whatever JavaScript does meanwhile. One in a process; with `exit: 'none'`, where it is
 * JavaScript that keeps the budget, one in each Worker as well. Does not keep it alive.
 * @throws ERR_SIGKIT_SHUTDOWN_OPEN, ERR_SIGKIT_MAIN_THREAD_ONLY, ERR_SIGKIT_UNCLAIMABLE,
 * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function createShutdown(options?: ShutdownOptions): Shutdown {
  const settings = toSettings(options);
  const guard = settings.exit === 'none' ? openNoGuard() : openGuard(settings);
  try {
    const shutdown = new ProcessShutdown(settings, guard, claim(settings, guard));
    if (settings.notifier !== undefined) notifyAbout(shutdown, settings.notifier);
    return shutdown;
  } catch (error) {
    guard.close();
    throw error;
  }
}

// No signal comes in between: one that only others take is no beginning, and one that begins has a deadline at once.
function claim({ mask }: Settings, guard: Guard): SignalStream {
  return withSignalsHeld(mask, () => {
    const wanted = { mask, capacity, overflow: 0, exclusive: true, byLoop: false, once: false, ref: false };
    const stream = openStream(wanted);
    guard.arm();
    return stream;
  });
}

import { invalidArgType } from '../base/errors.js';
import { type Notifier, toNotifier } from '../systemd/notify.js';
import { type Progress, progressChannel } from './progress.js';
import { tell } from './tell.js';
import type { Shutdown, ShutdownResult } from './types.js';

// From the shutdown's own deadline to the manager's, so that the end which the manager sees is the shutdown's.
const marginMs = 5000;

function statusOf({ forced, hooks }: ShutdownResult): string {
  const failed = hooks
    .filter(({ outcome, expected }) => outcome !== 'done' && expected !== true)
    .map(({ name, outcome }) => `${name} (${outcome})`);
  const result = forced ? 'Stopped by force' : 'Stopped';
  return failed.length === 0 ? result : `${result}: ${failed.join(', ')}`;
}

/**
 * Tells the manager of a shutdown: STOPPING=1 when it begins, its stages and its result as STATUS, and by EXTEND_TIMEOUT_USEC
 * that it may take as long as its budget, also when a hook extends that. `notifier.ready()` is up to the caller.
 * @returns what ends this
 * @throws ERR_INVALID_ARG_TYPE
 */
export function notifyAbout(shutdown: Shutdown, notifier: Notifier): Disposable {
  if (typeof shutdown !== 'object' || shutdown === null || typeof shutdown.transitions !== 'function')
    throw invalidArgType('shutdown', 'made by createShutdown()', shutdown);
  toNotifier(notifier, 'notifier');
  let telling = true;
  let stopping = false;
  const onProgress = (message: unknown): void => {
    const { shutdown: which, stage, remainingMs } = message as Progress;
    if (which !== shutdown) return;
    const status = stage === null ? 'Stopping' : `Stopping: ${stage}`;
    tell(notifier, { stopping: !stopping, status, extendTimeoutMs: remainingMs + marginMs });
    stopping = true;
  };
  const end = (): void => {
    telling = false;
    progressChannel.unsubscribe(onProgress);
  };
  progressChannel.subscribe(onProgress);
  void atEndOf(shutdown, (result) => {
    if (telling && result !== null) tell(notifier, { status: statusOf(result) });
    end();
  });
  return { [Symbol.dispose]: end };
}

// Null if it was closed before it had begun.
async function atEndOf(shutdown: Shutdown, then: (result: ShutdownResult | null) => void): Promise<void> {
  const transitions = shutdown.transitions();
  while ((await transitions.next()).done !== true);
  then(shutdown.state === 'running' ? null : await shutdown.done);
}

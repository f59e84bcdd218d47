import { util } from '../base/builtins.js';
import { escapeLines } from '../base/escape.js';
import type { Notifier, NotifyOutcome } from '../systemd/notify.js';
import type { NotifyState } from '../systemd/protocol.js';

// Nobody reads a manager's socket but the manager, so nothing tells when there is room in it.
const retryMs = 20;

const waiting = new WeakMap<Notifier, NotifyState[]>();

/**
 * Tells a manager of something that is under way, which does not fail because of it. What a full socket does not take is sent
 * later, in order: a manager that missed the end of a reload would wait for it.
 */
export function tell(notifier: Notifier, state: NotifyState): void {
  const queue = waiting.get(notifier);
  if (queue !== undefined) queue.push(state);
  else if (send(notifier, state) === 'full') sendLater(notifier, [state]);
}

function send(notifier: Notifier, state: NotifyState): NotifyOutcome {
  try {
    return notifier.notify(state);
  } catch (error) {
    process.emitWarning(`The service manager could not be told: ${escapeLines(util.inspect(error))}`, 'SigkitWarning');
    return 'unreachable';
  }
}

function sendLater(notifier: Notifier, queue: NotifyState[]): void {
  waiting.set(notifier, queue);
  const timer = setInterval(() => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (send(notifier, next) === 'full') return;
      queue.shift();
    }
    clearInterval(timer);
    waiting.delete(notifier);
  }, retryMs).unref();
}

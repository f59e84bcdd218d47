// Lets a signal cancel whatever takes an AbortSignal. For the example the signal comes from this very process.
import { setTimeout as sleep } from 'node:timers/promises';

import { abortOnSignal, kill, type SignalAbortReason } from 'sigkit';

using abort = abortOnSignal(['SIGINT', 'SIGTERM']);
setTimeout(() => kill(process.pid, 'SIGINT'), 20);
try {
  await sleep(60_000, undefined, { signal: abort.signal });
} catch {
  const { message, info } = abort.signal.reason as SignalAbortReason;
  console.log(`${message}, code ${info.code}: the work has been cancelled`);
}

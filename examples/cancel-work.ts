// Lets a signal cancel whatever takes an AbortSignal. Further signals do nothing until the end of the block, where the
// default action is back.
import { setTimeout as sleep } from 'node:timers/promises';

import { abortOnSignal, kill, type SignalAbortReason } from 'sigkit';

using abort = abortOnSignal(['SIGINT', 'SIGTERM']);
setTimeout(() => kill(process.pid, 'SIGINT'), 20); // somebody else would do this
try {
  await sleep(60_000, undefined, { signal: abort.signal });
} catch {
  const { message, info } = abort.signal.reason as SignalAbortReason;
  console.log(`${message} (${info.code}): the work has been cancelled`);
}

// Prints:
//   Received SIGINT from process 4711 (SI_USER): the work has been cancelled

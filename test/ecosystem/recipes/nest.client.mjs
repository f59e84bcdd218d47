// What must arrive: requests are answered, and its hooks run with the signal.
import assert from 'node:assert/strict';

import { losesNothing, plain } from './load.mjs';

export async function drive(service) {
  const outcome = await losesNothing(service, plain);
  assert.deepEqual(outcome.stdout.trimEnd().split('\n').slice(1), [
    'onModuleDestroy',
    'beforeApplicationShutdown SIGTERM',
    'onApplicationShutdown SIGTERM',
  ]);
  return outcome;
}

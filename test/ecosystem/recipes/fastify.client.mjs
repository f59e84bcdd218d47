// What must arrive: requests are answered, and hooks run.
import assert from 'node:assert/strict';

import { losesNothing, plain } from './load.mjs';

export async function drive(service) {
  const outcome = await losesNothing(service, plain);
  assert.match(outcome.stdout, /^ready \d+\npreClose\nonClose\n$/);
  return outcome;
}

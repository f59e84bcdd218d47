// What must arrive: requests are answered, and hooks run.
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';

import { losesNothing, plain } from './load.mjs';

// Of its second server nobody is told.
const addresses = Object.values(networkInterfaces()).flatMap((all) => all.map(({ address }) => address));
const hosts = ['127.0.0.1', ...(addresses.includes('::1') ? ['::1'] : [])];

export async function drive(service) {
  const outcome = await losesNothing(service, plain, { hosts });
  assert.match(outcome.stdout, /^ready \d+\npreClose\nonClose\n$/);
  return outcome;
}

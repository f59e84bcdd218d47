// What must arrive: queries are answered, and plugins are told.
import assert from 'node:assert/strict';

import { losesNothing } from './load.mjs';

const query = (name) => ({
  path: '/graphql',
  body: JSON.stringify({ query: `{ ${name} }` }),
  answer: `${JSON.stringify({ data: { [name]: name } })}\n`,
});

export async function drive(service) {
  const headers = { 'content-type': 'application/json' };
  const outcome = await losesNothing(service, [query('fast'), query('slow')], { headers });
  assert.match(outcome.stdout, /^ready \d+\nserverWillStop\n$/);
  return outcome;
}

// What must arrive: numbers for who scrapes while it drains, and the last of all for the gateway.
import assert from 'node:assert/strict';

import { ask } from './load.mjs';

export async function drive({ port, collected, terminate }) {
  const ended = terminate();
  let text;
  do text = (await ask(port, '/metrics')).answer;
  while (!text.startsWith('draining\n'));
  assert.match(text, /^orders 3$/m);
  const outcome = await ended;
  const [{ path, body } = assert.fail('nothing was pushed')] = collected;
  assert.equal(path, '/metrics/job/service');
  assert.match(body, /^orders 4$/m);
  return outcome;
}

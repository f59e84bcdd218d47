// What must arrive: events are sent, that of a hook that fails as well.
import assert from 'node:assert/strict';

export async function drive({ collected, terminate }) {
  const outcome = await terminate();
  const text = collected.map(({ body }) => body).join('\n');
  assert.match(text, /"message":"while it ran"/);
  assert.match(text, /the database is stuck/);
  return outcome;
}

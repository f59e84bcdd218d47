// What must arrive: events are sent, those of the end as well.
import assert from 'node:assert/strict';

export async function drive({ collected, terminate }) {
  const outcome = await terminate();
  const text = collected.map(({ body }) => body).join('\n');
  assert.match(text, /"message":"while it ran"/);
  assert.match(text, /"message":"while it ended"/);
  return outcome;
}

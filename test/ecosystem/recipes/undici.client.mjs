// What must arrive: a request under way is sent, and its answer read.
import assert from 'node:assert/strict';

export async function drive({ collected, terminate }) {
  const outcome = await terminate();
  assert.deepEqual(
    collected.map(({ path, body }) => [path, body.length]),
    [['/last-words', 100_000]],
  );
  assert.match(outcome.stdout, /^last-words \{\}$/m);
  return outcome;
}

// What must arrive: every job is done.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export async function drive({ folder, terminate }) {
  const outcome = await terminate();
  assert.equal(readFileSync(path.join(folder, 'jobs'), 'utf8').trim().split('\n').length, 20);
  return outcome;
}

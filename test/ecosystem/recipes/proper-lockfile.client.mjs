// What must arrive: the lock is given back.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';

export async function drive({ folder, terminate }) {
  const lock = path.join(folder, 'state.lock');
  assert.ok(existsSync(lock));
  const outcome = await terminate();
  assert.ok(!existsSync(lock));
  return outcome;
}

// What must arrive of each logger: all lines are on the disk.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export async function drive({ folder, terminate }) {
  const outcome = await terminate();
  const lines = readFileSync(path.join(folder, 'log'), 'utf8').trim().split('\n');
  assert.equal(lines.length, 1001);
  assert.match(lines.at(-1), /while it ended/);
  return outcome;
}

// spawn.js sigkit|sigkit-user|sigkit-contained|child_process COUNT AT_ONCE HEAP_MIB FILE: as spawn.c.
import assert from 'node:assert/strict';
import { spawn as nodeSpawn } from 'node:child_process';
import { once } from 'node:events';

import { spawn } from 'sigkit/process';

const [by = '', ...rest] = process.argv.slice(2);
const file = rest[3] ?? '';
const [count = NaN, atOnce = NaN, heap = NaN] = rest.map(Number);

async function startAndWait(): Promise<void> {
  if (by !== 'child_process') {
    // Whatever the user, the way is that of a change.
    const uid = by === 'sigkit-user' ? process.getuid?.() : undefined;
    const contain = by === 'sigkit-contained' && 'supervisor';
    assert.equal((await spawn(file, [], { stdio: 'inherit', uid, contain }).exited).exitCode, 0);
  } else {
    assert.deepEqual(await once(nodeSpawn(file, [], { stdio: 'inherit' }), 'exit'), [0, null]);
  }
}

const memory = Buffer.alloc(heap * 2 ** 20, 1);
let started = 0;

async function startSome(): Promise<void> {
  while (started < count) {
    started += 1;
    await startAndWait();
  }
}

const before = performance.now();
await Promise.all(Array.from({ length: atOnce }, startSome));
const after = performance.now();
assert.equal(memory.length, heap * 2 ** 20);
process.stdout.write(`${((after - before) * 1e3) / count}\n`);

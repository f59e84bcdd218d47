// output.js sigkit|child_process MIB: reads that much from a child's standard output. Milliseconds from the start to the
// end of the output, and user and system time of this process.
import assert from 'node:assert/strict';
import { spawn as nodeSpawn } from 'node:child_process';
import { once } from 'node:events';

import { spawn } from 'sigkit/process';

const [by = '', mebibytes = ''] = process.argv.slice(2);
const size = Number(mebibytes) * 2 ** 20;
const args = ['-c', String(size), '/dev/zero'];
const stdio = ['ignore', 'pipe', 'inherit'] as const;

const before = performance.now();
const used = process.cpuUsage();
const { stdout } =
  by === 'child_process' ? nodeSpawn('head', args, { stdio: [...stdio] }) : spawn('head', args, { stdio });
assert.ok(stdout);
let length = 0;
stdout.on('data', (chunk: Buffer) => (length += chunk.length));
await once(stdout, 'end');
const wall = performance.now() - before;
const { user, system } = process.cpuUsage(used);
assert.equal(length, size);
process.stdout.write(`${wall} ${(user + system) / 1e3}\n`);

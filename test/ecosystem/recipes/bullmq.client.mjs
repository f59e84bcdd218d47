// What must arrive: jobs under way are done, the others stay.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** Before the service starts. */
export async function before(folder) {
  const socket = path.join(folder, 'redis.sock');
  const redis = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], {
    stdio: 'ignore',
  });
  while (!existsSync(socket) && redis.exitCode === null) await delay(10);
  return async () => {
    redis.kill('SIGKILL');
    await once(redis, 'exit');
  };
}

// No client of Redis would be the service's.
async function length(folder, verb, key) {
  const client = connect(path.join(folder, 'redis.sock'));
  client.end(`${verb} bull:jobs:${key}\r\n`);
  return Number((await text(client)).slice(1));
}

export async function drive({ folder, terminate }) {
  const outcome = await terminate();
  const [active, waiting, completed] = [
    await length(folder, 'LLEN', 'active'),
    await length(folder, 'LLEN', 'wait'),
    await length(folder, 'ZCARD', 'completed'),
  ];
  assert.equal(active, 0);
  assert.equal(waiting + completed, 50);
  assert.ok(completed >= 4 && waiting > 0, `${completed} completed, ${waiting} waiting`);
  return outcome;
}

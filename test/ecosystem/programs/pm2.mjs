// A daemon of pm2, and in it a service that crashes, is restarted, stopped and started again.
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import pm2 from 'pm2';

const call = (name, ...args) => promisify(pm2[name].bind(pm2))(...args);
const state = async () => (await call('describe', 'service'))[0]?.pm2_env;

async function until(condition) {
  while (!(await condition())) await delay(20);
}

async function serves() {
  await until(() => existsSync('ready'));
  rmSync('ready');
}

await call('connect');
const script = fileURLToPath(new URL('service.mjs', import.meta.url));
await call('start', { name: 'service', script, args: ['stop'], cwd: process.cwd(), kill_timeout: 10_000 });
await serves();
console.log('serves', (await state()).status);

process.kill((await call('describe', 'service'))[0].pid, 'SIGKILL');
await serves();
console.log('restarted after a crash', (await state()).restart_time);

await call('restart', 'service');
await serves();
console.log('restarted', (await state()).restart_time, 'exit code', (await state()).exit_code);

await call('stop', 'service');
await until(async () => (await state()).status === 'stopped');
console.log('stopped, exit code', (await state()).exit_code);

await call('delete', 'service');
await call('killDaemon');
console.log('no daemon');
// What the client holds open is its own affair.
process.exit();

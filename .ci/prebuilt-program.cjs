// What a service does, with the package in the folder that is named: `node .ci/prebuilt-program.cjs ROOT`.
const assert = require('node:assert/strict');
const path = require('node:path');

const installed = path.join(process.argv[2], 'dist/package');
const { capabilities, kill, signals, sigqueue, waitForSignal } = require(installed);
const { initPath, openProcess, spawn } = require(path.join(installed, 'process'));
const { createShutdown } = require(path.join(installed, 'shutdown'));

async function receive() {
  const stream = signals(['SIGUSR1', 'SIGRTMIN+3']);
  kill(process.pid, 'SIGUSR1');
  const { value: plain } = await stream.next();
  assert.deepEqual([plain.signal, plain.pid], ['SIGUSR1', process.pid]);
  for (const value of [7, -8]) sigqueue(process.pid, 'SIGRTMIN+3', value);
  // Where claims work by their handler alone, two threads may take one each.
  const values = [];
  while (values.length < 2) values.push((await stream.next()).value.value);
  assert.deepEqual(values.sort(), [-8, 7]);
  stream.close();
  setTimeout(() => kill(process.pid, 'SIGUSR2'), 10);
  assert.equal((await waitForSignal('SIGUSR2')).signal, 'SIGUSR2');
}

async function useChildren() {
  const cat = spawn('cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
  cat.stdin.end('echoed');
  let echo = '';
  for await (const chunk of cat.stdout) echo += chunk;
  assert.deepEqual([echo, (await cat.exited).exitCode], ['echoed', 0]);
  const sleep = spawn('sleep', ['1000']);
  openProcess(sleep.pid).kill('SIGTERM');
  assert.equal((await sleep.exited).termSignal, 'SIGTERM');
}

async function shutDown() {
  const alive = setInterval(() => {}, 1000);
  const shutdown = createShutdown({ exit: 'none', sigs: 'SIGHUP' });
  shutdown.add('hook', () => {});
  kill(process.pid, 'SIGHUP');
  assert.equal((await shutdown.done).hooks[0].outcome, 'done');
  clearInterval(alive);
}

async function main() {
  assert.deepEqual([capabilities.reason, capabilities.backend], [null, 'native']);
  assert.equal(initPath, path.join(process.argv[2], `prebuilds/linux-${process.arch}/sigkit-init`));
  await receive();
  await useChildren();
  await shutDown();
  console.log(`${process.arch} ${process.version}`);
}

void main();

// calls.js ROUNDS CALLS: what single calls cost, in microseconds, in a process with as many threads as UV_THREADPOOL_SIZE
// makes it have. A process of its own, as masks are the process's.
import { stat } from 'node:fs/promises';

import { pthreadSigmask, sigprocmask, threads } from 'sigkit';

import { native } from '../lib/native.js';

const [rounds = 1, calls = 1] = process.argv.slice(2).map(Number);

function timePerCall(count: number, call: () => void): number {
  const start = performance.now();
  for (let done = 0; done < count; done += 1) call();
  return ((performance.now() - start) * 1000) / count;
}

// The first use of libuv's pool starts all of its threads.
await stat('.');
const addon = native();
const measured = {
  // A call through Node-API that does nothing but one short system call.
  bare: () => timePerCall(2 * calls, () => addon.gettid()),
  threadMask: () =>
    timePerCall(calls, () => {
      pthreadSigmask('SIG_BLOCK', 'SIGHUP');
      pthreadSigmask('SIG_UNBLOCK', 'SIGHUP');
    }) / 2,
  processMask: () =>
    timePerCall(Math.ceil(calls / 100), () => {
      sigprocmask('SIG_BLOCK', 'SIGHUP');
      sigprocmask('SIG_UNBLOCK', 'SIGHUP');
    }) / 2,
};
for (const measure of Object.values(measured)) measure();
const figures = Array.from({ length: rounds }, () => ({
  threads: threads().length,
  bare: measured.bare(),
  threadMask: measured.threadMask(),
  processMask: measured.processMask(),
}));
process.stdout.write(JSON.stringify(figures));

// calls.js CALLS: what single calls cost, in microseconds, and in how many threads. A process of its own, as masks are the
// process's; UV_THREADPOOL_SIZE makes it have more threads.
import { stat } from 'node:fs/promises';

import { pthreadSigmask, sigprocmask, threads } from 'sigkit';

import { native } from '../../lib/base/native.js';

const calls = Number(process.argv[2]);

function timePerCall(count: number, call: () => void): number {
  const start = performance.now();
  for (let done = 0; done < count; done += 1) call();
  return ((performance.now() - start) * 1000) / count;
}

// The first use of libuv's pool starts all of its threads.
await stat('.');
const addon = native();
const measured = {
  // A call through Node-API that does next to nothing: it reads a clock, without a system call.
  bare: () => timePerCall(2 * calls, () => addon.bootTimeMs()),
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
const [bare, threadMask, processMask] = Object.values(measured).map((measure) => measure());
process.stdout.write(JSON.stringify({ threads: threads().length, bare, threadMask, processMask }));

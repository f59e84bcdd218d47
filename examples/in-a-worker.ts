// A Worker that goes on taking signals while the main thread is blocked. It writes by itself: the console of a Worker goes
// through the main thread.
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import { kill, signals } from 'sigkit';

async function work(): Promise<void> {
  const stream = signals('SIGUSR2');
  parentPort?.postMessage('ready');
  const { value: info } = await stream.next();
  writeSync(1, `worker: ${info?.signal}\n`);
  stream.close();
}

function main(): void {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', () => {
    kill(process.pid, 'SIGUSR2');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    writeSync(1, 'main: blocked until now\n');
  });
}

if (isMainThread) main();
else await work();

// Prints:
//   worker: SIGUSR2
//   main: blocked until now

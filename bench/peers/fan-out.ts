// fan-out.js streams|workers thread|loop NUMBER COUNT: COUNT times, writes the time to its standard output when the last of
// so many streams, all in this thread or each in a Worker, has got the signal.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { tell } from './tell.js';
import { openStream, type Transport } from './transport.js';

const [where, transport, number, count] = process.argv.slice(2);
const streams = Number(number);
const total = streams * Number(count);

/** In memory that all Workers share: how many streams have got a signal, all rounds together. */
async function read(got: Int32Array): Promise<void> {
  const stream = openStream('SIGUSR2', transport as Transport);
  parentPort?.postMessage('ready');
  for await (const _ of stream) {
    const all = Atomics.add(got, 0, 1) + 1;
    if (all % streams === 0) tell();
    if (all > total - streams) break;
  }
}

async function startWorker(got: Int32Array): Promise<void> {
  const worker = new Worker(fileURLToPath(import.meta.url), { argv: process.argv.slice(2), workerData: got });
  await once(worker, 'message');
}

if (isMainThread) {
  const got = new Int32Array(new SharedArrayBuffer(4));
  if (where === 'workers') await Promise.all(Array.from({ length: streams }, () => startWorker(got)));
  else for (let opened = 0; opened < streams; opened += 1) void read(got);
  tell();
} else {
  await read(workerData as Int32Array);
}

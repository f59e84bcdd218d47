// captures.js COUNT: a Worker takes so many stacks of the main thread, which hangs. Writes the milliseconds of each, and how many of them had
// no frame of what it hangs in.
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

import { captureStacks } from 'sigkit/diagnostics';

function hang(released: Int32Array): void {
  for (;;) if (Atomics.load(released, 0) === 1) return;
}

function capture(released: Int32Array, count: number): void {
  const times: number[] = [];
  let without = 0;
  for (let taken = 0; taken < count; taken += 1) {
    const began = performance.now();
    const stacks = captureStacks();
    times.push(performance.now() - began);
    if (stacks[0]?.frames.every((frame) => frame.function !== 'hang') ?? true) without += 1;
  }
  writeSync(1, `${without} ${times.join(' ')}\n`);
  Atomics.store(released, 0, 1);
}

if (isMainThread) {
  const released = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { released, count: Number(process.argv[2]) } });
  worker.once('message', () => hang(released));
} else {
  const { parentPort } = await import('node:worker_threads');
  const { released, count } = workerData as { released: Int32Array; count: number };
  parentPort?.postMessage('ready');
  // It hangs from then on.
  while (captureStacks()[0]?.frames.every((frame) => frame.function !== 'hang') ?? true);
  capture(released, count);
}

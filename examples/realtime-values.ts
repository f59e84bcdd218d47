// 10,000 values from another process, sent while this one's event loop is blocked: all there, in order. The sender meets
// EAGAIN when the kernel's queue is full, and tries again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { signals, sigqueue } from 'sigkit';

const count = 10_000;

async function send(pid: number): Promise<void> {
  for (let value = 0; value < count;) {
    try {
      sigqueue(pid, 'SIGRTMIN+2', value);
      value += 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await nextTurn();
    }
  }
}

async function receive(): Promise<void> {
  const stream = signals('SIGRTMIN+2');
  const sender = spawn(process.execPath, [fileURLToPath(import.meta.url), String(process.pid)], { stdio: 'inherit' });
  await once(sender, 'spawn');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500); // busy with something else

  let expected = 0;
  for await (const { value } of stream) {
    if (value !== expected) throw new Error(`${value} instead of ${expected}`);
    expected += 1;
    if (expected === count) break;
  }
  console.log(`${expected} values in order, ${stream.dropped} lost`);
}

const receiver = process.argv[2];
if (receiver === undefined) await receive();
else await send(Number(receiver));

// Prints:
//   10000 values in order, 0 lost

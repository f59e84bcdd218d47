// blocked.js thread|loop|process.on MS: blocks its event loop for that long, and until its standard input ends, while it is sent
// signals whose value is the time of the send. Writes to its standard error how many it has got then, and by how many
// milliseconds the times of 50 and 99 in 100 of them are off.
import { readSync, writeSync } from 'node:fs';

import { tell } from './tell.js';
import { openStream, type Transport } from './transport.js';

const [how, blockedMs] = process.argv.slice(2);

function block(): void {
  const end = performance.now() + Number(blockedMs);
  while (performance.now() < end);
  while (readSync(0, new Uint8Array(64)) > 0);
}

function report(received: number, errors: readonly number[] = []): never {
  const ordered = Float64Array.from(errors).sort();
  const [p50 = null, p99 = null] = [0.5, 0.99].map((part) => ordered[Math.floor(ordered.length * part)]);
  writeSync(2, JSON.stringify({ received, p50, p99 }));
  process.exit();
}

function readStream(transport: Transport): void {
  const stream = openStream('SIGRTMIN+1', transport);
  const zeroMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  tell();
  block();
  const errors: number[] = [];
  for (let info = stream.poll(); info !== null; info = stream.poll())
    errors.push(Math.abs(zeroMs + info.time - Number(info.value64) / 1e6));
  report(errors.length, errors);
}

function listen(): void {
  let received = 0;
  process.on('SIGUSR2', () => (received += 1));
  // Sent last, it is also told last; again and again, as libuv's pipe, full with 4,096, loses it, too.
  process.on('SIGTERM', () => report(received));
  tell();
  block();
  setInterval(() => process.kill(process.pid, 'SIGTERM'), 10);
}

if (how === 'process.on') listen();
else readStream(how as Transport);

// receiver.js sigkit|process.on latency|throughput SIGNAL COUNT: tells when the body of its loop or listener ran.
import { writeSync } from 'node:fs';

import { signals } from 'sigkit';

const [how, what, number = '0', count = '0'] = process.argv.slice(2);

function tell(): void {
  const time = new BigInt64Array([process.hrtime.bigint()]);
  writeSync(1, time);
}

function report(startedAt: number, cpuBefore: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(cpuBefore);
  process.stderr.write(`${JSON.stringify({ wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 })}\n`);
}

async function readStream(): Promise<void> {
  const stream = signals(Number(number));
  const cpuBefore = process.cpuUsage();
  let received = 0;
  let startedAt = 0;
  tell();
  for await (const { value } of stream) {
    if (received === 0) startedAt = performance.now();
    if (what === 'latency') tell();
    else if (value !== received) throw new Error(`${value} instead of ${received}`);
    received += 1;
    if (received === Number(count)) break;
  }
  report(startedAt, cpuBefore);
}

function listen(): void {
  let received = 0;
  const keepAlive = setInterval(() => {}, 60_000);
  process.on('SIGUSR2', () => {
    tell();
    received += 1;
    if (received === Number(count)) clearInterval(keepAlive);
  });
  tell();
}

if (how === 'sigkit') await readStream();
else listen();

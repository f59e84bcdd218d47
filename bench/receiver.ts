// receiver.js sigkit|process.on latency|queue|storm COUNT: writes to its standard output when it is ready and, for the
// latency, when the body of its loop or listener ran; to its standard error what it has used.
import { writeSync } from 'node:fs';

import { type SignalName, signals } from 'sigkit';

const [how, what, limit] = process.argv.slice(2);
const count = Number(limit);
const measured: SignalName = what === 'queue' ? 'SIGRTMIN+1' : 'SIGUSR2';
let cpuBefore = process.cpuUsage();
let received = 0;

function tell(): void {
  writeSync(1, new BigInt64Array([process.hrtime.bigint()]));
}

function begin(): void {
  cpuBefore = process.cpuUsage();
  tell();
}

function end(): void {
  const endNs = Number(process.hrtime.bigint());
  const { user, system } = process.cpuUsage(cpuBefore);
  writeSync(2, `${JSON.stringify({ endNs, cpuMs: (user + system) / 1000, received })}\n`);
}

async function readStream(): Promise<void> {
  const stream = signals([measured, 'SIGTERM']);
  begin();
  for await (const { signal, value } of stream) {
    if (what === 'latency') tell();
    if (what === 'queue' && value !== received) throw new Error(`${value} instead of ${received}`);
    if (signal === 'SIGTERM') break;
    received += 1;
    if (received === count) break;
  }
  end();
}

function listen(): void {
  const keepAlive = setInterval(() => {}, 60_000);
  const stop = (): void => {
    end();
    process.removeAllListeners();
    clearInterval(keepAlive);
  };
  process.on('SIGUSR2', () => {
    if (what === 'latency') tell();
    received += 1;
    if (received === count) stop();
  });
  process.on('SIGTERM', stop);
  begin();
}

if (how === 'sigkit') await readStream();
else listen();

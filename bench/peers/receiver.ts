// receiver.js thread|loop|process.on latency|queue|storm COUNT [LOAD]: what receiver.h says, in Node.
import { writeSync } from 'node:fs';

import type { SignalName } from 'sigkit';

import { type Load, startLoad } from './load.js';
import { tell } from './tell.js';
import { openStream, type Transport } from './transport.js';

const [how, what, limit, load = 'idle'] = process.argv.slice(2);
const count = Number(limit);
const measured: SignalName = what === 'queue' ? 'SIGRTMIN+1' : 'SIGUSR2';
const last: SignalName = what === 'queue' ? 'SIGRTMAX' : 'SIGTERM';
let cpuBefore = process.cpuUsage();
let received = 0;

function begin(): void {
  startLoad(load as Load);
  cpuBefore = process.cpuUsage();
  tell();
}

function end(): never {
  const endNs = Number(process.hrtime.bigint());
  const { user, system } = process.cpuUsage(cpuBefore);
  writeSync(2, `${JSON.stringify({ endNs, cpuMs: (user + system) / 1000, received })}\n`);
  process.exit();
}

async function readStream(transport: Transport): Promise<void> {
  const stream = openStream([measured, last], transport);
  begin();
  for await (const { signal, value } of stream) {
    if (what === 'latency') tell();
    if (what === 'queue' && signal === measured && value !== received) throw new Error(`${value} for ${received}`);
    if (signal === last) break;
    received += 1;
    if (what === 'latency' && received === count) break;
  }
  end();
}

function listen(): void {
  setInterval(() => {}, 60_000);
  process.on('SIGUSR2', () => {
    if (what === 'latency') tell();
    received += 1;
    if (what === 'latency' && received === count) end();
  });
  process.on('SIGTERM', end);
  begin();
}

if (how === 'process.on') listen();
else await readStream(how as Transport);

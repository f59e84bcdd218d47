// The daemon of the demo: claims four signals, prints what arrives, and ends by the real SIGTERM.
import { readFileSync } from 'node:fs';

import { exitBySignal, type SignalInfo, signals, threads } from 'sigkit';

const claimed = ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGRTMIN+1'] as const;
const queued = 1000;

function print(line: string): void {
  process.stdout.write(`  daemon  ${line}\n`);
}

function commandOf(pid: number | null): string {
  if (pid === null) return 'nobody';
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'gone already';
  }
}

function describe({ signal, code, pid, uid, value }: SignalInfo): string {
  const carried = value === undefined ? '' : `  value ${value}`;
  return `${signal.padEnd(10)} ${code.padEnd(8)} from pid ${pid} (${commandOf(pid)})  uid ${uid}${carried}`;
}

function printThreads(when: string): void {
  print(`threads ${when}:`);
  for (const { tid, name, blocked } of threads()) {
    // The kernel takes what a thread waits for out of its mask while it waits: no claim stands in the waiter's line.
    const mask = blocked.size > 30 ? `${blocked.size} signals` : [...blocked].join(' ');
    print(`  ${String(tid).padStart(8)}  ${name.padEnd(16)} blocks ${mask === '' ? 'nothing' : mask}`);
  }
}

function ask(request: string): void {
  process.send?.(request);
}

function nowNs(): bigint {
  return process.hrtime.bigint();
}

printThreads('before the claim');
const stream = signals(claimed);
printThreads('while claimed');

ask('kill');
for (let seen = 0; seen < 3; seen += 1) {
  const { value } = await stream.next();
  if (value !== undefined) print(describe(value));
}

print(`blocks its event loop for one second; meanwhile ${queued} signals are queued ...`);
ask('storm');
// performance.now() and hrtime run on one clock; this is what lies between their zeros.
const sinceZero = performance.now();
const zeroNs = nowNs() - BigInt(Math.round(sinceZero * 1e6));
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
const unblockedAt = performance.now();

const delays: number[] = [];
let inOrder = true;
let takenWhileBlocked = 0;
for (let number = 0; number < queued; number += 1) {
  const { value: event } = await stream.next();
  if (event === undefined || event.value64 === undefined) throw new Error('the stream has ended early');
  // The upper 24 bits count, the lower 40 are the time of sending in nanoseconds.
  inOrder &&= Number(event.value64 >> 40n) === number;
  const sent = BigInt.asUintN(40, event.value64);
  const taken = BigInt.asUintN(40, zeroNs + BigInt(Math.round(event.time * 1e6)));
  delays.push(Number(BigInt.asIntN(40, taken - sent)) / 1e6);
  if (event.time < unblockedAt) takenWhileBlocked += 1;
}
delays.sort((a, b) => a - b);
const percentile = (share: number): string => `${delays[Math.floor(share * (queued - 1))]?.toFixed(3)} ms`;
print(
  `all ${delays.length} came, in order: ${inOrder}, lost: ${stream.dropped}, taken while blocked: ${takenWhileBlocked}`,
);
print(`taken after they were sent: median ${percentile(0.5)}, 99 % within ${percentile(0.99)}`);
if (!inOrder || stream.dropped > 0 || takenWhileBlocked === 0) process.exit(1);

ask('end');
const { value: last } = await stream.next();
if (last !== undefined) print(describe(last));
stream.close();
printThreads('after close()');
print('ends by the signal itself');
exitBySignal('SIGTERM');

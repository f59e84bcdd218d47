// Latency and throughput beside process.on and a C loop, in one run, as ratios: absolute times depend on the machine.
// `--quick` makes few rounds, to see that it works.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { pthreadSigmask, signals, sigprocmask, threads } from 'sigkit';

import { compileHelpers, type Latency, latency, type Receiver, throughput, type Throughput } from './runs.js';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 5;
const sends = quick ? 100 : 1000;
const queued = quick ? 5000 : 1_000_000;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function print(what: string, figure: string, ratio: string): void {
  process.stdout.write(`${what.padEnd(52)}${figure.padStart(16)}   ${ratio}\n`);
}

// Round by round in turn, so that a noisy moment hits all of them.
async function inTurn<Result>(
  receivers: readonly Receiver[],
  measure: (receiver: Receiver) => Promise<Result>,
): Promise<Map<Receiver, Result[]>> {
  const results = new Map<Receiver, Result[]>(receivers.map((receiver) => [receiver, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const receiver of receivers) results.get(receiver)?.push(await measure(receiver));
  }
  return results;
}

async function compareLatency(): Promise<void> {
  const results = await inTurn<Latency>(['sigkit', 'process.on', 'C sigwaitinfo'], (receiver) =>
    latency(receiver, sends),
  );
  const figure = (receiver: Receiver, key: keyof Latency): number =>
    median((results.get(receiver) ?? []).map((result) => result[key]));
  for (const key of ['p50', 'p99'] as const) {
    const own = figure('sigkit', key);
    const ratios = `${(own / figure('process.on', key)).toFixed(2)} x process.on, ${(own / figure('C sigwaitinfo', key)).toFixed(2)} x C`;
    print(`kill to the body of for await, idle loop, ${key}`, `${own.toFixed(1)} us`, ratios);
  }
}

async function compareThroughput(): Promise<void> {
  const results = await inTurn<Throughput>(['sigkit', 'C sigwaitinfo'], (receiver) => throughput(receiver, queued));
  const figure = (receiver: Receiver, key: keyof Throughput): number =>
    median((results.get(receiver) ?? []).map((result) => result[key]));
  for (const [key, name] of [
    ['wallMs', 'wall'],
    ['cpuMs', 'CPU of the receiver'],
  ] as const) {
    const own = figure('sigkit', key);
    print(
      `${queued} sigqueue read by for await, ${name}`,
      `${own.toFixed(0)} ms`,
      `${(own / figure('C sigwaitinfo', key)).toFixed(2)} x C`,
    );
  }
}

function timePerCall(call: () => void): number {
  const calls = quick ? 200 : 20_000;
  const samples = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (let done = 0; done < calls; done += 1) call();
    return ((performance.now() - start) * 1000) / calls;
  });
  return median(samples);
}

function compareCalls(): void {
  const cheapest = timePerCall(() => process.getuid?.());
  const own = timePerCall(() => pthreadSigmask('SIG_BLOCK', []));
  print('pthreadSigmask', `${own.toFixed(2)} us`, `${(own / cheapest).toFixed(2)} x process.getuid`);
  const count = threads().length;
  const both = timePerCall(() => {
    sigprocmask('SIG_BLOCK', 'SIGHUP');
    sigprocmask('SIG_UNBLOCK', 'SIGHUP');
  });
  print(
    `sigprocmask over ${count} threads`,
    `${(both / 2).toFixed(0)} us`,
    `${(both / 2 / count).toFixed(1)} us per thread`,
  );
}

async function countIdleWakeups(): Promise<void> {
  const stream = signals('SIGHUP', { ref: false });
  const tid = threads().find(({ name }) => name === 'sigkit')?.tid;
  const switches = (): number =>
    Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(readFileSync(`/proc/self/task/${tid}/status`, 'utf8'))?.[1]);
  await sleep(200);
  const before = switches();
  await sleep(quick ? 500 : 5000);
  print('wake-ups of an idle waiter', String(switches() - before), '');
  stream.close();
}

compileHelpers();
await compareLatency();
await compareThroughput();
compareCalls();
await countIdleWakeups();

// sigkit beside process.on and a C loop, in one run and round by round in turn, so that a noisy moment hits all of them. The
// ratios are what counts: absolute figures depend on the machine. `--quick` only sees that it works.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { signals, threads } from 'sigkit';

import { compileHelpers, type Figures, latency, type Receiver, throughput } from './pair.js';
import { pick, printRow, type Reference, sum } from './table.js';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 5;
const sends = quick ? 100 : 1000;
const queued = quick ? 3000 : 1_000_000;
const stormed = quick ? 3000 : 200_000;
const calls = quick ? 200 : 10_000;
const idleMs = quick ? 300 : 5000;

async function inTurn<Name extends string>(
  others: readonly Receiver[],
  measure: (receiver: Receiver) => Promise<Figures<Name>>,
): Promise<{ own: (name: Name) => number[]; references: (name: Name) => Reference[] }> {
  const receivers: readonly Receiver[] = ['sigkit', ...others];
  const results = receivers.map((name) => ({ name, figures: [] as Figures<Name>[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, figures } of results) figures.push(await measure(name));
  }
  const [own, ...references] = results;
  return {
    own: (name) => pick(own?.figures ?? [], name),
    references: (name) => references.map(({ name: other, figures }) => ({ name: other, values: pick(figures, name) })),
  };
}

async function compareLatency(): Promise<void> {
  const { own, references } = await inTurn(['process.on', 'C sigwaitinfo'], (receiver) => latency(receiver, sends));
  const row = { unit: 'us', digits: 1 };
  const figure = 'kill -> body of for await, idle loop';
  const goal = '<= 2.5 x process.on';
  printRow({ ...row, figure: `${figure}, p50`, own: own('p50'), references: references('p50'), goal });
  printRow({ ...row, figure: `${figure}, p99`, own: own('p99'), references: references('p99') });
}

async function compareQueue(): Promise<void> {
  const { own, references } = await inTurn(['C sigwaitinfo'], (receiver) => throughput('queue', receiver, queued));
  const figure = `${queued} sigqueue, all, in order`;
  const goals = { wall: '<= 1.1 x C', cpu: '<= 1.3 x C' };
  for (const name of ['wall', 'cpu'] as const) {
    const row = { unit: 'ms', own: own(name), references: references(name), goal: goals[name] };
    printRow({ ...row, figure: `${figure}: ${name === 'cpu' ? 'receiver CPU' : 'wall'}` });
  }
  // In all rounds together. The queue is one per user: more than 0 for C means that other programs have filled it too, and
  // that `wall` tells of them.
  const others = references('full').map(({ name, values }) => ({ name, values: [sum(values)] }));
  printRow({ figure: `${figure}: queue full`, unit: 'times', own: [sum(own('full'))], references: others });
}

// The kernel merges standard signals: how many arrive is told, not promised.
async function compareStorm(): Promise<void> {
  const { own, references } = await inTurn(['process.on', 'C sigwaitinfo'], (receiver) =>
    throughput('storm', receiver, stormed),
  );
  const figure = `${stormed} kill(SIGUSR2)`;
  printRow({ figure: `${figure}: wall`, unit: 'ms', own: own('wall'), references: references('wall') });
  printRow({ figure: `${figure}: receiver CPU`, unit: 'ms', own: own('cpu'), references: references('cpu') });
  printRow({ figure: `${figure}: seen`, unit: 'events', own: own('received'), references: references('received') });
}

function runScript<Result>(name: string, args: readonly number[], poolSize?: number): Result {
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const env = poolSize === undefined ? process.env : { ...process.env, UV_THREADPOOL_SIZE: String(poolSize) };
  return JSON.parse(execFileSync(process.execPath, [script, ...args.map(String)], { encoding: 'utf8', env })) as Result;
}

function measureMasks(poolSize: number | undefined): void {
  const figures = runScript<Figures<'threads' | 'bare' | 'threadMask' | 'processMask'>[]>(
    'calls',
    [rounds, calls],
    poolSize,
  );
  const [count = NaN] = pick(figures, 'threads');
  if (poolSize === undefined) {
    printRow({
      figure: 'pthreadSigmask',
      unit: 'us',
      digits: 2,
      own: pick(figures, 'threadMask'),
      references: [{ name: 'Node-API + gettid(2)', values: pick(figures, 'bare') }],
      goal: '<= 2 x',
    });
    printRow({
      figure: `sigprocmask over ${count} threads`,
      unit: 'us',
      own: pick(figures, 'processMask'),
      goal: '<= 300 us over 11',
    });
  }
  printRow({
    figure: `sigprocmask over ${count} threads, for each`,
    unit: 'us',
    digits: 1,
    own: pick(figures, 'processMask').map((us) => us / count),
    goal: '<= 12 us over 200',
  });
}

function measureImport(): void {
  const figures = Array.from({ length: quick ? 2 : 15 }, () =>
    runScript<Figures<'startMs' | 'importMs' | 'importKiB'>>('import', []),
  );
  printRow({
    figure: "import 'sigkit'",
    unit: 'ms',
    digits: 1,
    own: pick(figures, 'importMs'),
    references: [{ name: 'the start of node', values: pick(figures, 'startMs') }],
    goal: '<= 5 ms',
  });
  printRow({ figure: "import 'sigkit': memory", unit: 'KiB', own: pick(figures, 'importKiB'), goal: '<= 2048 KiB' });
}

async function countWakeUps(): Promise<void> {
  const stream = signals('SIGHUP', { ref: false });
  const waiter = threads().find(({ name }) => name === 'sigkit')?.tid;
  const switches = (): number =>
    Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(readFileSync(`/proc/self/task/${waiter}/status`, 'utf8'))?.[1]);
  await sleep(200);
  const before = switches();
  await sleep(idleMs);
  printRow({
    figure: `idle for ${idleMs} ms: wake-ups of the waiter`,
    unit: '',
    own: [switches() - before],
    goal: '0',
  });
  stream.close();
}

compileHelpers();
process.stdout.write(`Node ${process.version}, ${process.arch}; medians of ${rounds} rounds, ratios to (theirs)\n`);
await compareLatency();
await compareQueue();
await compareStorm();
measureMasks(undefined);
measureMasks(193);
measureImport();
await countWakeUps();

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { Clients, type Habits } from '../measure/clients.js';
import { inNode } from '../peers/build.js';
import { missingPackage } from '../peers/packages.js';
import { lastLines, slowMs } from '../peers/restarts/work.js';
import type { Area, Effort, Result, Table } from '../report/model.js';

interface Contender {
  readonly name: string;
  readonly packages: readonly string[];
}

/** What one restart cost. */
interface Restart {
  readonly lost: number;
  readonly resets: number;
  readonly linesLost: number;
  readonly ms: number;
}

const own = 'sigkit';
const contenders: readonly Contender[] = [
  { name: own, packages: [] },
  { name: 'sigkit, Fastify', packages: ['fastify'] },
  { name: 'by hand', packages: [] },
  { name: '@godaddy/terminus', packages: ['@godaddy/terminus'] },
  { name: 'http-terminator', packages: ['http-terminator'] },
  { name: 'stoppable', packages: ['stoppable'] },
  { name: 'lightship', packages: ['lightship'] },
  { name: 'close-with-grace', packages: ['close-with-grace', 'fastify'] },
  { name: 'fastify', packages: ['fastify'] },
];

// When each client asks decides by a tenth: two runs of the same are as far apart.
const alike = 1.1;
const each = 6;
const shortMs = 5;
const crowd: readonly Habits[] = [
  { path: '/slow', keepAlive: true, pauseMs: 0 },
  { path: '/quick', keepAlive: true, pauseMs: shortMs },
  { path: '/quick', keepAlive: true, pauseMs: slowMs },
  { path: '/quick', keepAlive: false, pauseMs: shortMs },
];
const unused = 10;
const unusedMs = 1000;
const warmUpMs = 400;
const limitMs = 30_000;
// A reader that is slower than the service at its end, by the same amount each time: with rests after each piece, the size of
// the pieces decided how long it took.
const readerRest = { ms: 1, each: 65_536 };

/** Reads with rests. @returns all that it has read so far */
function readSlowly(stream: Readable): () => string {
  let text = '';
  let rested = 0;
  stream.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    if (text.length - rested < readerRest.each) return;
    rested = text.length;
    stream.pause();
    setTimeout(() => stream.resume(), readerRest.ms);
  });
  return () => text;
}

async function portOf(text: () => string, exited: Promise<unknown>): Promise<number> {
  let over = false;
  void exited.then(() => (over = true));
  for (;;) {
    const [, port] = /^port (\d+)$/m.exec(text()) ?? [];
    if (port !== undefined) return Number(port);
    if (over) throw new Error('a service has ended before it listened');
    await delay(5);
  }
}

function linesLost(log: string, { answered }: Clients): number {
  const lines = new Set(log.split('\n'));
  const ended = [...lines].filter((line) => /^ending \d+ the database is closed\.+$/.test(line)).length;
  return lastLines - ended + [...answered].filter((id) => !lines.has(`answered ${id}`)).length;
}

async function restart(name: string): Promise<Restart> {
  const [file, ...args] = inNode('restarts/service', name).command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: limitMs, killSignal: 'SIGKILL' });
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  const log = readSlowly(child.stdout);
  const clients = new Clients(await portOf(log, exited));
  await Promise.all(Array.from({ length: unused }, () => clients.leaveUnused()));
  await delay(unusedMs);
  const ended = crowd.flatMap((habits) => Array.from({ length: each }, () => clients.run(habits)));
  await delay(warmUpMs);
  const before = performance.now();
  child.kill('SIGTERM');
  await exited;
  const ms = performance.now() - before;
  await Promise.all([...ended, closed]);
  return {
    lost: clients.lost,
    resets: clients.resets,
    linesLost: linesLost(log(), clients),
    ms,
  };
}

function toResult(contender: string, restarts: readonly Restart[]): Result {
  const sum = (of: (each: Restart) => number): number[] => [restarts.reduce((all, one) => all + of(one), 0)];
  return {
    contender,
    values: {
      'requests lost': sum(({ lost }) => lost),
      resets: sum(({ resets }) => resets),
      'lines lost': sum((one) => one.linesLost),
      'to the end': restarts.map(({ ms }) => ms),
    },
  };
}

/** Each contender in its turn: a noisy moment hits all. */
async function restartAll(running: readonly Contender[], times: number): Promise<Result[]> {
  const rounds: Restart[][] = [];
  for (let round = 0; round < times; round += 1) {
    const restarts: Restart[] = [];
    for (const { name } of running) restarts.push(await restart(name));
    rounds.push(restarts);
  }
  return running.map(({ name }, index) =>
    toResult(
      name,
      rounds.flatMap((restarts) => restarts[index] ?? []),
    ),
  );
}

async function measure({ quick }: Effort): Promise<Table[]> {
  const known = contenders.map((contender) => ({
    ...contender,
    reason: contender.packages.map(missingPackage).find((missing) => missing !== undefined),
  }));
  const running = known.filter(({ reason }) => reason === undefined);
  const times = quick ? 1 : 10;
  return [
    {
      id: 'restarts',
      title: `${times} restarts under load`,
      method:
        `${each * crowd.length} clients, each of which asks again some time after its answer, until it is refused: ${each} keep their ` +
        `connection and ask at once for what takes ${slowMs} ms, ${each} after ${shortMs} ms for what is there, ${each} the same after ` +
        `${slowMs} ms, ${each} after ${shortMs} ms by a new connection. Besides, ${unused} connections that nobody uses any more. When ` +
        `the server is closed, ${lastLines.toLocaleString('en')} lines go to the log, a pipe with a slow reader. Lost requests: not answered, or by ` +
        '503. Losses and resets of all restarts; to the end: from SIGTERM to the exit.',
      columns: [
        { name: 'requests lost', unit: '' },
        { name: 'resets', unit: '' },
        { name: 'lines lost', unit: '' },
        { name: 'to the end', unit: 'ms', digits: 0 },
      ],
      baseline: own,
      results: await restartAll(running, times),
      missing: known.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ contender: name, reason }])),
      goals: [
        ...['requests lost', 'resets', 'lines lost'].map((column) => ({ contender: own, column, atMost: 0 })),
        // The others leave requests or lines behind, which takes less time.
        { contender: own, column: 'to the end', to: 'by hand', atMost: alike },
      ],
    },
  ];
}

export const restartsArea: Area = { name: 'restarts', measure };

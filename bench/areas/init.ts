import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { children } from 'sigkit/process';

import { readStat } from '../../lib/process/proc-stat.js';
import { numbersFrom } from '../measure/printed.js';
import { type Contender, type Figures, inTurn, resultOf } from '../measure/rounds.js';
import { requiredInC } from '../peers/build.js';
import { type Init, inits } from '../peers/inits.js';
import { asInit, missingNamespace } from '../peers/namespace.js';
import type { Area, Effort, Table } from '../report/model.js';

const own = 'sigkit-init';
const baseline = 'tini';
const startLimitMs = 10_000;

interface Work {
  readonly starts: number;
  readonly signals: number;
  readonly zombies: number;
}

function contender(init: Init, { starts, signals, zombies }: Work, meter: string, canDrain: boolean): Contender {
  return {
    name: init.name,
    missing: init.missing,
    measure() {
      const [start = NaN] = numbersFrom([meter, 'starts'], starts, ...init.command, 'true');
      const [median = NaN, p99 = NaN] = numbersFrom([meter, 'forward'], signals, ...init.command, meter, 'hear');
      const [drain = NaN, drainCpu = NaN] = canDrain
        ? numbersFrom([...asInit, meter, 'drain', ...init.command, meter, 'pile'], zombies)
        : [];
      return {
        'start-up': start,
        forwarding: median,
        'forwarding, p99': p99,
        drain,
        'drain, CPU': drainCpu,
      };
    },
  };
}

async function times({ quick }: Effort): Promise<Table> {
  const meter = requiredInC('init');
  const work = quick ? { starts: 10, signals: 50, zombies: 100 } : { starts: 60, signals: 300, zombies: 500 };
  const canDrain = missingNamespace() === undefined;
  return {
    id: 'init',
    title: 'An init: times',
    method:
      `Start-up: to the end of \`true\` beneath it, median of ${work.starts}. Forwarding: from kill(2) of the init to the handler ` +
      `in its child, median and p99 of ${work.signals}. Drain: ${work.zombies} zombies that stand there when it goes on, as PID 1` +
      `${canDrain ? '' : ' (not here: no namespace can be made)'}.`,
    columns: [
      { name: 'start-up', unit: 'us' },
      { name: 'forwarding', unit: 'us', digits: 1 },
      { name: 'forwarding, p99', unit: 'us', digits: 1 },
      { name: 'drain', unit: 'ms', digits: 1 },
      { name: 'drain, CPU', unit: 'ms', digits: 1 },
    ],
    baseline,
    ...(await inTurn(
      inits().map((init) => contender(init, work, meter, canDrain)),
      quick ? 1 : 11,
    )),
    goals: [{ contender: own, column: 'start-up', to: baseline, atMost: 1 }],
  };
}

function kibibytes(memory: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(memory)?.[1]);
}

function wakeUps(pid: number): number {
  const counts = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/ctxt_switches:\t(\d+)/g);
  return [...counts].reduce((all, [, count]) => all + Number(count), 0);
}

function waits(pid: number): boolean {
  const [child] = children(pid);
  return readStat(pid)?.state === 'S' && child !== undefined && readStat(child)?.comm === 'sleep';
}

async function start({ name, command }: Init): Promise<ChildProcess> {
  const [file = '', ...args] = command;
  const running = spawn(file, [...args, 'sleep', '1000'], { stdio: 'ignore' });
  const deadline = performance.now() + startLimitMs;
  while (!waits(running.pid ?? 0)) {
    if (performance.now() > deadline) throw new Error(`${name} does not come to rest`);
    await delay(5);
  }
  return running;
}

// All idle at the same time: they do not disturb each other.
async function whileIdle(candidates: readonly Init[], idleMs: number): Promise<Figures[]> {
  const running = await Promise.all(candidates.map(start));
  const pids = running.map(({ pid = 0 }) => pid);
  const before = pids.map(wakeUps);
  await delay(idleMs);
  const figures = pids.map((pid, index) => {
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return {
      resident: kibibytes(memory, 'Rss'),
      'private dirty': kibibytes(memory, 'Private_Dirty'),
      anonymous: kibibytes(memory, 'Anonymous'),
      'wake-ups': ((wakeUps(pid) - (before[index] ?? NaN)) * 1000) / idleMs,
    };
  });
  await Promise.all(running.map((init) => (init.kill(), once(init, 'exit'))));
  return figures;
}

function fileSize(file: string): number {
  const found = file.includes('/') ? file : execFileSync('which', [file], { encoding: 'utf8' }).trim();
  return statSync(found).size / 1024;
}

async function memory({ quick }: Effort): Promise<Table> {
  const idleMs = quick ? 300 : 3000;
  const all = inits();
  const running = all.filter(({ missing }) => missing === undefined);
  const rounds: Figures[][] = [];
  for (let round = 0; round < (quick ? 1 : 3); round += 1) rounds.push(await whileIdle(running, idleMs));
  return {
    id: 'init-memory',
    title: 'An init: memory, and rest',
    method: `With a \`sleep\` beneath it, from /proc/PID/smaps_rollup; wake-ups: context switches within ${idleMs} ms.`,
    columns: [
      { name: 'resident', unit: 'KiB' },
      { name: 'private dirty', unit: 'KiB' },
      { name: 'anonymous', unit: 'KiB' },
      { name: 'file', unit: 'KiB' },
      { name: 'wake-ups', unit: '/s', digits: 1 },
    ],
    baseline,
    results: running.map(({ name, file }, index) => {
      const size = fileSize(file);
      return resultOf(
        name,
        rounds.map((round) => ({ ...round[index], file: size })),
      );
    }),
    missing: all.flatMap(({ name, missing: reason }) => (reason === undefined ? [] : [{ contender: name, reason }])),
    goals: [
      { contender: own, column: 'resident', to: baseline, atMost: 1 },
      { contender: own, column: 'private dirty', to: baseline, atMost: 1 },
      { contender: own, column: 'wake-ups', atMost: 0 },
    ],
  };
}

export const initArea: Area = {
  name: 'init',
  measure: async (effort) => [await times(effort), await memory(effort)],
};

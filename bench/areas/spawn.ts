import { freemem } from 'node:os';

import { numbersFrom } from '../measure/printed.js';
import { type Contender, inTurn } from '../measure/rounds.js';
import { inC, inNode, inPython, type Program } from '../peers/build.js';
import type { Area, Effort, Table } from '../report/model.js';

interface Starter {
  readonly name: string;
  readonly program: Program;
  readonly by: readonly string[];
}

interface Load {
  readonly count: number;
  readonly atOnce: number;
  readonly heapMib: number;
}

const started = '/bin/true';
const baseline = 'child_process.spawn';

function starters(): readonly Starter[] {
  return [
    { name: 'sigkit spawn', program: inNode('spawn'), by: ['sigkit'] },
    { name: 'sigkit spawn with uid', program: inNode('spawn'), by: ['sigkit-user'] },
    { name: 'sigkit spawn under a supervisor', program: inNode('spawn'), by: ['sigkit-contained'] },
    { name: baseline, program: inNode('spawn'), by: ['child_process'] },
    { name: 'Python posix_spawn', program: inPython('spawn'), by: [] },
    { name: 'C posix_spawn', program: inC('spawn'), by: ['posix_spawn'] },
    { name: 'C fork + exec', program: inC('spawn'), by: ['fork'] },
  ];
}

function microseconds({ program, by }: Starter, { count, atOnce, heapMib }: Load): number {
  const [each = NaN] = numbersFrom([...(program.command ?? []), ...by], count, atOnce, heapMib, started);
  return each;
}

function contenders(loads: Readonly<Record<string, Load>>, missing?: string): Contender[] {
  return starters().map((starter) => ({
    name: starter.name,
    missing: starter.program.missing ?? missing,
    measure: () =>
      Object.fromEntries(Object.entries(loads).map(([column, load]) => [column, microseconds(starter, load)])),
  }));
}

async function fromSmall({ quick }: Effort): Promise<Table> {
  const count = quick ? 50 : 1000;
  const atOnce = quick ? 10 : 50;
  const loads = {
    'one by one': { count, atOnce: 1, heapMib: 0 },
    'at once': { count, atOnce, heapMib: 0 },
  };
  return {
    id: 'spawn',
    title: 'spawn, exec and exit of `true`',
    method: `${count} starts of ${started}, one after the other and ${atOnce} at once, each waited for: the whole time by their number.`,
    columns: Object.keys(loads).map((name) => ({ name, unit: 'us' })),
    baseline,
    ...(await inTurn(contenders(loads), quick ? 1 : 3)),
    goals: [],
  };
}

async function fromBig({ quick }: Effort): Promise<Table> {
  const heapMib = quick ? 64 : 2048;
  // What copies the page tables takes a tenth of a second for each.
  const count = quick ? 10 : 20;
  const loads = { 'one by one': { count, atOnce: 1, heapMib } };
  const needed = heapMib * 1.5 * 2 ** 20;
  const missing = freemem() < needed ? `needs ${Math.round(needed / 2 ** 20)} MiB of free memory` : undefined;
  return {
    id: 'spawn-heap',
    title: 'The same from a process with much memory',
    method: `${count} starts of ${started}, one after the other, from a process that has written to ${heapMib} MiB of memory.`,
    columns: [{ name: 'one by one', unit: 'us' }],
    baseline,
    ...(await inTurn(contenders(loads, missing), quick ? 1 : 3)),
    goals: [],
  };
}

async function output({ quick }: Effort): Promise<Table> {
  const mebibytes = quick ? 64 : 1024;
  const { command, missing } = inNode('output');
  const readers = [
    { name: 'sigkit spawn', by: 'sigkit' },
    { name: baseline, by: 'child_process' },
  ].map(({ name, by }) => ({
    name,
    missing,
    measure: () => {
      const [wall = NaN, cpu = NaN] = numbersFrom([...(command ?? []), by], mebibytes);
      return { wall, CPU: cpu };
    },
  }));
  return {
    id: 'spawn-output',
    title: `${mebibytes} MiB of a child's standard output`,
    method: `\`head -c\` of /dev/zero, read by a listener of 'data'. Wall: from the start to 'end'. CPU: user and system time of the reader.`,
    columns: [
      { name: 'wall', unit: 'ms' },
      { name: 'CPU', unit: 'ms' },
    ],
    baseline,
    ...(await inTurn(readers, quick ? 3 : 9)),
    goals: [{ contender: 'sigkit spawn', column: 'wall', to: baseline, atMost: 1 }],
  };
}

export const spawnArea: Area = {
  name: 'spawn',
  measure: async (effort) => [await fromSmall(effort), await fromBig(effort), await output(effort)],
};

import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';

import { threads } from 'sigkit';

import { type Contender, type Figures, inTurn } from '../measure/rounds.js';
import { inNode, requiredInC } from '../peers/build.js';
import type { Area, Table } from '../report/model.js';

const usualPoolSize = 4;
const threadCounts = [11, 50, 200];
const inC = 'C rt_sigprocmask';
const ofOneThread = 'sigkit pthreadSigmask';
const bareCall = 'Node-API no-op + rt_sigprocmask';

function run(command: readonly string[], poolSize?: number): string {
  const [file = '', ...args] = command;
  const env = poolSize === undefined ? process.env : { ...process.env, UV_THREADPOOL_SIZE: String(poolSize) };
  return execFileSync(file, args, { encoding: 'utf8', env, timeout: 120_000 });
}

function runInC(calls: number): number {
  return Number(run([requiredInC('sigprocmask'), String(calls)]));
}

/** How many threads a process of Node's has besides those of libuv's pool. */
async function threadsWithoutPool(): Promise<number> {
  await stat('.');
  const nodes = threads().filter(({ name }) => !name.startsWith('sigkit'));
  return nodes.length - Number(process.env['UV_THREADPOOL_SIZE'] ?? usualPoolSize);
}

function runInNode(poolSize: number, calls: number): Figures {
  const { command } = inNode('calls', String(calls));
  return JSON.parse(run(command, poolSize)) as Figures;
}

async function ofThread(rounds: number, calls: number): Promise<Table> {
  // The second contender is the sum of figures of the other two.
  let bareUs = NaN;
  let inCUs = NaN;
  const contenders: readonly Contender[] = [
    {
      name: ofOneThread,
      measure() {
        const { bare = NaN, threadMask = NaN } = runInNode(usualPoolSize, calls);
        bareUs = bare;
        return { 'per call': threadMask };
      },
    },
    {
      name: inC,
      measure() {
        inCUs = runInC(calls * 10);
        return { 'per call': inCUs };
      },
    },
    { name: bareCall, measure: () => ({ 'per call': bareUs + inCUs }) },
  ];
  return {
    id: 'masks-thread',
    title: 'pthreadSigmask: the mask of one thread',
    method: `${(2 * calls).toLocaleString('en')} calls that block and unblock SIGHUP in turn; beside them rt_sigprocmask(2) from C, and that plus a native function that does nothing.`,
    columns: [{ name: 'per call', unit: 'us', digits: 3 }],
    baseline: bareCall,
    ...(await inTurn(contenders, rounds)),
    goals: [{ contender: ofOneThread, column: 'per call', to: bareCall, atMost: 2 }],
  };
}

async function ofProcess(rounds: number, calls: number): Promise<Table> {
  const others = await threadsWithoutPool();
  const overThreads = threadCounts.map((count): Contender => ({
    name: `sigkit sigprocmask, ${count} threads`,
    measure() {
      const { threads: seen = NaN, processMask = NaN } = runInNode(count - others, calls);
      if (seen !== count) throw new Error(`${seen} threads instead of ${count}`);
      return { 'per call': processMask, 'per thread': processMask / count };
    },
  }));
  const bare: Contender = {
    name: inC,
    measure() {
      const us = runInC(calls * 10);
      return { 'per call': us, 'per thread': us };
    },
  };
  return {
    id: 'masks-process',
    title: 'sigprocmask: the mask of every thread of a process',
    method:
      "Calls that block and unblock SIGHUP in turn in a process whose libuv pool is as large as it takes; from C one thread's.",
    columns: [
      { name: 'per call', unit: 'us', digits: 2 },
      { name: 'per thread', unit: 'us', digits: 2 },
    ],
    baseline: inC,
    ...(await inTurn([...overThreads, bare], rounds)),
    goals: [
      { contender: 'sigkit sigprocmask, 11 threads', column: 'per call', atMost: 300 },
      { contender: 'sigkit sigprocmask, 200 threads', column: 'per thread', atMost: 12 },
    ],
  };
}

export const masksArea: Area = {
  name: 'masks',
  async measure({ quick }) {
    const rounds = quick ? 3 : 7;
    const calls = quick ? 5000 : 20_000;
    return [await ofThread(rounds, calls), await ofProcess(rounds, calls)];
  },
};

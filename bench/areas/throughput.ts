import { runPair } from '../measure/pair.js';
import { type Figures, inTurn } from '../measure/rounds.js';
import type { Command } from '../peers/build.js';
import * as receivers from '../peers/receivers.js';
import type { Area, Table } from '../report/model.js';

const { sigkitThread, sigkitLoop, processOn, sigwaitinfoInC, signalfdInC, sigwaitinfoInPython } = receivers;

async function sendAll(what: 'queue' | 'storm', command: Command, count: number): Promise<Figures> {
  const { sender, receiver } = await runPair([...command, what, String(count)], (pid) => [
    what,
    String(pid),
    String(count),
  ]);
  const { endNs = NaN, cpuMs = NaN, received = NaN } = receiver;
  const { beganNs = NaN, full = NaN } = sender;
  return {
    wall: (endNs - beganNs) / 1e6,
    'CPU for each': (cpuMs * 1000) / received,
    lost: count - received,
    seen: (100 * received) / count,
    'queue full': full,
  };
}

async function queue(quick: boolean): Promise<Table> {
  const count = quick ? 100_000 : 1_000_000;
  const contenders = [sigkitThread, sigkitLoop, sigwaitinfoInC, signalfdInC, sigwaitinfoInPython];
  return {
    id: 'throughput-queue',
    title: `${count.toLocaleString('en')} sigqueue(3) to one reader`,
    method:
      'A sender in C queues SIGRTMIN+1 with a running number as fast as it can, and waits 0.1 ms when the queue is full; the ' +
      'reader checks the order. Wall: from the first send to the last body. CPU: user and system time of the reader. The queue ' +
      'is one for all processes of a user.',
    columns: [
      { name: 'wall', unit: 'ms' },
      { name: 'CPU for each', unit: 'us', digits: 2 },
      { name: 'lost', unit: '' },
      { name: 'queue full', unit: 'times' },
    ],
    baseline: sigwaitinfoInC.name,
    ...(await inTurn(
      receivers.contend(contenders, (command) => sendAll('queue', command, count)),
      quick ? 3 : 5,
    )),
    goals: [
      { contender: sigkitThread.name, column: 'lost', atMost: 0 },
      { contender: sigkitThread.name, column: 'wall', to: sigwaitinfoInC.name, atMost: 1.1 },
      { contender: sigkitThread.name, column: 'CPU for each', to: sigwaitinfoInC.name, atMost: 1.3 },
    ],
  };
}

async function storm(quick: boolean): Promise<Table> {
  const count = quick ? 20_000 : 200_000;
  const contenders = [sigkitThread, sigkitLoop, processOn, sigwaitinfoInC];
  return {
    id: 'throughput-storm',
    title: `${count.toLocaleString('en')} kill(2) of a standard signal`,
    method:
      'SIGUSR2 as fast as a sender in C can. The kernel merges a standard signal into one that is pending: how many are ' +
      'seen is chance, for everybody.',
    columns: [
      { name: 'seen', unit: '%', digits: 2 },
      { name: 'wall', unit: 'ms' },
      { name: 'CPU for each', unit: 'us', digits: 2 },
    ],
    baseline: processOn.name,
    ...(await inTurn(
      receivers.contend(contenders, (command) => sendAll('storm', command, count)),
      quick ? 3 : 5,
    )),
    goals: [],
  };
}

export const throughputArea: Area = {
  name: 'throughput',
  measure: async ({ quick }) => [await queue(quick), await storm(quick)],
};

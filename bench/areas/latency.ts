import { latency } from '../measure/pair.js';
import { inTurn } from '../measure/rounds.js';
import { versionOf } from '../peers/build.js';
import type { Load } from '../peers/load.js';
import * as receivers from '../peers/receivers.js';
import type { Area, Effort, Goal, Table } from '../report/model.js';

const { sigkitThread, sigkitLoop, processOn } = receivers;
const inNode = [sigkitThread, sigkitLoop, processOn];
const all = [
  ...inNode,
  receivers.sigwaitinfoInC,
  receivers.signalfdInC,
  receivers.handoffInC,
  receivers.osSignalInGo,
  receivers.tokioInRust,
  receivers.signalHookInRust,
  receivers.sigwaitinfoInPython,
  receivers.asyncioInPython,
];

const columns = [
  { name: 'p50', unit: 'us', digits: 1 },
  { name: 'p99', unit: 'us', digits: 1 },
  { name: 'round trip', unit: 'us', digits: 1 },
];

interface Setting {
  readonly id: string;
  readonly load: Load;
  readonly while: string;
  readonly method?: string;
  /** A command that starts sender and receiver. */
  readonly by?: readonly string[];
  readonly receivers: readonly receivers.Receiver[];
  readonly goals: readonly Goal[];
}

const idleGoals: readonly Goal[] = [
  { contender: sigkitLoop.name, column: 'p50', to: processOn.name, atMost: 1 },
  { contender: sigkitThread.name, column: 'p50', to: processOn.name, atMost: 2.5 },
  { contender: sigkitThread.name, column: 'p50', to: receivers.osSignalInGo.name, atMost: 1 },
];

const settings: readonly Setting[] = [
  {
    id: 'idle',
    load: 'idle',
    while: 'idle',
    receivers: all,
    goals: idleGoals,
  },
  {
    id: 'one-core',
    load: 'idle',
    while: 'idle, on one core',
    method:
      ' Both run on one core (taskset(1)): no time goes into the waking of another core, which of all is the least steady.',
    by: ['taskset', '-c', '0'],
    receivers: all,
    goals: idleGoals,
  },
  {
    id: 'pool',
    load: 'pool',
    while: "libuv's pool busy",
    method: ' The four threads of the pool derive keys, and call stat(2) in between.',
    receivers: inNode,
    goals: [],
  },
  {
    id: 'garbage',
    load: 'garbage',
    while: 'under GC pressure',
    method: ' Each millisecond the loop makes 5,000 objects, of which the last 100,000 stay alive.',
    receivers: inNode,
    goals: [],
  },
];

async function measure(setting: Setting, { quick }: Effort): Promise<Table> {
  const sends = quick ? 120 : 1000;
  const [starter] = setting.by ?? [];
  const missing =
    starter === undefined || versionOf(starter) !== undefined ? undefined : `not installed: ${starter} (util-linux)`;
  const contenders = receivers.contend(setting.receivers, (command, { name }) => {
    const load = inNode.some((own) => own.name === name) ? [setting.load] : [];
    return latency([...command, 'latency', String(sends), ...load], sends, setting.by);
  });
  return {
    id: `latency-${setting.id}`,
    title: `From kill(2) to the first line of the handler, ${setting.while}`,
    method:
      `A sender in C sends SIGUSR2 ${sends} times, at least 0.5 ms apart, each after the answer to the last; the first sixth is ` +
      'not counted. p50 and p99: until the body of the loop or listener runs; round trip: until the sender has its answer ' +
      `through a pipe, median.${setting.method ?? ''}`,
    columns,
    baseline: processOn.name,
    ...(await inTurn(
      contenders.map((contender) => ({ ...contender, missing: missing ?? contender.missing })),
      quick ? 3 : 5,
    )),
    goals: setting.goals,
  };
}

export const latencyArea: Area = {
  name: 'latency',
  async measure(effort) {
    const tables: Table[] = [];
    for (const setting of settings) tables.push(await measure(setting, effort));
    return tables;
  },
};

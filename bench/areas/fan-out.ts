import { latency } from '../measure/pair.js';
import { type Contender, inTurn } from '../measure/rounds.js';
import { inNode } from '../peers/build.js';
import type { Transport } from '../peers/transport.js';
import type { Area, Table } from '../report/model.js';

const transports: readonly Transport[] = ['thread', 'loop'];

interface Spread {
  readonly to: 'streams' | 'workers';
  readonly numbers: readonly number[];
  readonly title: string;
}

function contender({ to }: Spread, transport: Transport, number: number, sends: number): Contender {
  const unit = to === 'streams' ? 'stream' : 'Worker';
  return {
    name: `sigkit ${transport}, ${number.toLocaleString('en')} ${unit}${number === 1 ? '' : 's'}`,
    async measure() {
      const { command } = inNode('fan-out', to, transport, String(number), String(sends));
      const { p50, p99 } = await latency(command, sends);
      return { p50, p99, 'for each, p50': p50 / number };
    },
  };
}

async function measure(spread: Spread, quick: boolean): Promise<Table> {
  const sends = quick ? 60 : 300;
  const contenders = transports.flatMap((transport) =>
    spread.numbers.map((number) => contender(spread, transport, number, sends)),
  );
  return {
    id: `fan-out-${spread.to}`,
    title: `One signal to ${spread.title}`,
    method: `SIGUSR2, ${sends} times, from a sender in C: from kill(2) until the last of them has it in its \`for await\`.`,
    columns: [
      { name: 'p50', unit: 'us', digits: 1 },
      { name: 'p99', unit: 'us', digits: 1 },
      { name: 'for each, p50', unit: 'us', digits: 2 },
    ],
    baseline: contenders[0]?.name ?? '',
    ...(await inTurn(contenders, quick ? 3 : 5)),
    goals: [],
  };
}

export const fanOutArea: Area = {
  name: 'fan-out',
  measure: async ({ quick }) => [
    await measure({ to: 'streams', numbers: [1, 10, 100, 1000], title: 'many streams of one thread' }, quick),
    await measure({ to: 'workers', numbers: [1, 4, 16], title: 'a stream in each of many Workers' }, quick),
  ],
};

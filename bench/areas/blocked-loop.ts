import { runPair } from '../measure/pair.js';
import { type Contender, type Figures, inTurn } from '../measure/rounds.js';
import { inNode } from '../peers/build.js';
import type { Transport } from '../peers/transport.js';
import type { Area } from '../report/model.js';

async function sendToBlocked(how: string, count: number, blockedMs: number): Promise<Figures> {
  const { command } = inNode('blocked', how, String(blockedMs));
  const what = how === 'process.on' ? 'paced-storm' : 'paced-queue';
  const { receiver } = await runPair(command, (pid) => [
    what,
    String(pid),
    String(count),
    String(Math.round(blockedMs * 0.75)),
  ]);
  const { received = NaN, p50, p99 } = receiver;
  return { lost: count - received, 'time off, p50': (p50 ?? NaN) * 1000, 'time off, p99': (p99 ?? NaN) * 1000 };
}

export const blockedLoopArea: Area = {
  name: 'blocked-loop',
  async measure({ quick }) {
    const count = quick ? 5000 : 50_000;
    const blockedMs = quick ? 300 : 2000;
    const streams = (['thread', 'loop'] satisfies Transport[]).map((transport): Contender => ({
      name: `sigkit ${transport}`,
      measure: () => sendToBlocked(transport, count, blockedMs),
    }));
    const listener: Contender = { name: 'process.on', measure: () => sendToBlocked('process.on', count, blockedMs) };
    return [
      {
        id: 'blocked-loop',
        title: `${count.toLocaleString('en')} signals while the loop is blocked for ${blockedMs} ms`,
        method:
          'A busy loop in JavaScript, and a sender in C that spreads its signals over three quarters of that time: SIGRTMIN+1 with ' +
          'the time of the send as its value, to process.on SIGUSR2. Time off: between the send and the time that the ' +
          'stream tells. What the kernel refuses, as its queue is full, counts as lost.',
        columns: [
          { name: 'lost', unit: '' },
          { name: 'time off, p50', unit: 'us', digits: 1 },
          { name: 'time off, p99', unit: 'us', digits: 1 },
        ],
        ...(await inTurn([...streams, listener], quick ? 1 : 3)),
        goals: [
          { contender: 'sigkit thread', column: 'lost', atMost: 0 },
          { contender: 'sigkit thread', column: 'time off, p99', atMost: 1000 },
        ],
      },
    ];
  },
};

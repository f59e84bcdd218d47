import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { type Contender, inTurn } from '../measure/rounds.js';
import { inNode } from '../peers/build.js';
import type { Area } from '../report/model.js';

const budgetMs = 300;
const longMs = 60_000;
const ways = ['idle', 'while (true)', 'Atomics.wait'];
const killed = 'SIGKILL';

/** Milliseconds from the last of these signals, each sent at once, to the end of the process. */
async function endAfter(way: string, budget: number, signals: readonly NodeJS.Signals[]): Promise<number> {
  const [file, ...args] = inNode('stuck', way, String(budget)).command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  const before = performance.now();
  for (const signal of signals) child.kill(signal);
  await ended;
  return performance.now() - before;
}

function stuck(way: string): Contender {
  return {
    name: `sigkit, ${way}`,
    measure: async () => ({
      'after the deadline': (await endAfter(way, budgetMs, ['SIGTERM'])) - budgetMs,
      // Of two signals that are pending together, the kernel gives the lower number first: none is lost.
      'after a second signal': await endAfter(way, longMs, ['SIGINT', 'SIGTERM']),
    }),
  };
}

export const shutdownArea: Area = {
  name: 'shutdown',
  async measure({ quick }) {
    const bare: Contender = {
      name: killed,
      async measure() {
        const ms = await endAfter('idle', longMs, ['SIGKILL']);
        return { 'after the deadline': ms, 'after a second signal': ms };
      },
    };
    return [
      {
        id: 'shutdown',
        title: 'How late a shutdown ends a process whose event loop is stuck',
        method: `As the parent sees it: from the deadline of ${budgetMs} ms, or from the second of two signals; beside it from SIGKILL.`,
        columns: [
          { name: 'after the deadline', unit: 'ms', digits: 1 },
          { name: 'after a second signal', unit: 'ms', digits: 1 },
        ],
        baseline: killed,
        ...(await inTurn([...ways.map(stuck), bare], quick ? 1 : 15)),
        goals: ways.map((way) => ({ contender: `sigkit, ${way}`, column: 'after the deadline', atMost: 50 })),
      },
    ];
  },
};

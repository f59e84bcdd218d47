import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';

import { type Figures, resultOf } from '../measure/rounds.js';
import { inNode } from '../peers/build.js';
import type { Area } from '../report/model.js';

async function start(how: string): Promise<ChildProcess> {
  const { command } = inNode('idle', how);
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error(`idle ${how}: exit ${child.exitCode}`);
  return child;
}

// By all threads: each time that one has gone to sleep, something has woken it before.
function wakeUps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((tid) => readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8'))
    .map((status) => Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]))
    .reduce((all, more) => all + more, 0);
}

export const idleArea: Area = {
  name: 'idle',
  async measure({ quick }) {
    const roundMs = quick ? 300 : 2000;
    const subscribers = [
      { name: 'sigkit thread', how: 'thread' },
      { name: 'sigkit loop', how: 'loop' },
      { name: 'sigkit diagnostics', how: 'diagnostics' },
      { name: 'process.on', how: 'process.on' },
      { name: 'bare node', how: 'node' },
    ];
    const children = await Promise.all(subscribers.map(({ how }) => start(how)));
    const counts = (): number[] => children.map(({ pid = 0 }) => wakeUps(pid));
    const rounds: Figures[][] = subscribers.map(() => []);
    try {
      // Node's own start goes on a little longer than its script's.
      await pass(quick ? 500 : 2000);
      for (let round = 0; round < (quick ? 3 : 5); round += 1) {
        const before = counts();
        await pass(roundMs);
        const after = counts();
        for (const [index, figures] of rounds.entries())
          figures.push({ 'wake-ups': (((after[index] ?? NaN) - (before[index] ?? NaN)) * 1000) / roundMs });
      }
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
    return [
      {
        id: 'idle',
        title: 'A process that waits for signals, of which none comes',
        method: `Voluntary context switches of all threads within ${roundMs} ms, all processes at the same time.`,
        columns: [{ name: 'wake-ups', unit: '/s', digits: 1 }],
        results: subscribers.map(({ name }, index) => resultOf(name, rounds[index] ?? [])),
        missing: [],
        goals: ['sigkit thread', 'sigkit diagnostics'].map((contender) => ({
          contender,
          column: 'wake-ups',
          atMost: 0,
        })),
      },
    ];
  },
};

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { numbersFrom } from '../measure/printed.js';
import { type Contender, type Figures, inTurn } from '../measure/rounds.js';
import { inNode, versionOf } from '../peers/build.js';
import type { Area, Table } from '../report/model.js';

type Work = 'http' | 'loop' | 'turns';

// By all threads, the start included.
function systemCalls(command: readonly string[], log: string): number {
  execFileSync('strace', ['-f', '-c', '-o', log, ...command], { stdio: 'ignore', timeout: 240_000 });
  return Number(/^100\.\d+ .*?(\d+) +(?:\d+ +)?total$/m.exec(readFileSync(log, 'utf8'))?.[1]);
}

interface Comparison {
  readonly work: Work;
  readonly what: string;
  readonly count: number;
  readonly goals: readonly string[];
}

interface Measuring {
  readonly rounds: number;
  /** Where strace(1) may write; without it nothing is traced. */
  readonly log: string | undefined;
}

function contender(name: string, how: string, { work, count }: Comparison, log: string | undefined): Contender {
  const { command } = inNode('stalls', how, work, String(count));
  return {
    name,
    measure(): Figures {
      const [CPU = NaN] = numbersFrom(command);
      return { CPU, 'system calls': log === undefined ? NaN : systemCalls(command, log) / count };
    },
  };
}

async function compare(comparison: Comparison, { rounds, log }: Measuring): Promise<Table> {
  const { work, what, count, goals } = comparison;
  const [open, without] = ['sigkit onLoopStall', 'without'];
  return {
    id: `stalls-${work}`,
    title: `${count.toLocaleString('en')} ${what}, watched for stalls`,
    method:
      'CPU time of the whole process for each, by its own account; then once more under strace -f -c, its system calls with those of its ' +
      'start, divided by their number. The threshold is the usual one, a second.',
    columns: [
      { name: 'CPU', unit: 'us', digits: 4 },
      { name: 'system calls', unit: '', digits: 4 },
    ],
    baseline: without,
    ...(await inTurn(
      [contender(open, 'watched', comparison, log), contender(without, 'plain', comparison, log)],
      rounds,
    )),
    goals: goals
      .filter((column) => column === 'CPU' || log !== undefined)
      .map((column) => ({ contender: open, column, to: without, atMost: 1.01 })),
  };
}

export const stallsArea: Area = {
  name: 'stalls',
  async measure({ quick }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-stalls-'));
    const traced = !quick && versionOf('strace', '-V') !== undefined;
    const measuring = { rounds: quick ? 1 : 15, log: traced ? path.join(folder, 'calls') : undefined };
    const times = quick ? 1 : 20;
    try {
      return [
        await compare(
          { work: 'http', what: 'requests to a server of HTTP', count: times * 1000, goals: ['CPU', 'system calls'] },
          measuring,
        ),
        await compare(
          { work: 'loop', what: 'rounds of a loop in JavaScript', count: times * 20_000_000, goals: ['CPU'] },
          measuring,
        ),
        // What a turn costs more, where it does nothing else.
        await compare(
          { work: 'turns', what: 'turns of the event loop, by setImmediate', count: times * 5000, goals: [] },
          measuring,
        ),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

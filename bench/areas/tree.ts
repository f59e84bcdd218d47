import { spawn } from 'sigkit/process';

import { numbersFrom } from '../measure/printed.js';
import { type Contender, inTurn } from '../measure/rounds.js';
import { inC, inNode } from '../peers/build.js';
import { inits } from '../peers/inits.js';
import type { Area } from '../report/model.js';

interface Ender {
  readonly name: string;
  readonly command: readonly string[];
  readonly missing?: string | undefined;
  /** How large a tree it ends in each round: larger ones only in the first. */
  readonly often?: number;
}

const baseline = 'killpg + wait in C';
const [sizes, quickSizes] = [
  [10, 100, 1000],
  [10, 100],
];

function missingCgroup(): string | undefined {
  try {
    void spawn('true', { contain: 'cgroup' }).exited;
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function missingPackage(name: string): string | undefined {
  try {
    import.meta.resolve(name);
    return undefined;
  } catch {
    return `not installed: ${name} (npm)`;
  }
}

function enders(): readonly Ender[] {
  const { command: inNodeJs } = inNode('tree');
  return [
    { name: 'sigkit terminateTree', command: [...inNodeJs, 'terminateTree'] },
    { name: 'sigkit terminateGroup', command: [...inNodeJs, 'terminateGroup'] },
    { name: 'sigkit contained, by a cgroup', command: [...inNodeJs, 'cgroup'], missing: missingCgroup() },
    { name: 'sigkit contained, by a supervisor', command: [...inNodeJs, 'supervisor'] },
    // It starts a ps(1) for each process.
    { name: 'tree-kill', command: [...inNodeJs, 'tree-kill'], missing: missingPackage('tree-kill'), often: 100 },
    { name: baseline, command: [...(inC('tree').command ?? []), 'killpg'] },
  ];
}

function columnOf(size: number): string {
  return `${size.toLocaleString('en')} processes`;
}

function contender({ name, command, missing, often = Infinity }: Ender, counts: readonly number[]): Contender {
  const grower = inC('tree');
  // It takes what loses its parent, whoever ends the tree.
  const [init] = inits();
  let rounds = 0;
  return {
    name,
    missing: missing ?? grower.missing ?? init?.missing,
    measure() {
      const now = counts.filter((size) => rounds === 0 || size <= often);
      rounds += 1;
      return Object.fromEntries(
        now.map((size) => {
          const [ms = NaN] = numbersFrom([...(init?.command ?? []), ...command], size, ...(grower.command ?? []));
          return [columnOf(size), ms];
        }),
      );
    },
  };
}

export const treeArea: Area = {
  name: 'tree',
  async measure({ quick }) {
    const counts = quick ? quickSizes : sizes;
    const largest = columnOf(counts.at(-1) ?? NaN);
    const table = {
      id: 'tree',
      title: 'A tree of processes ended',
      method:
        'A root and chains of children, in one group, each waiting for signals: from the call until it says that it is done, and the ' +
        'kernel has closed the pipe that all of them held. tree-kill says it when it has sent its signals, and ends the largest once.',
      columns: counts.map((size) => ({ name: columnOf(size), unit: 'ms', digits: 1 })),
      baseline,
      ...(await inTurn(
        enders().map((ender) => contender(ender, counts)),
        quick ? 1 : 5,
      )),
      goals: [
        { contender: 'sigkit terminateTree', column: largest, to: baseline, atMost: 3 },
        { contender: 'sigkit contained, by a cgroup', column: largest, to: baseline, atMost: 1.5 },
      ],
    };
    return [table];
  },
};

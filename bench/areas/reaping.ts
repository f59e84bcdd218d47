import { numbersFrom } from '../measure/printed.js';
import { type Contender, type Figures, inTurn } from '../measure/rounds.js';
import { inC, inNode } from '../peers/build.js';
import { inits } from '../peers/inits.js';
import { asInit, missingNamespace } from '../peers/namespace.js';
import type { Area } from '../report/model.js';

interface Pid1 {
  readonly name: string;
  readonly command: readonly string[];
  readonly missing: string | undefined;
}

const node = 'Node, reapOrphans()';
const atOnce = 1000;

function columnsOf(count: number): { readonly rate: string; readonly cpu: string } {
  const orphans = count.toLocaleString('en');
  return { rate: `${orphans}: rate`, cpu: `${orphans}: CPU of each` };
}

function measureOne(pid1: Pid1, maker: readonly string[], counts: readonly number[]): Figures {
  const figures: Record<string, number> = { left: 0 };
  const costs = counts.map((count) => {
    const [tookUs = NaN, cpuUs = NaN, left = NaN] = numbersFrom([...asInit, ...pid1.command, ...maker], count, atOnce);
    const { rate, cpu } = columnsOf(count);
    figures[rate] = (count * 1e6) / tookUs;
    figures[cpu] = cpuUs / count;
    figures['left'] = Math.max(figures['left'] ?? 0, left);
    return cpuUs / count;
  });
  return { ...figures, growth: (costs.at(-1) ?? NaN) / (costs[0] ?? NaN) };
}

function contenders(counts: readonly number[]): Contender[] {
  const maker = inC('reaping');
  const impossible = maker.missing ?? missingNamespace();
  const all = [{ name: node, command: inNode('reaping').command, missing: undefined }, ...inits()];
  return all.map((pid1) => ({
    name: pid1.name,
    missing: pid1.missing ?? impossible,
    measure: () => measureOne(pid1, maker.command ?? [], counts),
  }));
}

export const reapingArea: Area = {
  name: 'reaping',
  async measure({ quick }) {
    const counts = quick ? [500, 4000] : [1000, 10_000];
    const [few = '', many = ''] = counts.map((count) => count.toLocaleString('en'));
    const { rate } = columnsOf(counts.at(-1) ?? NaN);
    const table = {
      id: 'reaping',
      title: 'Orphans reaped as PID 1',
      method:
        `${few} and ${many} orphans, which end at once when they have lost their parent, in lots of 250; at most ${atOnce} stand in ` +
        'the list of PID 1 at a time. Rate: from the first fork until the list is empty, so the forks count for all. CPU: all ' +
        'threads of PID 1. Growth: CPU of each, many against few. Left: zombies in the end.',
      columns: [
        ...counts.flatMap((count) => [
          { name: columnsOf(count).rate, unit: '/s' },
          { name: columnsOf(count).cpu, unit: 'us', digits: 1 },
        ]),
        { name: 'growth', unit: 'x', digits: 2 },
        { name: 'left', unit: '' },
      ],
      baseline: 'tini',
      ...(await inTurn(contenders(counts), quick ? 1 : 5)),
      goals: [
        { contender: node, column: rate, to: 'tini', atLeast: 0.5 },
        { contender: node, column: 'growth', atMost: 1.5 },
        { contender: node, column: 'left', atMost: 0 },
        { contender: 'sigkit-init', column: 'left', atMost: 0 },
      ],
    };
    return [table];
  },
};

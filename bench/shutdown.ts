// How late a shutdown ends a process whose event loop is blocked, as its parent sees it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { printRow } from './table.js';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 20;
const budgetMs = 300;
const longMs = 60_000;
const ways = ['idle', 'while (true)', 'Atomics.wait'];
const target = fileURLToPath(new URL('stuck.js', import.meta.url));

/** Milliseconds from the last of these signals, each sent at once, to the end of the process. */
async function endAfter(way: string, budget: number, signals: readonly NodeJS.Signals[]): Promise<number> {
  const child = spawn(process.execPath, [target, way, String(budget)], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  const before = performance.now();
  for (const signal of signals) child.kill(signal);
  await ended;
  return performance.now() - before;
}

const killed: number[] = [];
const late = new Map(ways.map((way) => [way, [] as number[]]));
const second = new Map(ways.map((way) => [way, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  killed.push(await endAfter('idle', longMs, ['SIGKILL']));
  for (const way of ways) {
    late.get(way)?.push((await endAfter(way, budgetMs, ['SIGTERM'])) - budgetMs);
    // Of two signals that are pending together, the kernel gives the lower number first: none is lost.
    second.get(way)?.push(await endAfter(way, longMs, ['SIGINT', 'SIGTERM']));
  }
}

const references = [{ name: 'SIGKILL', values: killed }];
for (const [way, values] of late) {
  const figure = `end after the deadline, ${way}`;
  printRow({ figure, unit: 'ms', digits: 1, own: values, references, goal: '<= 50 ms' });
}
for (const [way, values] of second) {
  printRow({ figure: `end after a second signal, ${way}`, unit: 'ms', digits: 1, own: values, references });
}

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { type Outcome, startChild } from '../support/child.js';

const program = fileURLToPath(new URL('../fixtures/beside-exit-handlers.js', import.meta.url));
const orders = ['before', 'after'] as const;

async function stopped(...args: string[]): Promise<Outcome> {
  const child = startChild(program, { args });
  await child.line(/^ready$/);
  process.kill(child.pid, 'SIGTERM');
  return child.ended;
}

const handlersOf = (generations: string, end: string): string[] =>
  Array.from(generations)
    .sort()
    .map((generation) => `handler ${generation} ${end}`);

function assertEnd({ stdout, stderr, code, signal }: Outcome, lines: readonly string[], wanted: number | string): void {
  const told = stdout.split('\n').slice(0, -1);
  const handlers = told.filter((line) => line.startsWith('handler')).sort();
  // In whatever order among themselves, but last.
  assert.deepEqual([...told.slice(0, told.length - handlers.length), ...handlers], lines, stderr);
  assert.equal(signal ?? code, wanted, stderr);
}

for (const generations of ['3', '4', '3344'])
  describe(`beside packages that die of a signal to which nobody else listens, ${generations.split('').join(' and ')}`, () => {
    for (const taker of ['thread', 'loop', 'wait', 'abort', 'worker'])
      it(`a signal comes once, and the program ends in its order, by ${taker}`, async () => {
        for (const order of orders) {
          const outcome = await stopped(order, generations, taker);
          const lines = ['ready', 'SIGTERM', 'work done', ...handlersOf(generations, '0 null')];
          assertEnd(outcome, lines, 0);
        }
      });

    it('a shutdown ends by the signal, after all that runs at an exit', async () => {
      for (const order of orders) {
        const outcome = await stopped(order, generations, 'shutdown');
        const lines = ['ready', 'SIGTERM', 'work done', 'exit', ...handlersOf(generations, '143 null')];
        assertEnd(outcome, lines, 'SIGTERM');
      }
    });

    it('they die of it once nothing claims it any more, and not before', async () => {
      for (const order of orders) {
        const outcome = await stopped(order, generations, 'cycles');
        assertEnd(outcome, ['work done', 'ready', ...handlersOf(generations, 'null SIGTERM')], 'SIGTERM');
      }
    });
  });

import assert from 'node:assert/strict';

import type { HookContext, ShutdownResult } from 'sigkit/shutdown';

import type { Tools } from '../../fixtures/scenario.js';
import { type Outcome, outcomeOf, scenario } from '../../support/scenario.js';

/** Reports in several turns of the loop, after a hook that ends as the environment says. */
function reports({ shutdown, sigkit, timers, fs }: Tools): void {
  const { HOOK: hook, REPORT: how, BUDGET: budget } = process.env;
  const ending = shutdown.createShutdown({
    budgetMs: Number(budget),
    reserveMs: Number(budget) / 2,
    async report({ hooks, exitCode, exitSignal, forced }) {
      await timers.setTimeout(20);
      await fs.promises.readFile('/proc/self/stat');
      fs.writeSync(
        1,
        JSON.stringify([hooks.map(({ outcome }) => outcome), exitCode ?? exitSignal, forced, ending.state]),
      );
      if (how === 'fails') throw new Error('no\nconnection');
      if (how === 'hangs') await new Promise(() => {});
      if (how !== 'blocks') return;
      sigkit.sigqueue(process.pid, 'SIGINT', 0);
      for (;;);
    },
  });
  ending.add('hook', () =>
    hook === 'fails' ? Promise.reject(new Error('failed')) : hook === 'hangs' ? new Promise(() => {}) : undefined,
  );
  void ending.done.then(() => fs.writeSync(1, ' done'));
  setInterval(() => {}, 1000);
  sigkit.kill(process.pid, 'SIGTERM');
}

/** Has it come to the report in time: a busy machine needs longer. */
async function endOf(variable: string): Promise<Outcome> {
  for (let budget = variable.endsWith('hangs') ? 800 : 30_000; ; budget *= 3) {
    const outcome = await outcomeOf(reports, { wrapper: ['env', variable, `BUDGET=${budget}`] });
    if (outcome.stdout.startsWith('[') || budget > 10_000) return outcome;
  }
}

describe('the report of a shutdown', () => {
  for (const [hook, told, status] of [
    ['ends', ['done', 'SIGTERM', false], 'SIGTERM'],
    ['fails', ['failed', 1, false], 1],
    ['hangs', ['timed-out', 124, true], 124],
  ] as const)
    it(`is awaited, and has the result, before the process ends: a hook that ${hook}`, async () => {
      const { code, signal, stdout, stderr } = await endOf(`HOOK=${hook}`);
      const [outcome, end, forced] = told;
      assert.equal(stdout, `${JSON.stringify([[outcome], end, forced, 'stopping'])} done`, stderr);
      assert.equal(signal ?? code, status);
    });

  for (const [how, line, done] of [
    ['fails', /SigkitWarning: The report of the shutdown has failed: Error: no\n {4}connection\n/, ' done'],
    [
      'hangs',
      /SigkitWarning: The report of the shutdown has failed: .*TimeoutError.*: the report has not ended within \d+ ms, all that the budget leaves it/,
      ' done',
    ],
    ['blocks', /then SIGINT .*: a second signal after \d+ ms, in stopping: report; .*; exit by SIGTERM\n$/, ''],
  ] as const)
    it(`leaves the exit status as it is, if it ${how}, and that is told`, async () => {
      const { signal, stdout, stderr } = await endOf(`REPORT=${how}`);
      assert.equal(signal, 'SIGTERM', stderr);
      assert.match(stderr, line);
      assert.equal(stdout, `[["done"],"SIGTERM",false,"stopping"]${done}`);
    });

  it('is given up, where nothing exits, at a second signal', () =>
    scenario(async ({ shutdown, sigkit }) => {
      const warned: string[] = [];
      process.on('warning', ({ message }) => warned.push(message));
      const ending = shutdown.createShutdown({
        exit: 'none',
        report() {
          sigkit.sigqueue(process.pid, 'SIGINT', 0);
          return new Promise(() => {});
        },
      });
      const alive = setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
      const { forced, hooks } = await ending.add('hook', () => {}).done;
      clearInterval(alive);
      await new Promise(setImmediate);
      assert.deepEqual([forced, hooks.length, warned.length], [false, 1, 1]);
      assert.match(warned[0] ?? '', /has failed: .*AbortError.*: SIGINT came/);
    }));

  it('can be made in flush as well, which sees the results of all before it', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none' });
      const seen: string[][] = [];
      const look = async (context: HookContext): Promise<void> => {
        const names = (): string[] => context.results.map(({ name, outcome }) => `${name} ${outcome}`);
        seen.push(names());
        // Nobody's list but its own.
        (context.results as unknown[]).pop();
        await new Promise(setImmediate);
        seen.push(names());
      };
      ending
        .add('http', () => {}, { stage: 'drain' })
        .add('pool', () => Promise.reject(new Error('failed')))
        .add('logs', () => {}, { stage: 'flush' })
        .add('spans', look, { stage: 'flush' });
      const { hooks }: ShutdownResult = await ending.shutdown();
      assert.deepEqual(seen, [
        ['http done', 'pool failed'],
        ['http done', 'pool failed', 'logs done'],
      ]);
      assert.equal(hooks.length, 4);
    }));
});

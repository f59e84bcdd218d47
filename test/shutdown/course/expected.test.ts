import assert from 'node:assert/strict';

import type { HookContext, ShutdownResult } from 'sigkit/shutdown';

import { scenario } from '../../support/scenario.js';

describe('a time-out that is expected', () => {
  it('says so in the results: of a hook, of a stage, and of what a stage did not begin any more', () =>
    scenario(async ({ shutdown }) => {
      const hang = (): Promise<void> => new Promise(() => {});
      const outcomes = ({ hooks }: ShutdownResult): string[] =>
        hooks.map(({ name, outcome, ...hook }) => `${name} ${outcome}${'expected' in hook ? ` ${hook.expected}` : ''}`);
      const ofHooks = shutdown.createShutdown({ sigs: [], exit: 'none' });
      ofHooks
        .stage('drain', { timeoutMs: 20 })
        .add('waits', () => {}, { stage: 'drain' })
        .add('jobs', hang, { stage: 'drain', expected: true, dependsOn: 'waits' })
        .add('others', hang, { stage: 'drain' })
        .add('own', hang, { timeoutMs: 20, expected: true })
        .add('done', () => {}, { expected: true, stage: 'flush' })
        .add('fails', () => Promise.reject(new Error('failed')), { expected: true, stage: 'flush' });
      const { forced, ...result } = await ofHooks.shutdown();
      assert.deepEqual(outcomes({ ...result, forced }).sort(), [
        'done done',
        'fails failed',
        'jobs timed-out true',
        'others timed-out',
        'own timed-out true',
        'waits skipped',
      ]);
      assert.equal(forced, false);

      const ofStage = shutdown.createShutdown({ sigs: [], exit: 'none' });
      ofStage
        .stage('drain', { timeoutMs: 20, expected: true })
        .add('waits', () => {}, { stage: 'drain' })
        .add('jobs', hang, { stage: 'drain', dependsOn: 'waits' });
      assert.deepEqual(outcomes(await ofStage.shutdown()), ['jobs timed-out true', 'waits skipped true']);
    }));

  it('is all that a stage had left, if what waited has been removed', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none', budgetMs: 200, reserveMs: 100 });
      const hang = (): Promise<void> => {
        ending.remove('database');
        return new Promise(() => {});
      };
      ending.add('database', () => {}).add('jobs', hang, { expected: true, dependsOn: 'database' });
      const { hooks, forced } = await ending.shutdown();
      assert.deepEqual([hooks.map(({ name, expected }) => [name, expected]), forced], [[['jobs', true]], false]);
    }));

  it('is none that a second signal makes', () =>
    scenario(async ({ shutdown, sigkit }) => {
      const ending = shutdown.createShutdown({ exit: 'none' });
      const hang = ({ info }: HookContext): Promise<void> => {
        assert.equal(info?.signal, 'SIGTERM');
        sigkit.sigqueue(process.pid, 'SIGINT', 0);
        return new Promise(() => {});
      };
      ending.add('jobs', hang, { timeoutMs: 20_000, expected: true });
      const alive = setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
      const { hooks, forced } = await ending.done;
      clearInterval(alive);
      assert.deepEqual([hooks[0]?.outcome, hooks[0]?.expected, forced], ['timed-out', undefined, true]);
    }));

  it('does not make the exit status 1; beside it, what was not expected does', async () => {
    for (const [jobs, code] of [
      ['expected', 7],
      ['of an expected stage', 7],
      ['beside another', 1],
    ] as const)
      await scenario(
        ({ shutdown }) => {
          const jobs = process.env['JOBS'];
          const hang = (): Promise<void> => new Promise(() => {});
          const ending = shutdown.createShutdown({ exit: 7 }).stage('drain', { timeoutMs: 20 });
          if (jobs === 'of an expected stage') ending.stage('drain', { expected: true });
          ending.add('jobs', hang, { stage: 'drain', expected: jobs !== 'of an expected stage' });
          if (jobs === 'beside another') ending.add('another', hang, { stage: 'drain' });
          void ending.shutdown();
        },
        { code, wrapper: ['env', `JOBS=${jobs}`] },
      );
  });
});

import assert from 'node:assert/strict';

import type { Tools } from '../fixtures/scenario.js';
import { outcomeOf, scenario } from '../support/scenario.js';

describe("a shutdown in a Worker, with exit: 'none'", () => {
  it('runs its stages by hand, and forces by its budget; one at a time, the next when it is over or closed', () =>
    scenario(async ({ startWorker }) => {
      const worker = await startWorker(async ({ shutdown: { createShutdown } }) => {
        const calls: string[] = [];
        const ending = createShutdown({ exit: 'none', budgetMs: 60_000 });
        ending.add('pool', () => Promise.reject(new Error('broken')));
        assert.throws(() => createShutdown({ exit: 'none' }), {
          code: 'ERR_SIGKIT_SHUTDOWN_OPEN',
          message: 'this Worker has a shutdown already: close that first',
        });
        ending.addGroup(2 ** 30);
        ending.add(
          'server',
          {
            'stop-accepting': ({ extend }) => (extend(1000), calls.push('stop')),
            drain: async () => calls.push('drain'),
          },
          { dependsOn: 'pool' },
        );
        const { hooks, forced, reason, info, exitCode, exitSignal } = await ending.shutdown('test');
        assert.deepEqual(
          hooks.map(({ name, stage, outcome }) => [name, stage, outcome]),
          [
            ['server', 'stop-accepting', 'done'],
            ['server', 'drain', 'done'],
            ['pool', 'release', 'failed'],
          ],
        );
        assert.deepEqual([forced, reason, info, exitCode, exitSignal], [false, 'test', null, null, null]);
        assert.deepEqual([ending.state, calls], ['exited', ['stop', 'drain']]);

        const late = createShutdown({ exit: 'none', budgetMs: 20 }).add('hangs', () => new Promise(() => {}));
        // What is over closes nobody else's.
        ending.close();
        await ending[Symbol.asyncDispose]();
        assert.throws(() => createShutdown({ exit: 'none' }), { code: 'ERR_SIGKIT_SHUTDOWN_OPEN' });
        const result = await late.shutdown();
        assert.deepEqual([result.forced, late.state, result.hooks[0]?.outcome], [true, 'forced', 'timed-out']);

        createShutdown({ exit: 'none' }).close();
        await createShutdown({ exit: 'none' })[Symbol.asyncDispose]();
        assert.throws(() => createShutdown({ exit: 'none', sigs: 'SIGKILL' }), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
        createShutdown({ exit: 'none' });
      });
      await worker.terminate();
    }));

  it('any other end is refused, and claims nothing', () =>
    scenario(async ({ startWorker, signalState }) => {
      const before = signalState().filter((line) => line.startsWith('SigCgt'));
      const worker = await startWorker(({ shutdown }) => {
        for (const options of [undefined, {}, { exit: 'signal' }, { exit: 'zero' }, { exit: 7 }] as const)
          assert.throws(() => shutdown.createShutdown(options), {
            name: 'SigkitError',
            code: 'ERR_SIGKIT_MAIN_THREAD_ONLY',
            message: /exit: 'none'$/,
          });
        shutdown.createShutdown({ exit: 'none' }).close();
      });
      assert.deepEqual(
        signalState().filter((line) => line.startsWith('SigCgt')),
        before,
      );
      await worker.terminate();
    }));

  it('two beside that of the process, whose deadline they neither begin, nor describe, nor end', async () => {
    const { code, stderr } = await outcomeOf(async ({ shutdown, startWorker, sigkit }) => {
      const ending = shutdown.createShutdown({ budgetMs: 200 }).add('of the process', () => {});
      const inWorker = async ({ shutdown: { createShutdown } }: Tools): Promise<void> => {
        const late = createShutdown({ exit: 'none', budgetMs: 10 }).add('hangs', () => new Promise(() => {}));
        late.addGroup(2 ** 30);
        assert.equal((await late.shutdown()).forced, true);
        createShutdown({ exit: 'none' }).add('of the Worker', () => {});
      };
      const workers = await Promise.all([startWorker(inWorker), startWorker(inWorker)]);
      await workers[0]?.terminate();
      assert.equal(ending.state, 'running');
      sigkit.kill(process.pid, 'SIGTERM');
      for (;;);
    });
    assert.equal(code, 124, stderr);
    assert.match(stderr, /SIGTERM from pid \d+ .*: the deadline after \d+ ms, in running, not begun: of the process;/);
  });

  it('by default it leaves the signals of the process alone', async () => {
    const { code, signal } = await outcomeOf(async ({ startWorker, until }) => {
      await startWorker(({ shutdown }) => void shutdown.createShutdown({ exit: 'none' }));
      let heard = 0;
      process.on('SIGINT', () => (heard += 1));
      process.kill(process.pid, 'SIGINT');
      await until(() => heard === 1, 'the listener hears it');
      process.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
    assert.deepEqual([code, signal], [null, 'SIGTERM']);
  });

  it('signals that it asks for begin it, beside that of the process, also in the Worker that is left', () =>
    scenario(async ({ shutdown, startWorker, sigkit, events, masks }) => {
      const inWorker = async ({ shutdown: inside, workerThreads }: Tools): Promise<void> => {
        const ending = inside.createShutdown({ exit: 'none', sigs: ['SIGTERM', 'SIGUSR2'] });
        void ending.done.then(({ info }) => workerThreads.parentPort?.postMessage([info?.signal, info?.pid]));
      };
      const [first, second, third] = await Promise.all([1, 2, 3].map(() => startWorker(inWorker)));
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      await third.terminate();
      const ending = shutdown.createShutdown({ exit: 'none' });
      const told = Promise.all([first, second].map((worker) => events.once(worker, 'message')));
      sigkit.kill(process.pid, 'SIGTERM');
      const expected = ['SIGTERM', process.pid];
      assert.deepEqual(await told, [[expected], [expected]]);
      assert.equal((await ending.done).info?.pid, process.pid);
      // All are over: nobody claims it any more.
      assert.equal(sigkit.disposition('SIGUSR2'), 'default');
      assert.ok(!masks().flat().includes('SIGUSR2'));
      await Promise.all([first.terminate(), second.terminate()]);
    }));
});

describe('in the main thread', () => {
  it('one that ends nothing and one that ends the process exclude each other, whichever was first', () =>
    scenario(({ shutdown: { createShutdown } }) => {
      for (const exit of ['none', 'zero'] as const) {
        const open = createShutdown({ exit });
        for (const other of ['none', 'zero'] as const)
          assert.throws(() => createShutdown({ exit: other }), {
            code: 'ERR_SIGKIT_SHUTDOWN_OPEN',
            message: 'this process has a shutdown already: close that first',
          });
        open.close();
        open.close();
      }
    }));
});

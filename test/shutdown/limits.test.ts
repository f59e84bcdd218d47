import assert from 'node:assert/strict';

import { until } from '../support/child.js';
import { statOf } from '../support/processes.js';
import { outcomeOf, startScenario } from '../support/scenario.js';

const budgetMs = 1000;

describe('limits that docs/shutdown.md tells', () => {
  it('a process that is stopped outlasts its deadline, and ends as soon as it goes on', async () => {
    const child = startScenario(({ shutdown }) => {
      const hook = (): Promise<void> => {
        console.log('begun');
        return new Promise(() => {});
      };
      shutdown.createShutdown({ budgetMs: 1000 }).add('hook', hook);
      console.log('ready');
      setInterval(() => {}, 1000);
    });
    await child.line(/^ready$/);
    process.kill(child.pid, 'SIGTERM');
    await child.line(/^begun$/);
    const stoppedAt = performance.now();
    process.kill(child.pid, 'SIGSTOP');
    await until(() => performance.now() - stoppedAt > budgetMs * 1.2, 'its time is over');
    assert.equal(statOf(child.pid)?.state, 'T');
    process.kill(child.pid, 'SIGCONT');
    const { code, stderr } = await child.ended;
    assert.equal(code, 124);
    assert.match(stderr, /^sigkit: SIGTERM from pid \d+ \(uid \d+\): the deadline after \d+ ms, in stopping: hook; /);
  });

  it('a group that is not registered, or not any more, outlives a forced end', async () => {
    const { code, stdout, stderr } = await outcomeOf(({ shutdown, childProcess, fs }) => {
      const start = (): number => childProcess.spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).pid ?? 0;
      const [never, first, ended, last] = [start(), start(), start(), start()];
      const ending = shutdown.createShutdown({ budgetMs: 50 });
      for (const group of [first, ended, last]) ending.addGroup(group);
      for (const group of [first, last]) ending.removeGroup(group);
      ending.add('hook', () => new Promise(() => {}));
      fs.writeSync(1, JSON.stringify([ended, never, first, last]));
      process.kill(process.pid, 'SIGTERM');
    });
    assert.equal(code, 124, stderr);
    const [ended = 0, ...others] = JSON.parse(stdout) as number[];
    try {
      await until(() => (statOf(ended)?.state ?? 'Z') === 'Z', 'the registered one is gone');
      for (const group of others) assert.notEqual(statOf(group)?.state ?? 'Z', 'Z');
    } finally {
      for (const group of others) process.kill(group, 'SIGKILL');
    }
  });

  it('inside withSignalsBlocked nothing begins, and a deadline holds', async () => {
    const { code, stdout, stderr } = await outcomeOf(({ shutdown, sigkit, fs }) => {
      const spin = (ms: number): void => {
        const end = performance.now() + ms;
        while (performance.now() < end);
      };
      const hook = (): void => {
        sigkit.withSignalsBlocked(['SIGTERM', 'SIGINT'], () => {
          sigkit.kill(process.pid, 'SIGINT');
          spin(50);
          fs.writeSync(1, 'no second one\n');
          for (;;);
        });
      };
      shutdown.createShutdown({ budgetMs: 2000 }).add('hook', hook);
      sigkit.withSignalsBlocked(['SIGTERM', 'SIGINT'], () => {
        sigkit.kill(process.pid, 'SIGTERM');
        spin(3000);
        fs.writeSync(1, 'no first one\n');
      });
      setInterval(() => {}, 1000);
    });
    assert.deepEqual([code, stdout], [124, 'no first one\nno second one\n'], stderr);
  });

  for (const event of ['beforeExit', 'uncaughtException'])
    it(`who wants a shutdown then calls it in a listener of ${event}`, async () => {
      const { code, stdout, stderr } = await outcomeOf(
        ({ shutdown, fs }) => {
          const event = process.env['EVENT'] ?? '';
          const ending = shutdown.createShutdown();
          ending.add('hook', async ({ reason }) => {
            // Of what keeps nothing alive.
            await new Promise((resolve) => setTimeout(resolve, 10).unref());
            fs.writeSync(1, String(reason));
          });
          process.once(event, (cause: unknown) => {
            process.exitCode = 3;
            void ending.shutdown(cause);
          });
          if (event === 'uncaughtException')
            setImmediate(() => {
              throw new Error('uncaught');
            });
        },
        { wrapper: ['env', `EVENT=${event}`] },
      );
      assert.deepEqual([code, stdout, stderr], [3, event === 'beforeExit' ? '0' : 'Error: uncaught', '']);
    });
});

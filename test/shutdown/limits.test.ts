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

  it('a group that is not registered outlives a forced end', async () => {
    const child = startScenario(({ shutdown, childProcess }) => {
      const other = childProcess.spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
      shutdown.createShutdown({ budgetMs: 50 }).add('hook', () => new Promise(() => {}));
      console.log(`other ${other.pid}`);
      process.kill(process.pid, 'SIGTERM');
    });
    const other = Number((await child.line(/^other/)).split(' ')[1]);
    try {
      assert.equal((await child.ended).code, 124);
      assert.equal(statOf(other)?.group, other);
    } finally {
      process.kill(other, 'SIGKILL');
    }
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

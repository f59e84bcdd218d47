import assert from 'node:assert/strict';

import { everywhere, portables } from '../support/backends.js';
import { asPid1, canUnshare } from '../support/init.js';
import { outcomeOf, scenario } from '../support/scenario.js';

for (const { name, ...backend } of everywhere) {
  describe(`the groups of a shutdown, ${name}`, () => {
    it('endGroup ends those who stay by SIGKILL, by the child or by its number, also when the leader has gone', () =>
      scenario(async ({ processes, shutdown }) => {
        const start = async (script: string) => {
          const child = processes.spawn('sh', ['-c', script], {
            processGroup: true,
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          await process.getBuiltinModule('node:events').once(child.stdout, 'data');
          return child;
        };
        const polite = await start('sleep 1000 & echo; wait');
        const stubborn = await start('trap "" TERM; sleep 1000 & echo; wait');
        const left = await start('trap "" TERM; sleep 1000 & echo; exit 3');
        assert.equal((await left.exited).exitCode, 3);
        const order = shutdown.createShutdown({ exit: 'none' });
        order.add('polite', shutdown.endGroup(polite));
        order.add('stubborn', shutdown.endGroup(stubborn.pid, { graceMs: 50 }));
        order.add('left', shutdown.endGroup(left, { graceMs: 50 }));
        const { hooks } = await order.shutdown();
        assert.deepEqual(
          hooks.map(({ outcome, error }) => [outcome, error]),
          [1, 2, 3].map(() => ['done', undefined]),
        );
        assert.equal((await polite.exited).termSignal, 'SIGTERM');
        assert.equal((await stubborn.exited).termSignal, 'SIGKILL');
        // All who had the pipe have ended.
        await Promise.all([polite.closed, stubborn.closed, left.closed]);
      }, backend));

    it("endGroup with mode: 'mixed' asks the leader alone, and kills the others", () =>
      scenario(async ({ processes, shutdown, until }) => {
        const other = `sh -c 'trap "echo asked" TERM; echo; while :; do sleep 0.01; done'`;
        const child = processes.spawn('sh', ['-c', `${other} & trap "exit 4" TERM; wait; wait`], {
          processGroup: true,
        });
        let text = '';
        child.stdout.on('data', (data) => (text += String(data)));
        await until(() => text === '\n', 'both are there');
        const order = shutdown.createShutdown({ exit: 'none' });
        order.add('mixed', shutdown.endGroup(child, { mode: 'mixed' }));
        const { hooks } = await order.shutdown();
        assert.equal(hooks[0]?.outcome, 'done');
        assert.equal((await child.closed).exitCode, 4);
        assert.equal(text, '\n');
      }, backend));

    it('what has been added is killed when the process ends by force', async () => {
      const { code, stdout, stderr } = await outcomeOf(({ processes, shutdown }) => {
        // It holds the stdout of this process, which is at its end when both have ended.
        const child = processes.spawn('sh', ['-c', 'trap "" TERM; echo up; sleep 1000 & wait'], {
          processGroup: true,
          stdio: ['ignore', 'inherit', 'pipe'],
        });
        const order = shutdown.createShutdown({ budgetMs: 200, reserveMs: 0 });
        order.addGroup(child.pid);
        order.add('hangs', () => new Promise(() => {}));
        void order.shutdown();
        setTimeout(() => {}, 20_000);
      }, backend);
      assert.deepEqual([code, stdout], [124, 'up\n'], stderr);
    });

    it('what has been removed again lives on', async () => {
      const { code, stdout, stderr } = await outcomeOf(({ processes, shutdown }) => {
        const child = processes.spawn('sh', ['-c', 'read line; echo lives'], {
          processGroup: true,
          stdio: ['pipe', 'inherit', 'inherit'],
        });
        const order = shutdown.createShutdown({ budgetMs: 100, reserveMs: 0 });
        order.addGroup(child.pid);
        order.removeGroup(child.pid);
        order.add('hangs', () => new Promise(() => {}));
        void order.shutdown();
        setTimeout(() => {}, 20_000);
      }, backend);
      assert.deepEqual([code, stdout], [124, 'lives\n'], stderr);
    });
  });
}

for (const { name, ...backend } of portables) {
  describe(`groups over child_process, ${name}`, () => {
    it('are those that spawn has made, or empty', () =>
      scenario(async ({ processes, childProcess, shutdown }) => {
        const order = shutdown.createShutdown({ exit: 'none' });
        const foreign = childProcess.spawn('cat', { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
        const refused = { code: 'ERR_SIGKIT_UNSUPPORTED', message: /which spawn\(\) has not made, needs Node/ };
        assert.throws(() => shutdown.endGroup(foreign.pid ?? 0), refused);
        assert.throws(() => order.addGroup(foreign.pid ?? 0), refused);
        const plain = processes.spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
        assert.throws(() => shutdown.endGroup(plain), { code: 'ERR_OUT_OF_RANGE' });
        const ended = processes.spawn('true', { processGroup: true });
        await ended.exited;
        order.addGroup(ended.pid);
        order.add('ended', shutdown.endGroup(ended));
        assert.equal((await order.shutdown()).hooks[0]?.outcome, 'done');
        foreign.stdin?.end();
        plain.stdin.end();
      }, backend));

    it('are empty when all that is left are zombies that PID 1 does not reap', async function () {
      if (!canUnshare) this.skip();
      await scenario(
        async ({ processes, shutdown }) => {
          assert.equal(process.pid, 1);
          const child = processes.spawn('sh', ['-c', 'sleep 1000 & echo; wait'], { processGroup: true });
          await process.getBuiltinModule('node:events').once(child.stdout, 'data');
          const order = shutdown.createShutdown({ exit: 'none' });
          order.add('group', shutdown.endGroup(child, { graceMs: 20_000 }));
          const { hooks } = await order.shutdown();
          assert.equal(hooks[0]?.outcome, 'done');
          process.kill(-child.pid, 0);
        },
        { ...backend, wrapper: [...asPid1, ...backend.wrapper] },
      );
    });
  });
}

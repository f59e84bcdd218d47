import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { until } from '../support/child.js';
import { statOf } from '../support/processes.js';
import { outcomeOf, scenario } from '../support/scenario.js';

// Looks at a process that has imported it, and nothing else.
const program = `
  import fs from 'node:fs';
  const look = () => ({
    threads: fs.readdirSync('/proc/self/task').map((tid) => fs.readFileSync('/proc/self/task/' + tid + '/comm', 'utf8').trim()).sort(),
    state: fs.readFileSync('/proc/self/status', 'utf8').match(/^Sig(?:Blk|Ign|Cgt):.*$/gm),
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    // Without requests: files of modules are still being closed.
    resources: process.getActiveResourcesInfo().filter((name) => !name.endsWith('Req')).sort(),
  });
  process.stdout.write('');
  await import('sigkit');
  const before = look();
  await import('sigkit/shutdown');
  process.stdout.write(JSON.stringify([before, look()]));`;

describe('a shutdown leaves no trace', () => {
  it('when it is only imported', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    const [before, after] = JSON.parse(stdout) as unknown[];
    assert.deepEqual(after, before);
    assert.ok(!stdout.includes('"sigkit"'));
  });

  it('when it is closed, or has ended where nothing exits', () =>
    scenario(async ({ shutdown, sigkit, signalState, descriptors, timers }) => {
      const { createShutdown } = shutdown;
      const look = (): unknown => [
        signalState(),
        descriptors(),
        process.eventNames().map((name) => [name, process.listenerCount(name)]),
        process.getActiveResourcesInfo().sort(),
        sigkit.disposition('SIGTERM'),
        sigkit.disposition('SIGINT'),
      ];
      process.on('SIGINT', () => {});
      sigkit.ignoreSignals('SIGTERM');
      // The first close has sigkit's threads and handles made.
      createShutdown().close();
      await timers.setImmediate();
      const before = look();
      for (let round = 0; round < 3; round += 1) {
        const closed = createShutdown({ drainDelayMs: 1 })
          .stage('drain', { timeoutMs: 1000 })
          .add('hook', () => {});
        const reading = closed.transitions().next();
        assert.notDeepEqual(look(), before);
        closed.close();
        closed.close();
        assert.deepEqual(await reading, { done: true, value: undefined });
        await timers.setImmediate();
        assert.deepEqual(look(), before);
        const disposed = createShutdown();
        disposed.addGroup(2 ** 30);
        await disposed[Symbol.asyncDispose]();
        const ended = createShutdown({ exit: 'none', budgetMs: 5000 }).stage('drain', { timeoutMs: 1000 });
        ended.add('hook', () => Promise.reject(new Error('failed')), { stage: 'drain', timeoutMs: 500 });
        ended.add('hangs', () => new Promise(() => {}), { stage: 'drain', timeoutMs: 5 });
        await ended.shutdown();
        ended.close();
        await ended[Symbol.asyncDispose]();
        await timers.setImmediate();
        assert.deepEqual(look(), before);
      }
    }));

  it('once closed it neither begins nor takes anything', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown();
      ending.close();
      const closed = { name: 'SigkitError', code: 'ERR_SIGKIT_CLOSED' };
      assert.throws(() => ending.add('hook', () => {}), closed);
      assert.throws(() => ending.stage('drain'), closed);
      assert.throws(() => ending.addGroup(2 ** 22), closed);
      await assert.rejects(ending.shutdown(), closed);
      assert.throws(() => ending.addGroup(2 ** 30), closed);
      assert.deepEqual(await ending.transitions().next(), { done: true, value: undefined });
      assert.equal(ending.state, 'running');
    }));

  it('once it is closed, or has ended, it changes nothing of the next one', async () => {
    const { code, stdout, stderr } = await outcomeOf(
      async ({ shutdown, sigkit, childProcess, diagnosticsChannel, fs }) => {
        const { createShutdown } = shutdown;
        const { pid: group = 0 } = childProcess.spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
        fs.writeSync(1, String(group));
        const closed = createShutdown().add('old', () => {});
        closed.addGroup(group);
        closed.close();
        const ended = createShutdown({ exit: 'none' });
        const opensTheNext = (): void => {
          if (ended.state !== 'exited') return;
          const next = createShutdown({ budgetMs: 50 }).add('new', () => {});
          next.addGroup(group);
        };
        diagnosticsChannel.subscribe('sigkit:shutdown', opensTheNext);
        await ended.shutdown();
        assert.throws(() => ended.addGroup(2 ** 30), { code: 'ERR_SIGKIT_CLOSED' });
        closed.removeGroup(group);
        closed.remove('old');
        sigkit.kill(process.pid, 'SIGTERM');
        for (;;);
      },
    );
    const group = Number(stdout);
    try {
      assert.equal(code, 124, stderr);
      assert.match(stderr, /in running, not begun: new; event loop blocked/);
      await until(() => (statOf(group)?.state ?? 'Z') === 'Z', 'the group has ended');
    } finally {
      if (statOf(group)?.state === 'S') process.kill(group, 'SIGKILL');
    }
  });

  it('also when what a hook has brought along cannot be disposed of, which a warning tells', () =>
    scenario(async ({ shutdown, timers }) => {
      const warnings: string[] = [];
      process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message.split('\n')[0]}`));
      let disposed = 0;
      const failing = Object.assign(() => {}, {
        [Symbol.dispose]: () => {
          throw new Error('not disposed of');
        },
      });
      const other = Object.assign(() => {}, { [Symbol.dispose]: () => (disposed += 1) });
      shutdown.createShutdown().add('failing', failing).add('other', other).close();
      const ended = shutdown.createShutdown({ exit: 'none' }).add('failing', failing).add('other', other);
      assert.equal((await ended.shutdown()).hooks.length, 2);
      shutdown.createShutdown().close();
      await timers.setImmediate();
      assert.equal(disposed, 2);
      const warning = "SigkitWarning: Symbol.dispose of the hook 'failing' has failed: Error: not disposed of";
      assert.deepEqual(warnings, [warning, warning]);
    }));

  it('a process that has run out of descriptors has none, and no trace of one', () =>
    scenario(
      ({ shutdown, fs, signalState }) => {
        shutdown.createShutdown().close();
        const before = signalState();
        const descriptors: number[] = [];
        assert.throws(() => {
          for (;;) descriptors.push(fs.openSync('/dev/null', 'r'));
        }, /EMFILE/);
        assert.throws(() => shutdown.createShutdown(), { code: 'EMFILE', syscall: 'signalfd' });
        for (const fd of descriptors) fs.closeSync(fd);
        assert.deepEqual(signalState(), before);
        shutdown.createShutdown().close();
      },
      { wrapper: ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'] },
    ));

  it('close() does nothing to one that has begun; nor does a second one open meanwhile', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ exit: 'none' });
      assert.throws(() => shutdown.createShutdown(), { name: 'SigkitError', code: 'ERR_SIGKIT_SHUTDOWN_OPEN' });
      const hook = (): void => {
        ending.close();
        assert.throws(() => shutdown.createShutdown(), { code: 'ERR_SIGKIT_SHUTDOWN_OPEN' });
      };
      ending.add('hook', hook).add('after', () => {}, { stage: 'flush' });
      const { hooks } = await ending.shutdown();
      assert.deepEqual(
        hooks.map(({ outcome }) => outcome),
        ['done', 'done'],
      );
      shutdown.createShutdown().close();
    }));

  it('a signal that was taken before close() has its action after it', async () => {
    const { code, signal } = await outcomeOf(({ shutdown, sigkit }) => {
      const ending = shutdown.createShutdown();
      sigkit.kill(process.pid, 'SIGTERM');
      ending.close();
      setInterval(() => {}, 1000);
    });
    assert.deepEqual([code, signal], [null, 'SIGTERM']);
  });

  it('a signal that was taken before close() ends nothing later', () =>
    scenario(async ({ shutdown, sigkit, timers, until }) => {
      const other = sigkit.signals('SIGUSR2');
      const ending = shutdown.createShutdown({ budgetMs: 100 });
      let heard = 0;
      process.on('SIGTERM', () => (heard += 1));
      sigkit.kill(process.pid, 'SIGTERM');
      while (sigkit.sigpending().size > 0);
      ending.close();
      await until(() => heard === 1, 'it has its action');
      await timers.setTimeout(200);
      other.close();
    }));

  it('it does not keep the process alive', () =>
    scenario(({ shutdown }) => void shutdown.createShutdown().add('hook', () => process.exit(3))));
});

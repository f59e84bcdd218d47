import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';

describe('masks', () => {
  it('sigprocmask changes every thread; V8 workers keep their own SIGUSR1', () =>
    scenario(({ sigkit, masks, signalState }) => {
      const before = signalState();
      sigkit.sigprocmask('SIG_BLOCK', ['SIGUSR1', 'SIGTERM']);
      for (const blocked of masks()) assert.deepEqual(blocked, ['SIGUSR1', 'SIGTERM']);
      sigkit.sigprocmask('SIG_UNBLOCK', ['SIGUSR1', 'SIGTERM']);
      assert.deepEqual(signalState(), before);
    }));

  it('threads that start during the call are included', () =>
    scenario(async ({ sigkit, workerThreads, masks, until }) => {
      for (let round = 0; round < 15; round += 1) {
        const workers = Array.from(
          { length: 3 },
          () => new workerThreads.Worker('setInterval(() => {}, 1000)', { eval: true }),
        );
        sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP');
        await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))));
        for (const blocked of masks()) assert.ok(blocked.includes('SIGHUP'));
        sigkit.sigprocmask('SIG_UNBLOCK', 'SIGHUP');
        await until(() => masks().every((blocked) => !blocked.includes('SIGHUP')), 'unblocked everywhere');
        await Promise.all(workers.map((worker) => worker.terminate()));
      }
    }));

  it('pthreadSigmask changes the calling thread only, and what it blocked survives claims and process-wide changes', () =>
    scenario(({ sigkit, masks }) => {
      sigkit.pthreadSigmask('SIG_BLOCK', 'SIGHUP');
      const main = (): unknown => [...(sigkit.threads().find(({ tid }) => tid === process.pid)?.blocked ?? [])];
      assert.deepEqual(main(), ['SIGHUP']);
      assert.equal(masks().filter((blocked) => blocked.includes('SIGHUP')).length, 1);
      sigkit.signals('SIGHUP').close();
      assert.deepEqual(main(), ['SIGHUP']);
      const stream = sigkit.signals('SIGHUP');
      sigkit.pthreadSigmask('SIG_UNBLOCK', 'SIGHUP');
      assert.deepEqual(main(), ['SIGHUP'], 'a claimed signal stays blocked');
      stream.close();
      assert.deepEqual(main(), []);
    }));

  it('a thread can open for itself what the process blocks, and a claim closes it again', () =>
    scenario(async ({ sigkit, events, masks }) => {
      sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
      const keepAlive = setInterval(() => {}, 1000);
      const handled = events.once(process, 'SIGUSR2');
      sigkit.pthreadSigmask('SIG_UNBLOCK', 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      await handled;
      const stream = sigkit.signals('SIGUSR2');
      for (const blocked of masks()) assert.ok(blocked.includes('SIGUSR2'));
      stream.close();
      assert.equal(masks().filter((blocked) => !blocked.includes('SIGUSR2')).length, 1);
      sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
      for (const blocked of masks()) assert.ok(blocked.includes('SIGUSR2'));
      clearInterval(keepAlive);
    }));

  it('the old mask can be set again, whatever claims and sections exist meanwhile', () =>
    scenario(({ sigkit, signalState }) => {
      const before = signalState();
      const stream = sigkit.signals('SIGTERM');
      const section = sigkit.blockSignals('SIGHUP');
      const old = sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
      assert.deepEqual([...old], ['SIGHUP'], 'a section counts, a claim does not');
      sigkit.sigprocmask('SIG_SETMASK', old);
      section.unblock();
      stream.close();
      assert.deepEqual(signalState(), before);
    }));

  it('a section holds streams back and delivers what came meanwhile; sections nest', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals(['SIGUSR2', 'SIGRTMIN']);
      const outer = sigkit.blockSignals(['SIGUSR2', 'SIGRTMIN']);
      const inner = sigkit.blockSignals('SIGRTMIN');
      sigkit.kill(process.pid, 'SIGUSR2');
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 1);
      assert.equal(stream.poll(), null);
      assert.deepEqual([...sigkit.sigpending()], ['SIGUSR2', 'SIGRTMIN']);
      outer.unblock();
      outer.unblock();
      assert.equal((await stream.next()).value?.signal, 'SIGUSR2');
      assert.equal(stream.poll(), null);
      inner[Symbol.dispose]();
      assert.equal((await stream.next()).value?.value, 1);
      stream.close();
    }));

  it('withSignalsBlocked returns, awaits and throws what its function does, and always unblocks', () =>
    scenario(async ({ sigkit, timers, signalState }) => {
      const before = signalState();
      const listened: string[] = [];
      process.on('SIGUSR2', (signal) => listened.push(signal));
      const value = sigkit.withSignalsBlocked('SIGUSR2', () => {
        sigkit.kill(process.pid, 'SIGUSR2');
        return 42;
      });
      assert.equal(value, 42);
      await timers.setTimeout(1);
      const promised = sigkit.withSignalsBlocked('SIGHUP', async () => {
        await timers.setImmediate();
        assert.ok(sigkit.sigprocmask('SIG_BLOCK', []).has('SIGHUP'));
        sigkit.withSignalsBlocked(['SIGHUP', 'SIGTERM'], () => {});
        assert.ok(sigkit.sigprocmask('SIG_BLOCK', []).has('SIGHUP'));
        return 'late';
      });
      assert.equal(await promised, 'late');
      assert.throws(
        () =>
          sigkit.withSignalsBlocked('SIGHUP', () => {
            throw new Error('thrown');
          }),
        /thrown/,
      );
      await assert.rejects(
        sigkit.withSignalsBlocked('SIGHUP', async () => Promise.reject(new Error('rejected'))),
        /rejected/,
      );
      process.removeAllListeners('SIGUSR2');
      assert.deepEqual(signalState(), before);
      assert.deepEqual(listened, ['SIGUSR2']);
    }));

  it('SIGCHLD is left out of process-wide blocks, with a warning, and children still end', () =>
    scenario(async ({ sigkit, childProcess, events }) => {
      const warned = events.once(process, 'warning');
      sigkit.sigprocmask('SIG_BLOCK', ['SIGCHLD', 'SIGHUP']);
      const section = sigkit.blockSignals('SIGCHLD');
      assert.match(String(((await warned) as [Error])[0].message), /SIGCHLD/);
      const child = childProcess.spawn('true');
      assert.deepEqual(await events.once(child, 'exit'), [0, null]);
      assert.equal(childProcess.spawnSync('true').status, 0);
      section.unblock();
    }));

  it('reports on the diagnostics channel what a change reached', () =>
    scenario(({ sigkit, diagnosticsChannel, fs }) => {
      const reports: { updated: number; alreadyBlocked: number; unreachable: number[] }[] = [];
      diagnosticsChannel.subscribe('sigkit:masks', (report) => reports.push(report as (typeof reports)[number]));
      sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP');
      assert.equal(reports.length, 1);
      const [report] = reports;
      assert.equal((report?.updated ?? 0) + (report?.alreadyBlocked ?? 0), fs.readdirSync('/proc/self/task').length);
      assert.deepEqual(report?.unreachable, []);
    }));

  it('another signal is taken for the broadcast when somebody handles the first choice', () =>
    scenario(async ({ sigkit, events, masks }) => {
      const keepAlive = setInterval(() => {}, 1000);
      const fault = events.once(process, 'SIGFPE');
      sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP');
      for (const blocked of masks()) assert.ok(blocked.includes('SIGHUP'));
      // The listener still gets its own.
      process.kill(process.pid, 'SIGFPE');
      await fault;
      clearInterval(keepAlive);
    }));

  it('when every choice has a handler, the broadcast borrows one and gives it back', () =>
    scenario(async ({ sigkit, events, masks, signalState }) => {
      const keepAlive = setInterval(() => {}, 1000);
      for (const signal of ['SIGILL', 'SIGSYS', 'SIGBUS', 'SIGTRAP'] as const) process.on(signal, () => {});
      const fault = events.once(process, 'SIGFPE');
      const before = signalState();
      sigkit.signals(['SIGHUP', 'SIGTERM']).close();
      sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP');
      for (const blocked of masks()) assert.ok(blocked.includes('SIGHUP'));
      sigkit.sigprocmask('SIG_UNBLOCK', 'SIGHUP');
      assert.deepEqual(signalState(), before);
      process.kill(process.pid, 'SIGFPE');
      await fault;
      clearInterval(keepAlive);
    }));

  it('a signal to the process that is the doorbell too goes where it would have gone', () =>
    scenario(
      async ({ sigkit, timers }) => {
        sigkit.signals('SIGHUP');
        for (let round = 0; round < 5; round += 1) await timers.setImmediate();
        process.kill(process.pid, 'SIGFPE');
        await timers.setTimeout(20_000);
      },
      { signal: 'SIGFPE' },
    ));

  it('setuid and its like still reach every thread, the waiter included', () =>
    scenario(({ sigkit }) => {
      const stream = sigkit.signals('all');
      process.setegid?.(process.getegid?.() ?? 0);
      process.seteuid?.(process.geteuid?.() ?? 0);
      stream.close();
    }));

  it('a process that has run out of descriptors still gives back what it had claimed, and claims nothing by halves', () =>
    scenario(
      ({ sigkit, fs, signalState }) => {
        const before = signalState();
        const stream = sigkit.signals(['SIGHUP', 'SIGTERM']);
        const descriptors: number[] = [];
        assert.throws(() => {
          for (;;) descriptors.push(fs.openSync('/dev/null', 'r'));
        }, /EMFILE/);
        stream.close();
        // Of the two that the stream had, one is free.
        descriptors.push(fs.openSync('/dev/null', 'r'));
        assert.throws(() => sigkit.signals('SIGUSR2'), { code: 'EMFILE', syscall: 'sigprocmask' });
        for (const fd of descriptors) fs.closeSync(fd);
        assert.deepEqual(signalState(), before);
      },
      { wrapper: ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'] },
    ));
});

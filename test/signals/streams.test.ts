import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

describeTransports('streams', () => {
  it('keep real-time signals in the kernel when the queue is full, and take them when there is room', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals('SIGRTMIN', { capacity: 4 });
      for (let sent = 0; sent < 20; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
      assert.equal(stream.poll()?.value, 0);
      assert.ok(stream.queued <= 4);
      assert.ok(sigkit.sigpending().has('SIGRTMIN'));
      for (let read = 1; read < 20; read += 1) assert.equal((await stream.next()).value?.value, read);
      assert.equal(stream.dropped, 0);
      stream.close();
    }));

  it('one full of real-time signals does not hold up another signal, nor its sender', () =>
    scenario(async ({ sigkit }) => {
      const full = sigkit.signals('SIGRTMIN', { capacity: 1 });
      const other = sigkit.signals(['SIGRTMIN+1', 'SIGUSR2']);
      for (let sent = 0; sent < 10; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
      sigkit.sigqueue(process.pid, 'SIGRTMIN+1', 7);
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.deepEqual(
        [(await other.next()).value?.number, (await other.next()).value?.number].sort((a = 0, b = 0) => a - b),
        [12, 35],
      );
      full.close();
      other.close();
    }));

  it('merge standard signals when full, and count them', () =>
    scenario(({ sigkit }) => {
      const stream = sigkit.signals(['SIGUSR2', 'SIGHUP'], { capacity: 1 });
      const twin = sigkit.signals(['SIGUSR2', 'SIGHUP']);
      for (let sent = 0; sent < 5; sent += 1) {
        sigkit.kill(process.pid, 'SIGUSR2');
        assert.equal(twin.poll()?.signal, 'SIGUSR2');
      }
      sigkit.kill(process.pid, 'SIGHUP');
      const first = stream.poll();
      assert.deepEqual([first?.signal, first?.count], ['SIGUSR2', 5]);
      assert.deepEqual([stream.poll()?.signal, stream.poll()], ['SIGHUP', null]);
      assert.equal(stream.dropped, 0);
      stream.close();
      twin.close();
    }));

  for (const [overflow, kept] of [
    ['drop-oldest', [7, 8, 9]],
    ['drop-newest', [0, 1, 2]],
  ] as const) {
    it(`${overflow} drops the ${overflow.slice(5)} and counts what it dropped`, () =>
      scenario(
        ({ sigkit }) => {
          const [how, ...values] = (process.env['CASE'] ?? '').split(' ');
          const stream = sigkit.signals('SIGRTMIN', { capacity: 3, overflow: how as 'drop-oldest' });
          const twin = sigkit.signals('SIGRTMIN');
          for (let sent = 0; sent < 10; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
          for (let read = 0; read < 10; read += 1) assert.equal(twin.poll()?.value, read);
          assert.equal(stream.queued, 3);
          assert.equal(stream.dropped, 7);
          for (const value of values) assert.equal(stream.poll()?.value, Number(value));
          assert.equal(stream.poll(), null);
          stream.close();
          assert.equal(stream.dropped, 7);
          twin.close();
        },
        { wrapper: ['env', `CASE=${overflow} ${kept.join(' ')}`] },
      ));
  }

  it('take what is pending in the kernel at the close, beyond the capacity, and hand it out', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals('SIGRTMIN', { capacity: 2 });
      for (let sent = 0; sent < 500; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
      stream.close();
      let expected = 0;
      for await (const { value } of stream) {
        assert.equal(value, expected);
        expected += 1;
      }
      assert.equal(expected, 500);
    }));

  it('end with break, throw, return and asyncDispose, and leave masks and the process as they were', () =>
    scenario(async ({ sigkit, signalState }) => {
      const before = signalState();
      const send = (): void => sigkit.sigqueue(process.pid, 'SIGRTMIN', 1);
      const broken = sigkit.signals('SIGRTMIN');
      send();
      send();
      for await (const { value } of broken) if (value === 1) break;
      assert.deepEqual([broken.closed, broken.queued], [true, 0]);
      const thrown = sigkit.signals('SIGRTMIN');
      send();
      await assert.rejects(async () => {
        for await (const { value } of thrown) throw new Error(String(value));
      }, /^Error: 1$/);
      assert.equal(thrown.closed, true);
      const disposed = sigkit.signals('SIGRTMIN');
      await disposed[Symbol.asyncDispose]();
      assert.equal(disposed.closed, true);
      assert.deepEqual(signalState(), before);
    }));

  it('follow an AbortSignal: what came before is read, then next() rejects', () =>
    scenario(async ({ sigkit, signalState }) => {
      const before = signalState();
      const controller = new AbortController();
      const stream = sigkit.signals('SIGRTMIN', { signal: controller.signal });
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 1);
      controller.abort(new Error('enough'));
      assert.equal(stream.closed, true);
      assert.deepEqual(signalState(), before);
      assert.equal((await stream.next()).value?.value, 1);
      await assert.rejects(
        stream.next(),
        (error: Error & { code?: string }) =>
          error.name === 'AbortError' && error.code === 'ABORT_ERR' && (error.cause as Error).message === 'enough',
      );
      assert.throws(() => sigkit.signals('SIGHUP', { signal: controller.signal }), {
        name: 'AbortError',
        code: 'ABORT_ERR',
      });
      const waiting = new AbortController();
      const other = sigkit.signals('SIGHUP', { signal: waiting.signal });
      const next = other.next();
      waiting.abort();
      await assert.rejects(next, { name: 'AbortError' });
      const wait = new AbortController();
      const waited = sigkit.waitForSignal('SIGHUP', { signal: wait.signal });
      setImmediate(() => wait.abort());
      await assert.rejects(waited, { name: 'AbortError', code: 'ABORT_ERR' });
      assert.deepEqual(signalState(), before);
    }));

  it('keep the process alive while open, and do not after unref()', async () => {
    await scenario(({ sigkit }) => {
      sigkit.signals('SIGHUP', { ref: false });
      sigkit.signals('SIGTERM').unref();
      sigkit.abortOnSignal('SIGUSR2');
    });
    await scenario(
      ({ sigkit }) => {
        sigkit.signals('SIGHUP');
        process.on('exit', () => process.stdout.write('ended by itself'));
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300).unref();
      },
      { signal: 'SIGKILL' },
    );
  });

  it('one that is dropped without close() is collected, with a warning, and its signals are released', () =>
    scenario(
      async ({ sigkit, events, signalState }) => {
        const before = signalState();
        (() => sigkit.signals('SIGHUP'))();
        const warned = events.once(process, 'warning');
        const collect = setInterval(() => global.gc?.(), 5);
        assert.match(((await warned) as [Error])[0].message, /SIGHUP/);
        clearInterval(collect);
        assert.deepEqual(signalState(), before);
      },
      { nodeOptions: ['--expose-gc'] },
    ));

  it('one whose reader waits is not collected', () =>
    scenario(
      async ({ sigkit, timers }) => {
        const received = (async () => {
          for await (const { value } of sigkit.signals('SIGRTMIN')) return value;
          return undefined;
        })();
        for (let round = 0; round < 10; round += 1) {
          await timers.setTimeout(1);
          global.gc?.();
        }
        sigkit.sigqueue(process.pid, 'SIGRTMIN', 9);
        assert.equal(await received, 9);
      },
      { nodeOptions: ['--expose-gc'] },
    ));

  it('let the event loop have its turn under a storm', () =>
    scenario(async ({ sigkit, otherProcess }) => {
      const storm = otherProcess(
        `leaveRoom(${process.pid});
        for (;;) {
          try {
            sigkit.sigqueue(${process.pid}, 'SIGRTMIN', 1);
          } catch (error) {
            if (error.code !== 'EAGAIN') process.exit();
            await new Promise(setImmediate);
          }
        }`,
      );
      let ticks = 0;
      const timer = setInterval(() => (ticks += 1), 1);
      storm.on('exit', () => stream.close());
      const stream = sigkit.signals('SIGRTMIN');
      for await (const { signal } of stream) {
        assert.equal(signal, 'SIGRTMIN');
        if (ticks >= 50) storm.kill('SIGKILL');
      }
      clearInterval(timer);
    }));
});

describeTransports('process.on beside streams', () => {
  it('listeners of a claimed signal keep firing with name and number; exclusive silences them', () =>
    scenario(async ({ sigkit, events, timers }) => {
      const stream = sigkit.signals('SIGUSR2');
      const handled = events.once(process, 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.deepEqual(await handled, ['SIGUSR2', 12]);
      assert.equal((await stream.next()).value?.signal, 'SIGUSR2');
      const exclusive = sigkit.signals('SIGUSR2', { exclusive: true });
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      sigkit.kill(process.pid, 'SIGUSR2');
      await exclusive.next();
      for (let turn = 0; turn < 10; turn += 1) await timers.setImmediate();
      assert.equal(heard, 0);
      exclusive.close();
      stream.close();
    }));

  it('what a listener sends to its own process reaches the streams, and is not handed on again', () =>
    scenario(async ({ sigkit, timers }) => {
      const stream = sigkit.signals('SIGTERM');
      let calls = 0;
      process.on('SIGTERM', () => {
        calls += 1;
        process.kill(process.pid, 'SIGTERM');
      });
      process.kill(process.pid, 'SIGTERM');
      assert.equal((await stream.next()).value?.signal, 'SIGTERM');
      assert.equal((await stream.next()).value?.signal, 'SIGTERM');
      for (let turn = 0; turn < 10; turn += 1) await timers.setImmediate();
      assert.equal(calls, 1);
      stream.close();
      process.removeAllListeners('SIGTERM');
    }));

  it('a listener that throws is an uncaught exception, and the others still get theirs', () =>
    scenario(async ({ sigkit, events }) => {
      const stream = sigkit.signals(['SIGUSR2', 'SIGHUP']);
      process.once('SIGUSR2', () => {
        throw new Error('from the listener');
      });
      const thrown = events.once(process, 'uncaughtException');
      const later = events.once(process, 'SIGHUP');
      sigkit.kill(process.pid, 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGHUP');
      assert.match(((await thrown) as [Error])[0].message, /from the listener/);
      await later;
      stream.close();
    }));

  it('listeners of one signal are called although a storm of another has come while the loop was blocked', () =>
    scenario(async ({ sigkit, until }) => {
      // Over the thread, which goes on taking signals.
      const stream = sigkit.signals(['SIGUSR2', 'SIGTERM'], { transport: 'thread' });
      const heard = { SIGUSR2: 0, SIGTERM: 0 };
      for (const name of ['SIGUSR2', 'SIGTERM'] as const) process.on(name, () => (heard[name] += 1));
      while (stream.queued < 5000) sigkit.kill(process.pid, 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGTERM');
      await until(() => heard.SIGTERM === 1, 'SIGTERM is heard');
      assert.ok(heard.SIGUSR2 >= 4096);
      await stream.return();
    }));

  it('listeners in main hear what only a Worker claims', () =>
    scenario(async ({ sigkit, startWorker, events }) => {
      const worker = await startWorker(({ sigkit: inWorker }) => void inWorker.signals('SIGUSR2').next());
      const handled = events.once(process, 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      await handled;
      await worker.terminate();
    }));
});

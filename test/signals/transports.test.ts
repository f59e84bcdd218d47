import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

// A process that a real-time signal has ended looks to Node as if it had exited with 0, so each says that it has come so far.
describeTransports('what is pending when its claim ends', () => {
  it('is taken at the close, although another stream of the thread is full', async () => {
    const output = await scenario(({ sigkit }) => {
      const small = sigkit.signals('SIGRTMIN+2', { capacity: 1 });
      const stream = sigkit.signals('SIGRTMIN+1');
      const count = 3000;
      for (let value = 0; value < count; value += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN+1', value);
      stream.close();
      for (let value = 0; value < count; value += 1) assert.equal(stream.poll()?.value, value);
      small.close();
      console.log('survived');
    });
    assert.equal(output, 'survived\n');
  });

  it('ends with a terminated Worker that was blocked, and does not kill the process', async () => {
    const output = await scenario(async ({ events, sigkit, startWorker }) => {
      const worker = await startWorker(({ sigkit: inWorker, workerThreads }) => {
        Object.assign(globalThis, { kept: inWorker.signals('SIGRTMIN', { capacity: 10 }) });
        setImmediate(() => {
          workerThreads.parentPort?.postMessage('blocked');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        });
      });
      await events.once(worker, 'message');
      for (let value = 0; value < 3000; value += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', value);
      await worker.terminate();
      console.log('survived');
    });
    assert.equal(output, 'survived\n');
  });

  it('ends with the process, and leaves it its exit code', () =>
    scenario(
      ({ sigkit }) => {
        sigkit.signals(['SIGRTMIN', 'SIGTERM'], { ref: false });
        process.on('exit', () => {
          for (let value = 0; value < 3000; value += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', value);
          process.exitCode = 7;
        });
      },
      { code: 7 },
    ));
});

describe("the loop's transport", () => {
  it('keeps every value in order while streams over the thread come and go under a storm', async () => {
    await scenario(async ({ otherProcess, sigkit }) => {
      const count = 50_000;
      const stream = sigkit.signals('SIGRTMIN+1', { transport: 'loop' });
      otherProcess(`
        leaveRoom(${process.pid});
        for (let sent = 0; sent < ${count}; ) {
          try { sigkit.sigqueue(${process.pid}, 'SIGRTMIN+1', sent); sent += 1; }
          catch (error) { if (error.code !== 'EAGAIN') throw error; }
        }`);
      let expected = 0;
      let others = [];
      for await (const { value } of stream) {
        assert.equal(value, expected);
        expected += 1;
        if (expected === count) break;
        if (expected % 7 === 0) others.push(sigkit.signals('SIGRTMIN+1', { overflow: 'drop-oldest', capacity: 1 }));
        if (expected % 13 === 0) {
          for (const other of others) await other.return();
          others = [];
        }
      }
      assert.equal(stream.dropped, 0);
      for (const other of others) await other.return();
    });
  });

  it('is not used where somebody else would wait for that loop', async () => {
    await scenario(async ({ sigkit, startWorker, until }) => {
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      const own = sigkit.signals('SIGRTMIN', { transport: 'loop' });
      const worker = await startWorker(({ sigkit: inWorker }) => {
        Object.assign(globalThis, {
          kept: inWorker.signals(['SIGUSR2', 'SIGRTMIN'], { transport: 'loop' }),
        });
        setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
      });
      sigkit.kill(process.pid, 'SIGUSR2');
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 5);
      await until(() => heard === 1, 'the listener in main is called');
      assert.equal((await own.next()).value?.value, 5);
      await worker.terminate();
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 6);
      assert.equal((await own.next()).value?.value, 6);
      await own.return();
    });
  });

  it('is used in a Worker for what is exclusive or a real-time signal, and released with it', async () => {
    await scenario(async ({ sigkit, startWorker, signalState, descriptors }) => {
      const before = signalState().length;
      const open = descriptors().length;
      const worker = await startWorker(({ sigkit: inWorker, workerThreads }) => {
        const stream = inWorker.signals(['SIGUSR2', 'SIGRTMIN'], { transport: 'loop', exclusive: true });
        void (async () => {
          for await (const { signal } of stream) workerThreads.parentPort?.postMessage(signal);
        })();
      });
      const heard: unknown[] = [];
      for (const signal of ['SIGUSR2', 'SIGRTMIN'] as const) {
        sigkit.kill(process.pid, signal);
        await new Promise<void>((resolve) =>
          worker.once('message', (message) => {
            heard.push(message);
            resolve();
          }),
        );
      }
      assert.deepEqual(heard, ['SIGUSR2', 'SIGRTMIN']);
      await worker.terminate();
      assert.equal(signalState().length, before);
      assert.equal(descriptors().length, open);
    });
  });

  it('leaves a signal to the thread when listeners in main are no longer silenced', async () => {
    await scenario(async ({ events, sigkit, startWorker, until }) => {
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      const worker = await startWorker(({ sigkit: inWorker, workerThreads }) => {
        const stream = inWorker.signals('SIGUSR2', { transport: 'loop' });
        const silencing = inWorker.signals('SIGUSR2', { transport: 'loop', exclusive: true });
        silencing.close();
        void stream.next().then(({ value }) => workerThreads.parentPort?.postMessage(value?.signal));
      });
      const message = events.once(worker, 'message');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.deepEqual(await message, ['SIGUSR2']);
      await until(() => heard === 1, 'the listener in main is called');
      await worker.terminate();
    });
  });

  it('leaves a signal to the thread when the main thread loads sigkit after the Worker', async () => {
    const script = `
      const { Worker } = require('node:worker_threads');
      const { once } = require('node:events');
      const worker = new Worker(\`
        const { parentPort } = require('node:worker_threads');
        void import(${JSON.stringify(import.meta.resolve('sigkit'))}).then(async ({ signals }) => {
          const stream = signals('SIGUSR2', { transport: 'loop' });
          parentPort.postMessage('claimed');
          for await (const { signal } of stream) parentPort.postMessage(signal);
        });\`, { eval: true });
      void (async () => {
        await once(worker, 'message');
        const heard = once(process, 'SIGUSR2');
        const { kill } = await import(${JSON.stringify(import.meta.resolve('sigkit'))});
        const message = once(worker, 'message');
        kill(process.pid, 'SIGUSR2');
        console.log((await message)[0], (await heard)[0]);
        await worker.terminate();
        process.exit();
      })();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { timeout: 40_000 });
    assert.equal(stdout, 'SIGUSR2 SIGUSR2\n');
  });

  it('lets poll() find what came while the loop was blocked', async () => {
    await scenario(({ sigkit, sendByShell }) => {
      const stream = sigkit.signals('SIGUSR2', { transport: 'loop' });
      sendByShell('USR2');
      assert.equal(stream.poll()?.signal, 'SIGUSR2');
      assert.equal(stream.poll(), null);
      stream.close();
    });
  });

  it('is not stopped by a full stream of one signal from taking another', async () => {
    await scenario(async ({ sigkit, until }) => {
      const full = sigkit.signals('SIGRTMIN+1', { transport: 'loop', capacity: 3 });
      const other = sigkit.signals('SIGRTMIN+2', { transport: 'loop' });
      for (let value = 0; value < 100; value += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN+1', value);
      sigkit.sigqueue(process.pid, 'SIGRTMIN+2', 1);
      await until(() => full.queued === 3, 'the small queue is full');
      assert.equal((await other.next()).value?.value, 1);
      assert.ok(sigkit.sigpending().has('SIGRTMIN+1'), 'the rest waits in the kernel');
      for (let value = 0; value < 100; value += 1) assert.equal((await full.next()).value?.value, value);
      await full.return();
      await other.return();
    });
  });

  it('fails as a whole when there is no descriptor for it', async () => {
    await scenario(
      ({ fs, sigkit, signalState }) => {
        sigkit.signals('SIGUSR2').close();
        const before = signalState();
        const taken: number[] = [];
        try {
          for (;;) taken.push(fs.openSync('/dev/null', 'r'));
        } catch {
          // None is left.
        }
        for (const fd of taken.splice(-8)) fs.closeSync(fd);
        assert.ok(sigkit.signals('SIGUSR2', { transport: 'thread', ref: false }).poll() === null);
        const spare: number[] = [];
        try {
          for (;;) spare.push(fs.openSync('/dev/null', 'r'));
        } catch {
          // None is left.
        }
        assert.throws(() => sigkit.signals('SIGHUP', { transport: 'loop' }), { code: 'EMFILE', syscall: 'signalfd' });
        for (const fd of [...taken, ...spare]) fs.closeSync(fd);
        assert.equal(signalState().length, before.length + 1);
        sigkit.signals('SIGHUP', { transport: 'loop' }).close();
      },
      { wrapper: ['sh', '-c', 'ulimit -n 200; exec "$@"', 'sh'] },
    );
  });

  it('is refused under any other name', async () => {
    await scenario(({ sigkit }) => {
      for (const transport of ['epoll', '', null, 1]) {
        assert.throws(() => sigkit.signals('SIGHUP', { transport: transport as never }), {
          code: transport === 'epoll' || transport === '' ? 'ERR_OUT_OF_RANGE' : 'ERR_INVALID_ARG_TYPE',
          message: /options\.transport/,
        });
      }
    });
  });
});

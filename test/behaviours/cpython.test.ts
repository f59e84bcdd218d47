import assert from 'node:assert/strict';

import { describeSignal, type MaskHow, type Signal, signalNumber, sigprocmask, validSignals } from 'sigkit';

import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

describeTransports('behaviours of CPython', () => {
  it('[py-01] every signal lies in [1, NSIG-1]; validSignals holds SIGINT and SIGALRM and is smaller than NSIG', () => {
    const valid = validSignals();
    const numbers = [...valid].map((name) => signalNumber(name));
    assert.ok(numbers.every((number) => number >= 1 && number <= 64));
    assert.ok(valid.has('SIGINT') && valid.has('SIGALRM'));
    assert.ok(valid.size < 65);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
  });

  it('[py-02a] [py-02b] [py-02c] out-of-range numbers raise a range error, a wrong type a type error, a bad how too', () => {
    for (const number of [4242, 0, 65, 2 ** 1000])
      assert.throws(() => signalNumber(number), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => signalNumber({} as Signal), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => sigprocmask('SIG_NONSENSE' as MaskHow, []), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => sigprocmask(1700 as unknown as MaskHow, []), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  it('[py-03] descriptions know Interrupt, Terminated and Hangup; an unknown signal is an error', () => {
    assert.deepEqual(
      (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => describeSignal(signal).description),
      ['Interrupt', 'Terminated', 'Hangup'],
    );
    assert.throws(() => describeSignal(65), { code: 'ERR_OUT_OF_RANGE' });
  });

  it('[py-04a] [py-04b] mask(how, set) returns the old mask; an empty set reads; block then unblock gives exactly the old one', () =>
    scenario(async ({ sigkit, signalState, until }) => {
      const before = signalState();
      assert.deepEqual([...sigkit.sigprocmask('SIG_BLOCK', [])], []);
      assert.deepEqual([...sigkit.sigprocmask('SIG_BLOCK', ['SIGUSR2', 'SIGRTMIN+3'])], []);
      assert.deepEqual([...sigkit.sigprocmask('SIG_BLOCK', [])], ['SIGUSR2', 'SIGRTMIN+3']);
      assert.deepEqual([...sigkit.sigprocmask('SIG_UNBLOCK', ['SIGUSR2', 'SIGRTMIN+3'])], ['SIGUSR2', 'SIGRTMIN+3']);
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
      assert.deepEqual([...sigkit.pthreadSigmask('SIG_BLOCK', 'SIGHUP')], []);
      assert.deepEqual([...sigkit.pthreadSigmask('SIG_SETMASK', [])], ['SIGHUP']);
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
    }));

  it('[py-05] blocking all valid signals, then reading the mask, shows only what can be blocked', () =>
    scenario(({ sigkit }) => {
      sigkit.sigprocmask('SIG_BLOCK', sigkit.validSignals());
      const blocked = sigkit.sigprocmask('SIG_BLOCK', []);
      for (const name of ['SIGKILL', 'SIGSTOP', 'SIG32', 'SIG33', 'SIGCHLD'] as const)
        assert.ok(!blocked.has(name), name);
      assert.ok(blocked.has('SIGTERM') && blocked.has('SIGRTMAX'));
      // And the broadcast still reaches everybody.
      sigkit.sigprocmask('SIG_UNBLOCK', sigkit.validSignals());
      assert.equal(sigkit.sigprocmask('SIG_BLOCK', []).size, 0);
    }));

  it('[py-06a] [py-06b] sigpending is empty at first, holds exactly a blocked signal, whose listener runs once it is unblocked', () =>
    scenario(async ({ sigkit, events }) => {
      assert.equal(sigkit.sigpending().size, 0);
      sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.deepEqual([...sigkit.sigpending()], ['SIGUSR2']);
      const keepAlive = setInterval(() => {}, 1000);
      const handled = events.once(process, 'SIGUSR2');
      sigkit.sigprocmask('SIG_UNBLOCK', 'SIGUSR2');
      assert.equal(sigkit.sigpending().size, 0);
      await handled;
      clearInterval(keepAlive);
    }));

  it('[py-06c] unblocking a pending signal lets it act before the call returns', () =>
    scenario(
      ({ sigkit }) => {
        sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
        // From this thread, so that it waits for this thread.
        sigkit.tgkill(process.pid, 'SIGUSR2');
        assert.deepEqual([...sigkit.sigpending()], ['SIGUSR2']);
        sigkit.sigprocmask('SIG_UNBLOCK', 'SIGUSR2');
        process.exit(1);
      },
      { signal: 'SIGUSR2' },
    ));

  it('[py-07] unblocking two pending signals runs both', () =>
    scenario(async ({ sigkit, events }) => {
      const both = ['SIGUSR2', 'SIGHUP'] as const;
      sigkit.sigprocmask('SIG_BLOCK', both);
      for (const signal of both) sigkit.kill(process.pid, signal);
      const keepAlive = setInterval(() => {}, 1000);
      const handled = Promise.all(both.map((signal) => events.once(process, signal)));
      sigkit.sigprocmask('SIG_UNBLOCK', both);
      await handled;
      clearInterval(keepAlive);
    }));

  it('[py-08a] [py-08b] waiting returns the awaited signal, and unblocking later does not fire it again', () =>
    scenario(async ({ sigkit, timers }) => {
      sigkit.sigprocmask('SIG_BLOCK', ['SIGALRM', 'SIGUSR2']);
      sigkit.kill(process.pid, 'SIGALRM');
      sigkit.kill(process.pid, 'SIGUSR2');
      const info = await sigkit.waitForSignal('SIGALRM');
      assert.equal(info?.signal, 'SIGALRM');
      assert.equal(info?.pid, process.pid);
      // The other one stays as it was.
      assert.deepEqual([...sigkit.sigpending()], ['SIGUSR2']);
      sigkit.sigprocmask('SIG_UNBLOCK', 'SIGALRM');
      await timers.setImmediate();
    }));

  it('[py-09a] [py-09b] [py-09c] [py-09d] a timed wait returns in time, gives null at the time-out, polls with 0, refuses a negative time', () =>
    scenario(async ({ sigkit }) => {
      assert.equal(await sigkit.waitForSignal('SIGUSR2', { timeoutMs: 0 }), null);
      assert.equal(await sigkit.waitForSignal('SIGUSR2', { timeoutMs: 5 }), null);
      sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal((await sigkit.waitForSignal('SIGUSR2', { timeoutMs: 0 }))?.signal, 'SIGUSR2');
      setTimeout(() => sigkit.kill(process.pid, 'SIGUSR2'), 5);
      assert.equal((await sigkit.waitForSignal('SIGUSR2', { timeoutMs: 20_000 }))?.signal, 'SIGUSR2');
      await assert.rejects(sigkit.waitForSignal('SIGUSR2', { timeoutMs: -1 }), { code: 'ERR_OUT_OF_RANGE' });
    }));

  it('[py-10a] a thread that waits does not stop the others', () =>
    scenario(async ({ sigkit, startWorker, timers }) => {
      const worker = await startWorker(({ sigkit: inWorker, workerThreads }) => {
        void inWorker.waitForSignal('SIGUSR2').then((info) => workerThreads.parentPort?.postMessage(info?.signal));
      });
      const received = new Promise((resolve) => worker.once('message', resolve));
      for (let turn = 0; turn < 10; turn += 1) await timers.setImmediate();
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal(await received, 'SIGUSR2');
      await worker.terminate();
    }));

  it('[py-10b] waiting blocks the signal in all threads, and opens it in all when it is over', () =>
    scenario(async ({ sigkit, startWorker, masks, signalState, until }) => {
      const worker = await startWorker(() => {});
      const before = signalState();
      const waiting = sigkit.waitForSignal('SIGUSR2');
      const blocked = masks();
      assert.ok(blocked.length >= 6);
      for (const names of blocked) assert.ok(names.includes('SIGUSR2'));
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal((await waiting)?.signal, 'SIGUSR2');
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
      await worker.terminate();
    }));

  it('[py-11] a signal to the own thread takes effect before the next statement', () =>
    scenario(
      ({ sigkit }) => {
        sigkit.tgkill(process.pid, 'SIGUSR2');
        process.exit(1);
      },
      { signal: 'SIGUSR2' },
    ));

  it('[py-12d] a signal wakes the event loop, whether it comes before or after the loop falls asleep', () =>
    scenario(async ({ sigkit, otherProcess, events }) => {
      const stream = sigkit.signals('SIGRTMIN');
      // Early: taken by the waiter while the loop has no turn.
      const early = stream.next();
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 1);
      const spun = performance.now() + 20;
      while (performance.now() < spun);
      assert.equal((await early).value?.value, 1);
      // Late: the other process sends once this one sleeps in its loop, where nothing but the signal can wake it.
      const late = stream.next();
      const sender = otherProcess(
        `import { readFileSync } from 'node:fs';
        const asleep = () => / S /.test(readFileSync('/proc/${process.pid}/task/${process.pid}/stat', 'utf8'));
        while (!asleep()) await new Promise(setImmediate);
        sigkit.sigqueue(${process.pid}, 'SIGRTMIN', 2);`,
      );
      assert.equal((await late).value?.value, 2);
      if (sender.exitCode === null) await events.once(sender, 'exit');
      stream.close();
    }));

  it('[py-13a] a blocking read in another thread resumes after masks have changed under it', () =>
    scenario(async ({ sigkit, startWorker, fs, childProcess }) => {
      const fifo = `${fs.mkdtempSync('/tmp/sigkit-')}/fifo`;
      childProcess.execFileSync('mkfifo', [fifo]);
      process.env['FIFO'] = fifo;
      const worker = await startWorker(({ workerThreads, fs: inWorker }) => {
        setImmediate(() => {
          const fd = inWorker.openSync(process.env['FIFO'] ?? '', 'r');
          workerThreads.parentPort?.postMessage(inWorker.readFileSync(fd, 'utf8'));
        });
      });
      const read = new Promise((resolve) => worker.once('message', resolve));
      for (let round = 0; round < 100; round += 1) sigkit.signals('SIGHUP').close();
      const fd = fs.openSync(fifo, 'w');
      for (let round = 0; round < 100; round += 1) sigkit.signals('SIGHUP').close();
      fs.writeSync(fd, 'whole');
      fs.closeSync(fd);
      assert.equal(await read, 'whole');
      await worker.terminate();
      fs.rmSync(fifo);
    }));

  it('[py-14a] [py-14b] 10,000 chained signals are all counted, and as many real-time ones at once', () =>
    scenario(async ({ sigkit }) => {
      const alarms = sigkit.signals('SIGALRM');
      let count = 0;
      while (count < 10_000) {
        sigkit.kill(process.pid, 'SIGALRM');
        count += (await alarms.next()).value?.count ?? NaN;
      }
      assert.equal(count, 10_000);
      const queued = sigkit.signals('SIGRTMIN');
      for (let sent = 0; sent < 10_000; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
      for (let read = 0; read < 10_000; read += 1) assert.equal((await queued.next()).value?.value, read);
      alarms.close();
      queued.close();
    }));

  // ThreadSanitizer keeps a signal back until the thread makes a blocking call, and runs libuv's handler then: also from
  // within that handler, at the read that takes its lock, so that it waits for itself.
  const skipped =
    process.env['SIGKIT_SANITIZER'] === 'libtsan' ? " (skipped: libuv's handler nests under ThreadSanitizer)" : '';
  it(`[py-15] swapping between listener and stream while another thread raises: no crash, and nobody dies of it${skipped}`, function () {
    if (skipped !== '') this.skip();
    return scenario(async ({ sigkit, startWorker, timers }) => {
      process.on('SIGUSR2', () => {});
      const worker = await startWorker(({ sigkit: inWorker }) => {
        const send = (): void => {
          inWorker.kill(process.pid, 'SIGUSR2');
          setImmediate(send);
        };
        send();
      });
      for (let swap = 0; swap < 500; swap += 1) {
        const stream = sigkit.signals('SIGUSR2');
        stream.poll();
        stream.close();
        if (swap % 50 === 0) await timers.setImmediate();
      }
      await worker.terminate();
    });
  });

  it('[py-19b] an invalid or uncatchable signal is a clear error and leaves no state behind', () =>
    scenario(async ({ sigkit, signalState, until }) => {
      const before = signalState();
      assert.throws(() => sigkit.signals(['SIGTERM', 'SIGKILL']), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
      assert.throws(() => sigkit.signals(['SIGTERM', 4242]), { code: 'ERR_OUT_OF_RANGE' });
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
    }));

  it('[py-19d] when the last claim is closed, all that it needed is gone', () =>
    scenario(async ({ sigkit, signalState, descriptors, until }) => {
      const before = signalState();
      const opened = descriptors();
      const claims = [sigkit.signals('SIGHUP'), sigkit.signals(['SIGCHLD', 'SIGRTMIN']), sigkit.signals('SIGHUP')];
      assert.equal(sigkit.threads().filter(({ name }) => name === 'sigkit').length, 1);
      for (const stream of claims) stream.close();
      await until(() => String(signalState()) === String(before), 'threads, masks and dispositions as before');
      assert.deepEqual(descriptors(), opened);
    }));

  it('[py-19e] a reset closes all streams, in every thread', () =>
    scenario(async ({ sigkit, signalState, startWorker, until }) => {
      const worker = await startWorker(({ workerThreads, sigkit: inWorker }) => {
        workerThreads.parentPort?.once('message', () => {
          const stream = inWorker.signals(['SIGHUP', 'SIGRTMIN']);
          void stream.next().then(({ done }) => workerThreads.parentPort?.postMessage(done === true && stream.closed));
          workerThreads.parentPort?.postMessage('claimed');
        });
      });
      const before = signalState();
      const told = (): Promise<unknown> => new Promise((resolve) => worker.once('message', resolve));
      const claimed = told();
      worker.postMessage('claim');
      assert.equal(await claimed, 'claimed');
      const ended = told();
      const streams = [sigkit.signals('SIGHUP'), sigkit.signals('all')];
      const waiting = streams.map((stream) => stream.next());
      sigkit.resetSignals();
      for (const result of await Promise.all(waiting)) assert.equal(result.done, true);
      for (const stream of streams) assert.equal(stream.closed, true);
      assert.equal(await ended, true);
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
      await worker.terminate();
    }));

  it('[py-19f] what is aborted removes itself', () =>
    scenario(async ({ sigkit, signalState, until }) => {
      const before = signalState();
      const controllers = [new AbortController(), new AbortController()];
      const stream = sigkit.signals('SIGHUP', { signal: controllers[0]!.signal });
      const waiting = sigkit.waitForSignal('SIGTERM', { signal: controllers[1]!.signal });
      for (const controller of controllers) controller.abort();
      await assert.rejects(waiting, { name: 'AbortError' });
      assert.equal(stream.closed, true);
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
    }));
});

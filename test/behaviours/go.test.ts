import assert from 'node:assert/strict';

import { outcomeOf, scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

describeTransports('behaviours of Go', () => {
  it('[go-01a] [go-01b] a subscriber gets each uncoalesced send once; one for all gets everything catchable', () =>
    scenario(async ({ sigkit }) => {
      const one = sigkit.signals('SIGUSR2');
      const all = sigkit.signals('all');
      for (let sent = 0; sent < 20; sent += 1) {
        sigkit.kill(process.pid, 'SIGUSR2');
        assert.equal((await one.next()).value?.signal, 'SIGUSR2');
        assert.equal((await all.next()).value?.signal, 'SIGUSR2');
      }
      assert.equal(one.poll(), null);
      const refused = [
        'SIGKILL',
        'SIGSTOP',
        'SIGSEGV',
        'SIGBUS',
        'SIGFPE',
        'SIGILL',
        'SIGTRAP',
        'SIGSYS',
        'SIGUSR1',
        'SIGPROF',
      ];
      for (const signal of sigkit.validSignals()) {
        if (refused.includes(signal)) continue;
        sigkit.kill(process.pid, signal);
        assert.equal((await all.next()).value?.signal, signal);
      }
      one.close();
      all.close();
    }));

  it('[go-02a] [go-02b] a subscriber that never reads holds up neither the others nor the sender; its first item is there later', () =>
    scenario(async ({ sigkit }) => {
      const idle = sigkit.signals('SIGRTMIN', { capacity: 4 });
      const busy = sigkit.signals('SIGRTMIN');
      for (let sent = 0; sent < 5000; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
      for (let read = 0; read < 5000; read += 1) assert.equal((await busy.next()).value?.value, read);
      assert.equal(idle.poll()?.value, 0);
      assert.equal(idle.dropped, 4996);
      idle.close();
      busy.close();
    }));

  it('[go-03b] [go-03c] each stream keeps its own set; only close removes; closing twice is no error', () =>
    scenario(({ sigkit }) => {
      const first = sigkit.signals('SIGUSR2');
      const wider = sigkit.signals(['SIGUSR2', 'SIGHUP']);
      first.close();
      first.close();
      sigkit.kill(process.pid, 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGHUP');
      assert.deepEqual([wider.poll()?.signal, wider.poll()?.signal].sort(), ['SIGHUP', 'SIGUSR2']);
      wider.close();
    }));

  it('[go-04] after the close nothing more is delivered, also under a storm of sends', () =>
    scenario(async ({ sigkit, otherProcess, until }) => {
      const kept = sigkit.signals('SIGUSR2', { capacity: 2 });
      const storm = otherProcess(
        `for (;;) { sigkit.kill(${process.pid}, 'SIGUSR2'); await new Promise(setImmediate); }`,
      );
      for (let round = 0; round < 200; round += 1) {
        const stream = sigkit.signals('SIGUSR2');
        await stream.next();
        stream.close();
        while ((await stream.next()).done !== true);
        assert.equal(stream.poll(), null);
        assert.equal(stream.queued, 0);
      }
      storm.kill('SIGKILL');
      await until(() => storm.signalCode !== null, 'the storm has ended');
      kept.close();
    }));

  it('[go-05] a signal sent while the close runs is delivered or takes its default action', async function () {
    this.timeout(240_000);
    // Each starts two processes, which takes a sanitizer seconds.
    const rounds = process.env['SIGKIT_NODE'] === undefined ? 30 : 10;
    let delivered = 0;
    let died = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { code, signal, stdout, stderr } = await outcomeOf(async ({ sigkit, otherProcess, events }) => {
        const stream = sigkit.signals('SIGTERM');
        const sender = otherProcess(
          `process.stdin.once('data', () => { sigkit.kill(${process.pid}, 'SIGTERM'); process.exit(); }); console.log('ready');`,
        );
        await events.once(sender.stdout!, 'data');
        sender.stdin!.write('go');
        const until = performance.now() + Math.random() * 8;
        while (performance.now() < until);
        stream.close();
        const { value } = await stream.next();
        if (value !== undefined) process.stdout.write('delivered');
        // The default action may take its time: until then the process must not end by itself.
        else setTimeout(() => process.stdout.write('LOST'), 10_000);
      });
      if (signal === 'SIGTERM') died += 1;
      else if (stdout === 'delivered') delivered += 1;
      else assert.fail(`neither delivered nor dead: ${code} ${stdout} ${stderr}`);
    }
    assert.equal(delivered + died, rounds);
  });

  it('[go-05] with a process.on listener as the default action, each signal around claims and closes is heard exactly once', () =>
    scenario(async ({ sigkit, until, timers }) => {
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      for (let round = 1; round <= 600; round += 1) {
        const stream = round % 3 === 0 ? undefined : sigkit.signals('SIGUSR2');
        sigkit.kill(process.pid, 'SIGUSR2');
        if (round % 2 === 0) stream?.close();
        await until(() => heard >= round, `signal ${round} is heard`);
        assert.equal(heard, round);
        stream?.close();
      }
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      assert.equal(heard, 600);
      process.removeAllListeners('SIGUSR2');
    }));

  it('[go-06a] [go-06b] of two streams for one signal, closing one leaves the other; the mask goes back with the last', () =>
    scenario(async ({ sigkit, masks, signalState, until }) => {
      const before = signalState();
      const first = sigkit.signals('SIGHUP');
      const second = sigkit.signals('SIGHUP');
      first.close();
      for (const blocked of masks()) assert.ok(blocked.includes('SIGHUP'));
      sigkit.kill(process.pid, 'SIGHUP');
      assert.equal(second.poll()?.signal, 'SIGHUP');
      second.close();
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
    }));

  it('[go-07a] [go-07b] ignore ends every subscription for it, and the signal then does nothing, even one that kills', () =>
    scenario(async ({ sigkit, startWorker, timers }) => {
      const worker = await startWorker(({ sigkit: inWorker, workerThreads }) => {
        const stream = inWorker.signals('SIGTERM');
        void stream.next().then(({ done }) => workerThreads.parentPort?.postMessage(done === true && stream.closed));
      });
      const ended = new Promise((resolve) => worker.once('message', resolve));
      const only = sigkit.signals('SIGTERM');
      const wider = sigkit.signals(['SIGTERM', 'SIGHUP']);
      const waiting = only.next();
      sigkit.ignoreSignals('SIGTERM');
      assert.deepEqual(await waiting, { done: true, value: undefined });
      assert.equal(await ended, true);
      sigkit.kill(process.pid, 'SIGTERM');
      sigkit.kill(process.pid, 'SIGHUP');
      assert.equal(wider.poll()?.signal, 'SIGHUP');
      assert.equal(wider.poll(), null);
      wider.close();
      await worker.terminate();
      await timers.setTimeout(1);
    }));

  it('[go-08a] [go-08b] [go-08c] a signal is not ignored while subscribed, is after ignore, and is when the process was started so', async () => {
    await scenario(({ sigkit }) => {
      assert.equal(sigkit.disposition('SIGHUP'), 'default');
      const stream = sigkit.signals('SIGHUP');
      assert.equal(sigkit.disposition('SIGHUP'), 'handler');
      sigkit.ignoreSignals('SIGHUP');
      assert.equal(sigkit.disposition('SIGHUP'), 'ignore');
      assert.equal(stream.closed, true);
    });
    // Node resets an inherited ignore of 1 to 31; those of real-time signals it leaves.
    const startIgnoring =
      'import os,signal,sys; signal.signal(41, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])';
    await scenario(({ sigkit }) => assert.equal(sigkit.disposition(41), 'ignore'), {
      wrapper: ['python3', '-c', startIgnoring],
    });
  });

  it('[go-09a] [go-09b] [go-09c] reset undoes both ignore and subscribe, back to the disposition found at start-up', async () => {
    const startIgnoring =
      'import os,signal,sys; signal.signal(41, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])';
    await scenario(
      ({ sigkit }) => {
        const stream = sigkit.signals(41);
        sigkit.resetSignals(41);
        assert.equal(sigkit.disposition(41), 'ignore');
        sigkit.kill(process.pid, 41);
        assert.equal(stream.poll(), null);
        sigkit.ignoreSignals('SIGHUP');
        sigkit.resetSignals('SIGHUP');
        assert.equal(sigkit.disposition('SIGHUP'), 'default');
        sigkit.kill(process.pid, 'SIGHUP');
      },
      { wrapper: ['python3', '-c', startIgnoring], signal: 'SIGHUP' },
    );
  });

  it('[go-10a] [go-10b] reset without arguments covers all; children spawned afterwards do not inherit the undone ignore', () =>
    scenario(async ({ sigkit, childProcess, signalState, until }) => {
      const before = signalState();
      const ignoredIn = (): string =>
        /SigIgn:\t(\w+)/.exec(childProcess.execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }))?.[1] ?? '';
      const stream = sigkit.signals(['SIGUSR2', 'SIGTERM']);
      sigkit.ignoreSignals(['SIGHUP', 'SIGRTMIN+5']);
      assert.notEqual(ignoredIn(), '0000000000000000');
      sigkit.resetSignals();
      assert.equal(ignoredIn(), '0000000000000000');
      assert.equal(stream.poll(), null);
      await until(() => String(signalState()) === String(before), 'masks and dispositions as before');
    }));

  it('[go-11a] [go-11b] subscribing to an inherited ignored signal catches it; the last close makes it ignored again', async () => {
    const startIgnoring =
      'import os,signal,sys; signal.signal(41, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])';
    await scenario(
      ({ sigkit }) => {
        const stream = sigkit.signals(41);
        sigkit.kill(process.pid, 41);
        assert.equal(stream.poll()?.number, 41);
        stream.close();
        assert.equal(sigkit.disposition(41), 'ignore');
        sigkit.kill(process.pid, 41);
      },
      { wrapper: ['python3', '-c', startIgnoring] },
    );
  });

  it('[go-12a] [go-12b] subscribing takes a blocked signal; the last close leaves it blocked as before', () =>
    scenario(({ sigkit, masks }) => {
      sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
      const stream = sigkit.signals('SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal(stream.poll()?.signal, 'SIGUSR2');
      stream.close();
      for (const blocked of masks()) assert.ok(blocked.includes('SIGUSR2'));
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.deepEqual([...sigkit.sigpending()], ['SIGUSR2']);
    }));

  it('[go-13] signals pending from before are delivered on subscribing', () =>
    scenario(({ sigkit }) => {
      sigkit.sigprocmask('SIG_BLOCK', ['SIGUSR2', 'SIGRTMIN']);
      sigkit.kill(process.pid, 'SIGUSR2');
      for (const value of [1, 2, 3]) sigkit.sigqueue(process.pid, 'SIGRTMIN', value);
      const stream = sigkit.signals(['SIGUSR2', 'SIGRTMIN']);
      assert.deepEqual(
        [stream.poll()?.signal, stream.poll()?.value, stream.poll()?.value, stream.poll()?.value],
        ['SIGUSR2', 1, 2, 3],
      );
      stream.close();
    }));

  it('[go-14a] [go-14b] [go-14c] SIGCONT to oneself is delivered, SIGWINCH without a subscriber is harmless, KILL and STOP are refused', () =>
    scenario(({ sigkit }) => {
      sigkit.kill(process.pid, 'SIGWINCH');
      const stream = sigkit.signals('SIGCONT');
      sigkit.kill(process.pid, 'SIGCONT');
      assert.equal(stream.poll()?.signal, 'SIGCONT');
      stream.close();
      for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
        assert.throws(() => sigkit.signals(signal), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
      }
    }));

  it('[go-15] endless sends from a second thread, with reads, clock reads, tracing and profiling on and off: no crash, no hang', () =>
    scenario(
      async ({ sigkit, startWorker, inspector }) => {
        const kept = sigkit.signals('SIGUSR2', { capacity: 8 });
        const worker = await startWorker(({ sigkit: inWorker }) => {
          const send = (): void => {
            for (let sent = 0; sent < 50; sent += 1) inWorker.kill(process.pid, 'SIGUSR2');
            setImmediate(send);
          };
          send();
        });
        const session = new inspector.Session();
        session.connect();
        session.post('Profiler.enable');
        session.post('Profiler.setSamplingInterval', { interval: 100 });
        const tracing = { traceConfig: { includedCategories: ['node.perf', 'v8'] } };
        const deadline = performance.now() + 3000;
        let read = 0;
        while (performance.now() < deadline) {
          session.post('NodeTracing.start', tracing);
          session.post('Profiler.start');
          // Masks change while the profiler's signals interrupt every thread.
          const stream = sigkit.signals(['SIGUSR2', 'SIGHUP', 'SIGTERM']);
          await stream.next();
          read += 1;
          stream.close();
          sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP');
          sigkit.sigprocmask('SIG_UNBLOCK', 'SIGHUP');
          session.post('Profiler.stop');
          session.post('NodeTracing.stop');
        }
        assert.ok(read > 0);
        session.disconnect();
        await worker.terminate();
        kept.close();
        assert.ok(sigkit.threads().every(({ blocked }) => blocked.size >= 60 || !blocked.has('SIGHUP')));
      },
      { deadlineMs: 55_000 },
    ));

  it('[go-16a] [go-16b] [go-16c] [go-16d] [go-16e] the context form fires once, survives ten more, follows its parent, and stops as often as one likes', () =>
    scenario(
      async ({ sigkit, events }) => {
        // An AbortSignal keeps no process alive.
        setInterval(() => {}, 1000);
        const abort = sigkit.abortOnSignal(['SIGTERM', 'SIGHUP']);
        const fired = events.once(abort.signal, 'abort');
        sigkit.kill(process.pid, 'SIGTERM');
        await fired;
        const reason = abort.signal.reason as {
          name: string;
          code: string;
          message: string;
          info: { signal: string; pid: number };
        };
        assert.equal(reason.name, 'AbortError');
        assert.equal(reason.code, 'ABORT_ERR');
        assert.equal(reason.info.signal, 'SIGTERM');
        assert.match(reason.message, /SIGTERM/);
        for (let sent = 0; sent < 10; sent += 1) sigkit.kill(process.pid, 'SIGTERM');

        const parent = new AbortController();
        const following = sigkit.abortOnSignal('SIGHUP', { signal: parent.signal });
        parent.abort('enough');
        assert.equal(following.signal.reason, 'enough');
        const late = sigkit.abortOnSignal('SIGHUP', { signal: parent.signal });
        assert.equal(late.signal.aborted, true);
        await Promise.all(Array.from({ length: 10 }, async () => following.stop()));
        late.stop();
        late.stop();
        abort.stop();
        sigkit.kill(process.pid, 'SIGTERM');
      },
      { signal: 'SIGTERM' },
    ));

  it('[go-17] what libc and sigkit use internally is no part of all', () =>
    scenario(({ sigkit, masks }) => {
      const all = sigkit.signals('all');
      for (const blocked of masks()) assert.ok(!blocked.some((name) => ['SIG32', 'SIG33', 'SIGFPE'].includes(name)));
      for (const number of [32, 33]) assert.throws(() => sigkit.signals(number), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
      all.close();
    }));
});

import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';

describe('behaviours of Rust and systemd', () => {
  it('[rs-01] close ends the iterator, wakes who waits, and hands out first what was sent before; closed is exact', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals('SIGRTMIN');
      assert.equal(stream.closed, false);
      const waiting = [stream.next(), stream.next()];
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 1);
      assert.equal((await waiting[0])?.value?.value, 1);
      stream.close();
      assert.equal(stream.closed, true);
      assert.deepEqual(await waiting[1], { done: true, value: undefined });

      const second = sigkit.signals('SIGRTMIN');
      for (const value of [1, 2, 3]) sigkit.sigqueue(process.pid, 'SIGRTMIN', value);
      second.close();
      const rest: unknown[] = [];
      for await (const { value } of second) rest.push(value);
      assert.deepEqual(rest, [1, 2, 3]);
      assert.equal(second.poll(), null);
    }));

  it('[rs-02] a signal that came before anyone polled is not lost; dropping one listener leaves its twin', () =>
    scenario(async ({ sigkit, timers }) => {
      const first = sigkit.signals('SIGUSR2');
      const twin = sigkit.signals('SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      first.close();
      assert.equal((await twin.next()).value?.signal, 'SIGUSR2');
      assert.equal(first.poll()?.signal, 'SIGUSR2');
      twin.close();
    }));

  it('[rs-03] several loops each get the signal; a dead one starves no other', () =>
    scenario(async ({ sigkit, startWorker }) => {
      const claimAndTell = ({
        sigkit: inWorker,
        workerThreads,
      }: Parameters<Parameters<typeof startWorker>[0]>[0]): void => {
        const stream = inWorker.signals('SIGRTMIN');
        void (async () => {
          for await (const { value } of stream) workerThreads.parentPort?.postMessage(value);
        })();
      };
      const dying = await startWorker(claimAndTell);
      const living = await startWorker(claimAndTell);
      const own = sigkit.signals('SIGRTMIN');
      const told = (worker: typeof living): Promise<unknown> =>
        new Promise((resolve) => worker.once('message', resolve));
      const all = [told(dying), told(living)];
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 1);
      assert.deepEqual(await Promise.all(all), [1, 1]);
      assert.equal((await own.next()).value?.value, 1);
      await dying.terminate();
      const again = told(living);
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 2);
      assert.equal(await again, 2);
      assert.equal((await own.next()).value?.value, 2);
      await living.terminate();
      own.close();
    }));

  it('[rs-04] origin carries pid and uid for user, tkill, queue and children, and none for the kernel', () =>
    scenario(async ({ sigkit, childProcess }) => {
      const stream = sigkit.signals(['SIGUSR2', 'SIGRTMIN', 'SIGCHLD']);
      const own = { pid: process.pid, uid: process.getuid?.(), origin: 'process' };
      const seen = async (): Promise<Record<string, unknown>> => {
        const { value } = await stream.next();
        return { ...value };
      };
      const pick = ({ code, pid, uid, origin }: Record<string, unknown>): unknown => ({ code, pid, uid, origin });
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.deepEqual(pick(await seen()), { code: 'SI_USER', ...own });
      sigkit.tgkill(process.pid, 'SIGUSR2');
      assert.deepEqual(pick(await seen()), { code: 'SI_TKILL', ...own });
      sigkit.sigqueue(process.pid, 'SIGRTMIN', -5);
      const queued = await seen();
      assert.deepEqual(pick(queued), { code: 'SI_QUEUE', ...own });
      assert.equal(queued['value'], -5);
      sigkit.sigqueue(process.pid, 'SIGRTMIN', -(2n ** 63n));
      assert.equal((await seen())['value64'], -(2n ** 63n));

      const child = childProcess.spawn('sleep', ['60']);
      for (const [signal, code, status] of [
        ['SIGSTOP', 'CLD_STOPPED', 19],
        ['SIGCONT', 'CLD_CONTINUED', 18],
        ['SIGKILL', 'CLD_KILLED', 9],
      ] as const) {
        sigkit.kill(child.pid ?? 0, signal);
        const info = await seen();
        assert.deepEqual([info['code'], info['pid'], info['status']], [code, child.pid, status]);
        assert.equal(typeof info['utime'], 'number');
      }
      childProcess.spawn('sh', ['-c', 'exit 7']);
      const exited = await seen();
      assert.deepEqual([exited['code'], exited['status']], ['CLD_EXITED', 7]);

      stream.close();
    }));

  it('[rs-04] a signal of the kernel itself has no sender', () =>
    scenario(
      async ({ sigkit }) => {
        const stream = sigkit.signals('SIGXCPU');
        // The limit of CPU time is one second; then the kernel sends SIGXCPU (setrlimit(2)).
        let event = stream.poll();
        while (event === null) event = stream.poll();
        const { code, origin, pid, uid } = event;
        assert.deepEqual({ code, origin, pid, uid }, { code: 'SI_KERNEL', origin: 'kernel', pid: null, uid: null });
        stream.close();
      },
      { wrapper: ['sh', '-c', 'ulimit -St 1; exec "$@"', 'sh'] },
    ));

  it('[rs-05] errno survives: failing calls keep their code while masks change under them', () =>
    scenario(async ({ sigkit, startWorker }) => {
      const worker = await startWorker(({ fs, workerThreads }) => {
        const fail = (): void => {
          for (let round = 0; round < 200; round += 1) {
            try {
              fs.openSync('/nonexistent/file', 'r');
            } catch (error) {
              const { code } = error as NodeJS.ErrnoException;
              if (code !== 'ENOENT') workerThreads.parentPort?.postMessage(code);
            }
          }
          setImmediate(fail);
        };
        fail();
      });
      worker.on('message', (code) => assert.fail(`open() failed with ${String(code)}`));
      for (let round = 0; round < 1500; round += 1) sigkit.signals('SIGHUP').close();
      await worker.terminate();
    }));

  it('[rs-06] the forbidden ones are refused: KILL, STOP, ILL, FPE, SEGV, BUS, TRAP, SYS', () =>
    scenario(({ sigkit }) => {
      for (const signal of [
        'SIGKILL',
        'SIGSTOP',
        'SIGILL',
        'SIGFPE',
        'SIGSEGV',
        'SIGBUS',
        'SIGTRAP',
        'SIGSYS',
      ] as const) {
        assert.throws(() => sigkit.signals(signal), { code: 'ERR_SIGKIT_UNCLAIMABLE', message: new RegExp(signal) });
      }
    }));

  it('[rs-07] every real-time signal from SIGRTMIN to SIGRTMAX can be listened to at once, and each arrives', () =>
    scenario(async ({ sigkit }) => {
      const realtime = [...sigkit.validSignals()].filter((signal) => sigkit.describeSignal(signal).realtime);
      assert.equal(realtime.length, 31);
      const streams = realtime.map((signal) => sigkit.signals(signal));
      const together = sigkit.signals(realtime);
      for (const signal of realtime) sigkit.sigqueue(process.pid, signal, sigkit.signalNumber(signal));
      for (const [index, stream] of streams.entries()) {
        const { value } = await stream.next();
        assert.equal(value?.signal, realtime[index]);
        assert.equal(value?.value, value?.number);
        stream.close();
      }
      assert.equal(together.queued, 31);
      together.close();
    }));

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGPIPE'] as const) {
    it(`[rs-08] exiting by ${signal} leaves the right status, with handlers, ignores and claims in place`, () =>
      scenario(
        ({ sigkit }) => {
          const args = process.argv;
          assert.ok(args.length > 0);
          const name = process.env['SIGKIT_SIGNAL'] as 'SIGTERM';
          process.on(name, () => {});
          sigkit.signals([name, 'SIGHUP']);
          sigkit.sigprocmask('SIG_BLOCK', name);
          sigkit.exitBySignal(name);
        },
        { signal, wrapper: ['env', `SIGKIT_SIGNAL=${signal}`] },
      ));
  }

  it('[rs-09] exiting by a signal of which nobody dies is refused', () =>
    scenario(({ sigkit }) => {
      for (const signal of ['SIGCHLD', 'SIGWINCH', 'SIGCONT', 'SIGSTOP', 'SIGTSTP'] as const) {
        assert.throws(() => sigkit.exitBySignal(signal), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
      }
    }));

  it('[uv-01] kill with 0 probes; -1 and NSIG are refused as signals', () =>
    scenario(({ sigkit }) => {
      sigkit.kill(process.pid, 0);
      assert.throws(() => sigkit.kill(2 ** 22 + 7, 0), {
        code: 'ESRCH',
        errno: -3,
        syscall: 'kill',
        message: 'kill ESRCH',
      });
      for (const signal of [-1, 65])
        assert.throws(() => sigkit.kill(process.pid, signal), { code: 'ERR_OUT_OF_RANGE' });
    }));

  it('[uv-02] one-shot and lasting subscribers may mix on one signal', () =>
    scenario(async ({ sigkit }) => {
      const lasting = sigkit.signals('SIGUSR2');
      const once = sigkit.waitForSignal('SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal((await once)?.signal, 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal((await lasting.next()).value?.signal, 'SIGUSR2');
      assert.equal((await lasting.next()).value?.signal, 'SIGUSR2');
      lasting.close();
    }));
});

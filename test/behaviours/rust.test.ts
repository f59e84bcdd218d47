import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

const withoutQueue = [
  'python3',
  '-c',
  'import os,resource,sys; resource.setrlimit(resource.RLIMIT_SIGPENDING, (0, 0)); os.execv(sys.argv[1], sys.argv[1:])',
];

describeTransports('behaviours of the Rust libraries', () => {
  it('[rs-01a] [rs-01c] [rs-01d] close ends the iterator, wakes who waits, and hands out first what was sent before; closed is exact', () =>
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

  it('[rs-01a] [rs-01b] pending never blocks, and after the close nothing does', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals(['SIGRTMIN', 'SIGHUP']);
      assert.equal(stream.poll(), null);
      const waiting = Array.from({ length: 5 }, () => stream.next());
      stream.close();
      for (const result of await Promise.all(waiting)) assert.equal(result.done, true);
      assert.equal(stream.poll(), null);
      assert.equal((await stream.next()).done, true);
      for await (const info of stream) assert.fail(info.signal);
    }));

  it('[rs-02a] [rs-02b] a signal that came before anyone polled is not lost; dropping one listener leaves its twin', () =>
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

  it('[rs-03a] [rs-03b] several loops each get the signal; a dead one starves no other, nor a later one', () =>
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
      const later = await startWorker(claimAndTell);
      const both = [told(living), told(later)];
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 3);
      assert.deepEqual(await Promise.all(both), [3, 3]);
      assert.equal((await own.next()).value?.value, 3);
      await living.terminate();
      await later.terminate();
      own.close();
    }));

  it('[rs-04a] origin carries pid and uid for signals of a user, to a thread, and queued', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals(['SIGUSR2', 'SIGRTMIN']);
      const own = { pid: process.pid, uid: process.getuid?.(), origin: 'process' };
      const seen = async (): Promise<Record<string, unknown>> => {
        const { value } = await stream.next();
        return { ...value };
      };
      const pick = ({ code, pid, uid, origin }: Record<string, unknown>): unknown => ({ code, pid, uid, origin });
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.deepEqual(pick(await seen()), { code: 'SI_USER', ...own });
      sigkit.tgkill(process.pid, 'SIGUSR2');
      const directed = await seen();
      assert.deepEqual(pick(directed), { code: 'SI_TKILL', ...own });
      assert.ok(!('value' in directed) && !('value64' in directed));
      sigkit.sigqueue(process.pid, 'SIGRTMIN', -5);
      const queued = await seen();
      assert.deepEqual(pick(queued), { code: 'SI_QUEUE', ...own });
      assert.equal(queued['value'], -5);
      sigkit.sigqueue(process.pid, 'SIGRTMIN', -(2n ** 63n));
      assert.equal((await seen())['value64'], -(2n ** 63n));
      stream.close();
    }));

  describe('signals that the kernel makes', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-origins-'));
    const library = path.join(folder, 'origins.so');
    const fifo = path.join(folder, 'fifo');
    const preloaded = ['env', `ORIGINS_FIFO=${fifo}`, `LD_PRELOAD=${library}`];

    before(() => {
      const source = fileURLToPath(new URL('../../../test/fixtures/behaviours/origins.c', import.meta.url));
      execFileSync('gcc', ['-shared', '-fPIC', '-o', library, source, '-lpthread', '-lrt']);
      execFileSync('mkfifo', [fifo]);
    });
    after(() => rmSync(folder, { recursive: true }));

    it('[rs-04a] origin carries pid and uid for a message queue', () =>
      scenario(
        async ({ sigkit, fs }) => {
          const stream = sigkit.signals('SIGRTMIN+4');
          fs.writeFileSync(process.env['ORIGINS_FIFO'] ?? '', 'message\n');
          const { value: info } = await stream.next();
          assert.deepEqual(
            [info?.code, info?.origin, info?.pid, info?.uid, info?.value],
            ['SI_MESGQ', 'process', process.pid, process.getuid?.(), -4],
          );
          stream.close();
        },
        { wrapper: preloaded },
      ));

    it('[rs-04d] no sender for a timer, which says how often it fired besides', () =>
      scenario(
        async ({ sigkit, fs }) => {
          const stream = sigkit.signals('SIGRTMIN+5');
          const alarms = sigkit.signals('SIGALRM');
          const words = fs.openSync(process.env['ORIGINS_FIFO'] ?? '', 'w');
          const section = sigkit.blockSignals('SIGRTMIN+5');
          // The alarm tells that the word before it has been done.
          fs.writeSync(words, 'timer\nalarm\n');
          assert.equal((await alarms.next()).value?.signal, 'SIGALRM');
          section.unblock();
          const { value: info } = await stream.next();
          fs.writeSync(words, 'no-timer\nalarm\n');
          assert.equal((await alarms.next()).value?.signal, 'SIGALRM');
          assert.deepEqual(
            [info?.code, info?.origin, info?.pid, info?.uid, info?.value],
            ['SI_TIMER', 'kernel', null, null, -5],
          );
          assert.equal(typeof info?.timerId, 'number');
          assert.ok((info?.overrun ?? 0) > 0, String(info?.overrun));
          assert.equal(info?.count, 1);
          fs.closeSync(words);
          alarms.close();
          stream.close();
        },
        { wrapper: preloaded },
      ));

    it('[rs-04d] no sender for I/O and alarms; F_SETSIG brings descriptor and band', () =>
      scenario(
        async ({ sigkit, fs }) => {
          const stream = sigkit.signals(['SIGRTMIN+6', 'SIGIO', 'SIGALRM']);
          const words = fs.openSync(process.env['ORIGINS_FIFO'] ?? '', 'w');
          for (const [word, signal, code] of [
            ['readable', 'SIGRTMIN+6', 'POLL_IN'],
            ['io', 'SIGIO', 'SI_KERNEL'],
            ['alarm', 'SIGALRM', 'SI_KERNEL'],
          ] as const) {
            fs.writeSync(words, `${word}\n`);
            const { value: info } = await stream.next();
            assert.deepEqual([info?.signal, info?.code, info?.origin, info?.pid], [signal, code, 'kernel', null]);
            if (word !== 'readable') continue;
            assert.ok(fs.readlinkSync(`/proc/self/fd/${info?.fd}`).startsWith('pipe:'));
            // POLLIN | POLLRDNORM
            assert.equal(info?.band, 0x41);
          }
          stream.close();
          fs.closeSync(words);
        },
        { wrapper: preloaded },
      ));
  });

  it('[rs-04b] origin carries the child and its status for exited, killed, stopped and continued', () =>
    scenario(async ({ sigkit, childProcess }) => {
      const stream = sigkit.signals('SIGCHLD');
      const child = childProcess.spawn('sleep', ['60']);
      for (const [signal, code, status] of [
        ['SIGSTOP', 'CLD_STOPPED', 19],
        ['SIGCONT', 'CLD_CONTINUED', 18],
        ['SIGKILL', 'CLD_KILLED', 9],
      ] as const) {
        sigkit.kill(child.pid ?? 0, signal);
        const { value: info } = await stream.next();
        assert.deepEqual([info?.code, info?.pid, info?.status], [code, child.pid, status]);
        assert.deepEqual([info?.origin, info?.uid], ['process', process.getuid?.()]);
        assert.deepEqual([typeof info?.utime, typeof info?.stime], ['number', 'number']);
      }
      const leaving = childProcess.spawn('sh', ['-c', 'exit 7']);
      const { value: exited } = await stream.next();
      assert.deepEqual([exited?.code, exited?.pid, exited?.status], ['CLD_EXITED', leaving.pid, 7]);
      stream.close();
    }));

  it('[rs-04b] origin says whether a child has dumped core, as waitpid does', () =>
    scenario(async ({ sigkit, childProcess, fs, events }) => {
      const folder = fs.mkdtempSync('/tmp/sigkit-core-');
      const dying = 'ulimit -c unlimited; kill -s QUIT $$';
      const waitpid = `import os,subprocess
child = subprocess.Popen(['sh', '-c', '${dying}'])
print(os.WCOREDUMP(os.waitpid(child.pid, 0)[1]))`;
      const dumped =
        childProcess.execFileSync('python3', ['-c', waitpid], { cwd: folder, encoding: 'utf8' }) === 'True\n';
      const stream = sigkit.signals('SIGCHLD');
      const child = childProcess.spawn('sh', ['-c', dying], { cwd: folder });
      const { value: info } = await stream.next();
      assert.deepEqual([info?.code, info?.pid, info?.status], [dumped ? 'CLD_DUMPED' : 'CLD_KILLED', child.pid, 3]);
      if (child.signalCode === null) await events.once(child, 'exit');
      assert.equal(child.signalCode, 'SIGQUIT');
      stream.close();
      fs.rmSync(folder, { recursive: true });
    }));

  it('[rs-04c] [rs-07b] origin carries the child for trapped', async function () {
    const stdout = await scenario(async ({ sigkit, childProcess, events }) => {
      const stream = sigkit.signals('SIGCHLD');
      const traced = `import ctypes,os,signal
if ctypes.CDLL(None).ptrace(0, 0, 0, 0) != 0: os._exit(77)
os.kill(os.getpid(), signal.SIGUSR1)`;
      const child = childProcess.spawn('python3', ['-c', traced]);
      const { value: info } = await stream.next();
      stream.close();
      if (info?.status === 77) {
        await events.once(child, 'close');
        process.stdout.write('ptrace is not permitted');
        return;
      }
      assert.deepEqual([info?.code, info?.pid, info?.status], ['CLD_TRAPPED', child.pid, 10]);
      sigkit.kill(child.pid ?? 0, 'SIGKILL');
      // libuv takes the stop for the end.
      process.exit();
    });
    if (stdout !== '') this.skip();
  });

  it('[rs-04d] no origin for one whose siginfo the kernel had no room for', () =>
    scenario(
      async ({ sigkit, fs, events, otherProcess }) => {
        const stream = sigkit.signals('SIGRTMIN');
        assert.throws(() => sigkit.sigqueue(process.pid, 'SIGRTMIN', 1), { code: 'EAGAIN', syscall: 'sigqueue' });
        const sender = otherProcess(`sigkit.kill(${process.pid}, 'SIGRTMIN');`);
        const { value: info } = await stream.next();
        const outermost = fs.readlinkSync('/proc/self/ns/pid') === 'pid:[4026531836]';
        assert.deepEqual(
          [info?.code, info?.origin, info?.pid, info?.uid],
          ['SI_USER', outermost ? 'unknown' : 'outside-pid-namespace', null, null],
        );
        if (sender.exitCode === null) await events.once(sender, 'exit');
        stream.close();
      },
      { wrapper: withoutQueue },
    ));

  it('[rs-04d] a signal of the kernel itself has no sender', () =>
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

  it('[rs-05a] errno survives: failing calls keep their code while masks change under them', () =>
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

  it('[rs-05c] the forbidden ones are refused: KILL, STOP, ILL, FPE, SEGV, BUS, TRAP, SYS', () =>
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

  it('[rs-06] every real-time signal from SIGRTMIN to SIGRTMAX can be listened to at once, and each arrives', () =>
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
    it(`[rs-07a] exiting by ${signal} leaves the right status, with handlers, ignores and claims in place`, () =>
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

  for (const where of ['a listener', 'a loop over the stream', 'a Worker', 'an abort'] as const) {
    it(`[rs-07a] exiting from ${where} leaves the status of the signal`, () =>
      scenario(
        async ({ sigkit, startWorker, timers }) => {
          const from = process.env['FROM'];
          process.on('exit', () => process.stdout.write('exit listeners ran'));
          if (from === 'a listener') {
            sigkit.signals('SIGTERM');
            process.on('SIGTERM', () => sigkit.exitBySignal('SIGTERM'));
          }
          if (from === 'an abort') {
            const abort = sigkit.abortOnSignal('SIGTERM');
            abort.signal.addEventListener('abort', () => sigkit.exitBySignal('SIGTERM'));
          }
          if (from === 'a Worker') {
            await startWorker(({ sigkit: inWorker }) => {
              void inWorker
                .signals('SIGTERM')
                .next()
                .then(() => inWorker.exitBySignal('SIGTERM'));
            });
          }
          sigkit.kill(process.pid, from === 'a loop over the stream' ? 0 : 'SIGTERM');
          if (from === 'a loop over the stream') {
            const stream = sigkit.signals('SIGTERM');
            sigkit.kill(process.pid, 'SIGTERM');
            for await (const { signal } of stream) sigkit.exitBySignal(signal);
          }
          await timers.setTimeout(20_000);
        },
        { signal: 'SIGTERM', wrapper: ['env', `FROM=${where}`] },
      ).then((stdout) => assert.equal(stdout, '')));
  }

  it('[rs-07a] exiting by a signal of which nobody dies is refused', () =>
    scenario(({ sigkit }) => {
      for (const signal of [
        'SIGCHLD',
        'SIGURG',
        'SIGWINCH',
        'SIGCONT',
        'SIGSTOP',
        'SIGTSTP',
        'SIGTTIN',
        'SIGTTOU',
      ] as const) {
        assert.throws(() => sigkit.exitBySignal(signal), {
          code: 'ERR_SIGKIT_UNCLAIMABLE',
          message: new RegExp(signal),
        });
      }
    }));

  it('[rs-07b] what a SIGCHLD says and what waitpid told libuv agree', () =>
    scenario(async ({ sigkit, childProcess, events }) => {
      const stream = sigkit.signals('SIGCHLD');
      for (const [script, code, status, exit] of [
        ['exit 0', 'CLD_EXITED', 0, [0, null]],
        ['exit 255', 'CLD_EXITED', 255, [255, null]],
        ['kill -s TERM $$', 'CLD_KILLED', 15, [null, 'SIGTERM']],
        ['kill -s KILL $$', 'CLD_KILLED', 9, [null, 'SIGKILL']],
      ] as const) {
        const child = childProcess.spawn('sh', ['-c', script]);
        const ended = events.once(child, 'exit');
        const { value: info } = await stream.next();
        assert.deepEqual([info?.code, info?.pid, info?.status], [code, child.pid, status]);
        assert.deepEqual(await ended, exit);
      }
      stream.close();
    }));

  it('[rs-07b] waitpid of another language sees exitBySignal as a death by signal', () =>
    scenario(({ childProcess }) => {
      const waitpid = `import os,subprocess,sys
child = subprocess.Popen(sys.argv[1:])
status = os.waitpid(child.pid, 0)[1]
print(os.WIFSIGNALED(status), os.WTERMSIG(status))`;
      for (const [signal, number] of [
        ['SIGTERM', 15],
        ['SIGRTMIN+3', 37],
        ['SIGKILL', 9],
      ] as const) {
        const code = `import { exitBySignal } from 'sigkit'; exitBySignal('${signal}');`;
        const args = ['-c', waitpid, process.execPath, '--input-type=module', '-e', code];
        const said = childProcess.execFileSync('python3', args, {
          encoding: 'utf8',
          cwd: new URL('..', `file://${process.argv[1]}`),
        });
        assert.equal(said, `True ${number}\n`);
      }
    }));
});

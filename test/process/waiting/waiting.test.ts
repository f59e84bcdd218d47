import assert from 'node:assert/strict';
import { release } from 'node:os';

import { inNamespace, injecting, need } from '../../fixtures/process/means.js';
import type { Signal } from 'sigkit';
import type { WaitpidOptions, WaitResult } from 'sigkit/process';

import type { Tools } from '../../fixtures/scenario.js';
import { scenario } from '../../support/scenario.js';

type Change = IteratorResult<WaitResult, undefined>;

describe('the changes of state of a child', () => {
  it('are told to each iterator: stopped, continued, ended, and then no more', () =>
    scenario(async ({ processes }) => {
      // In a group of its own: SIGTSTP stops nobody in an orphaned group (setpgid(2)), and that of the tests may be one.
      const child = processes.spawn('sleep', ['100'], { stdio: 'ignore', processGroup: true });
      const brief = (change: Change): unknown => {
        if (change.done === true) return 'done';
        const { pid, stopSignal, continued, termSignal } = change.value;
        assert.equal(pid, child.pid);
        return stopSignal ?? termSignal ?? (continued ? 'continued' : 'exited');
      };
      const [one, two, left] = [0, 1, 2].map(() => child[Symbol.asyncIterator]());
      assert.ok(one !== undefined && two !== undefined && left !== undefined);
      const steps: readonly (readonly [Signal, string])[] = [
        ['SIGSTOP', 'SIGSTOP'],
        ['SIGCONT', 'continued'],
        ['SIGTSTP', 'SIGTSTP'],
        ['SIGCONT', 'continued'],
      ];
      for (const [signal, told] of steps) {
        const waiting: Promise<readonly Change[]> = Promise.all([one.next(), two.next()]);
        child.kill(signal);
        assert.deepEqual((await waiting).map(brief), [told, told]);
      }
      // What one has given up, or has not read yet, is nothing to the others.
      assert.equal(brief(await left.next()), 'SIGSTOP');
      await left.return?.();
      const last = [one.next(), two.next()];
      child.kill('SIGTERM');
      assert.deepEqual((await Promise.all(last)).map(brief), ['SIGTERM', 'SIGTERM']);
      assert.deepEqual((await Promise.all([one.next(), two.next(), left.next()])).map(brief), ['done', 'done', 'done']);
      const { raw } = await child.exited;
      assert.equal(raw, 15);

      const late = child[Symbol.asyncIterator]();
      assert.equal(brief(await late.next()), 'SIGTERM');
      assert.equal(brief(await late.next()), 'done');
    }));

  it('end a for await; leaving it early disturbs nobody', () =>
    scenario(async ({ processes }) => {
      const child = processes.spawn('sh', ['-c', 'read line; exit 7'], { stdio: ['pipe', 'ignore', 'ignore'] });
      setImmediate(() => child.kill('SIGSTOP'));
      for await (const change of child) {
        assert.equal(change.stopSignal, 'SIGSTOP');
        break;
      }
      const seen: unknown[] = [];
      child.kill('SIGCONT');
      child.stdin?.end('\n');
      for await (const { continued, exitCode } of child) if (!continued) seen.push(exitCode);
      assert.deepEqual(seen, [7]);
    }));

  it('a stop that came before the loop began is told', () =>
    scenario(async ({ processes, until, fs }) => {
      const child = processes.spawn('sh', ['-c', 'kill -STOP $$; exit 7'], { stdio: 'ignore' });
      const isStopped = (): boolean => /^State:\s+T/m.test(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'));
      // Not a turn of the event loop has gone by.
      while (!isStopped()) continue;
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const { stopSignal, exitCode } of child) {
          if (stopSignal === null && exitCode === null) continue;
          seen.push(stopSignal ?? exitCode);
          child.kill('SIGCONT');
        }
      })();
      try {
        await until(() => seen.length > 0, 'the stop');
        await reading;
        assert.deepEqual(seen, ['SIGSTOP', 7]);
      } finally {
        child.kill('SIGKILL');
      }
    }));

  it('are told although SIGCHLD is claimed, and beside children of child_process', () =>
    scenario(async ({ processes, sigkit, childProcess, events }) => {
      const stream = sigkit.signals('SIGCHLD');
      const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      const changes = child[Symbol.asyncIterator]();
      const other = childProcess.spawn('sh', ['-c', 'exit 6']);
      const exited = events.once(other, 'exit');
      child.kill('SIGSTOP');
      assert.equal((await changes.next()).value?.stopSignal, 'SIGSTOP');
      assert.deepEqual(await exited, [6, null]);
      child.kill('SIGKILL');
      assert.equal((await changes.next()).value?.termSignal, 'SIGKILL');
      assert.equal((await changes.next()).done, true);
      assert.ok(stream.poll() !== null);
      stream.close();
    }));
});

describe('SpawnedProcess', () => {
  it('kill sends a signal, with a value or none, to that child only, and says false after its end', () =>
    scenario(async ({ processes }) => {
      const inner = async ({ sigkit }: Tools): Promise<void> => {
        const stream = sigkit.signals(['SIGRTMIN+1', 'SIGUSR2']);
        console.log('ready');
        for (let read = 0; read < 4; read += 1) {
          const { value } = await stream.next();
          console.log(value?.signal, value?.code, value?.pid === process.ppid, value?.value, value?.value64);
        }
        stream.close();
      };
      const child = processes.spawn(process.execPath, [process.argv[1] ?? '', inner.toString()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const chunks = child.stdout?.setEncoding('utf8')[Symbol.asyncIterator]();
      let output = '';
      const read = async (lines: number): Promise<void> => {
        while (output.split('\n').length <= lines) output += String((await chunks?.next())?.value);
      };
      await read(1);
      assert.equal(child.kill(0), true);
      assert.equal(child.kill('SIGRTMIN+1', -7), true);
      await read(2);
      const handle = processes.openProcess(child.pid);
      assert.equal(handle.kill('SIGRTMIN+1', 0x1234_5678_9abc_def0n), true);
      await read(3);
      assert.equal(child.kill('SIGUSR2'), true);
      await read(4);
      assert.equal(handle.kill('SIGUSR2', 9), true);
      await read(5);
      assert.equal(
        output,
        [
          'ready',
          'SIGRTMIN+1 SI_QUEUE true -7 4294967289n',
          `SIGRTMIN+1 SI_QUEUE true ${0x9abc_def0 | 0} ${0x1234_5678_9abc_def0n}n`,
          'SIGUSR2 SI_USER true undefined undefined',
          'SIGUSR2 SI_QUEUE true 9 9n',
          '',
        ].join('\n'),
      );
      assert.equal((await child.exited).exitCode, 0);
      for (const one of [child, handle]) {
        assert.equal(one.kill(0), false);
        assert.equal(one.kill(), false);
        assert.equal(one.kill('SIGKILL', 5), false);
      }
      handle.close();
    }));

  it('kill without a signal is SIGTERM', () =>
    scenario(async ({ processes }) => {
      const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      child.kill();
      assert.equal((await child.exited).termSignal, 'SIGTERM');
      const other = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      const handle = processes.openProcess(other.pid);
      handle.kill();
      assert.equal((await other.exited).termSignal, 'SIGTERM');
    }));

  it('keeps its parent alive, unless it is told not to', async () => {
    const waits = (act: (tools: Tools) => unknown): Promise<string> => scenario(act);
    const [kept, kept2, left, leftHandle] = await Promise.all([
      waits(({ processes }) => {
        const child = processes.spawn('sh', ['-c', 'sleep 0.2'], { stdio: 'ignore' });
        void child.exited.then(() => console.log('seen'));
      }),
      waits(({ processes }) => {
        const child = processes.spawn('sh', ['-c', 'sleep 0.2'], { stdio: 'ignore' });
        assert.equal(child.unref().ref().ref(), child);
        void child.exited.then(() => console.log('seen'));
      }),
      waits(({ processes }) => {
        const child = processes.spawn('sleep', ['100'], { stdio: 'ignore', parentDeathSignal: 'SIGKILL' });
        assert.equal(child.unref().unref(), child);
        child[Symbol.asyncIterator]()
          .next()
          .catch(() => {});
        void child.exited.then(() => console.log('seen'));
      }),
      waits(async ({ processes }) => {
        const child = processes.spawn('sleep', ['100'], { stdio: 'ignore', parentDeathSignal: 'SIGKILL' }).unref();
        processes.openProcess(child.pid);
        const waiting = processes.openProcess(child.pid);
        void waiting.exited.then(
          () => console.log('seen'),
          () => console.log('closed'),
        );
        waiting.close();
        const abort = new AbortController();
        const aborted = processes.waitForExit(child.pid, { signal: abort.signal });
        abort.abort();
        await aborted.catch(() => console.log('aborted'));
      }),
    ]);
    assert.deepEqual([kept, kept2, left], ['seen\n', 'seen\n', '']);
    assert.deepEqual(leftHandle.split('\n').sort(), ['', 'aborted', 'closed']);
  });

  it('is not started when its AbortSignal has aborted before, and ended when it does later', () =>
    scenario(async ({ processes, events }) => {
      const reason = new Error('why');
      assert.throws(() => processes.spawn('sleep', ['100'], { signal: AbortSignal.abort(reason) }), {
        name: 'AbortError',
        code: 'ABORT_ERR',
        cause: reason,
      });
      assert.deepEqual(processes.children(), []);
      const abort = new AbortController();
      const child = processes.spawn('sleep', ['100'], { signal: abort.signal, stdio: 'ignore' });
      const stopped = processes.spawn('sleep', ['100'], { signal: abort.signal, stdio: 'ignore' });
      const changes = stopped[Symbol.asyncIterator]();
      stopped.kill('SIGSTOP');
      assert.equal((await changes.next()).value?.stopSignal, 'SIGSTOP');
      const ended = processes.spawn('true', [], { signal: abort.signal, stdio: 'ignore' });
      assert.equal((await ended.exited).exitCode, 0);
      assert.equal(events.getEventListeners(abort.signal, 'abort').length, 2);
      abort.abort();
      assert.equal((await child.exited).termSignal, 'SIGTERM');
      assert.equal((await stopped.exited).termSignal, 'SIGTERM');
      assert.equal(events.getEventListeners(abort.signal, 'abort').length, 0);
      assert.deepEqual(processes.children(), []);
    }));

  it('asyncDispose ends and reaps it, whether it runs, is stopped or has ended', () =>
    scenario(async ({ processes }) => {
      const running = processes.spawn('sleep', ['100']);
      await running[Symbol.asyncDispose]();
      assert.deepEqual(processes.children(), []);
      assert.equal((await running.exited).termSignal, 'SIGTERM');
      assert.deepEqual(
        running.stdio.map((stream) => stream?.destroyed),
        [true, true, true],
      );
      const stopped = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      const changes = stopped[Symbol.asyncIterator]();
      stopped.kill('SIGSTOP');
      assert.equal((await changes.next()).value?.stopSignal, 'SIGSTOP');
      await stopped[Symbol.asyncDispose]();
      // Not SIGKILL, after five seconds.
      assert.equal((await stopped.exited).termSignal, 'SIGTERM');
      const ended = processes.spawn('true', [], { stdio: 'ignore' });
      await ended.exited;
      await ended[Symbol.asyncDispose]();
      await ended[Symbol.asyncDispose]();
      assert.equal((await ended.exited).exitCode, 0);
    }));

  it('what ignores SIGTERM is killed after five seconds, by asyncDispose and by an abort', () =>
    scenario(async ({ processes }) => {
      const abort = new AbortController();
      const options = { stdio: 'ignore', ignoreSignals: 'SIGTERM' } as const;
      const start = performance.now();
      const disposed = processes.spawn('sleep', ['100'], options);
      const aborted = processes.spawn('sleep', ['100'], { ...options, signal: abort.signal });
      abort.abort();
      await disposed[Symbol.asyncDispose]();
      const after = performance.now() - start;
      assert.ok(after >= 4990, `${after} ms`);
      for (const child of [disposed, aborted]) assert.equal((await child.exited).termSignal, 'SIGKILL');
      assert.deepEqual(processes.children(), []);
    }));
});

describe('waitpid', () => {
  it('takes the end of a child of spawn, once; its `exited` still resolves', () =>
    scenario(async ({ processes }) => {
      for (const target of [(pid: number) => pid, () => -1, () => 0, (pid: number) => -processes.getpgid(pid)]) {
        const child = processes.spawn('sh', ['-c', 'exit 5'], { stdio: 'ignore' });
        assert.equal(processes.getpgid(child.pid), processes.getpgrp());
        let taken = processes.waitpid(target(child.pid));
        for (const deadline = performance.now() + 10_000; taken === null && performance.now() < deadline;)
          taken = processes.waitpid(target(child.pid));
        assert.deepEqual([taken?.pid, taken?.exitCode, taken?.raw], [child.pid, 5, 0x500]);
        assert.throws(() => processes.waitpid(child.pid), {
          message: 'waitpid ECHILD',
          code: 'ECHILD',
          errno: -10,
          syscall: 'waitpid',
        });
        assert.equal(child.kill(0), false);
        assert.deepEqual(await child.exited, { ...taken, aborted: false });
      }
    }));

  it('tells of a stop and a continuation when it is asked to, and else of the end only', () =>
    scenario(async ({ processes, until, childProcess, events }) => {
      const poll = async (pid: number, options: WaitpidOptions): Promise<WaitResult> => {
        let change: WaitResult | null = null;
        await until(() => {
          change = processes.waitpid(pid, options);
          return change !== null;
        }, 'a change of state');
        return change ?? assert.fail();
      };
      const child = processes.spawn('sleep', ['100'], { stdio: 'ignore', processGroup: true });
      const nodes = childProcess.spawn('sleep', ['100'], { detached: true });
      for (const pid of [child.pid, nodes.pid ?? 0]) {
        process.kill(pid, 'SIGSTOP');
        const { rusage: _stopUsage, ...stop } = await poll(pid, { untraced: true });
        assert.deepEqual(stop, { pid, ...processes.decodeWaitStatus(0x137f) });
        assert.equal(processes.waitpid(pid, { untraced: true }), null);
        process.kill(pid, 'SIGCONT');
        const { rusage: _usage, ...continuation } = await poll(pid, { untraced: true, continued: true });
        assert.deepEqual(continuation, { pid, ...processes.decodeWaitStatus(0xffff) });
        assert.equal(processes.waitpid(pid, { untraced: true, continued: true }), null);
      }
      // By the group too.
      child.kill('SIGSTOP');
      assert.equal((await poll(-child.pid, { untraced: true })).stopSignal, 'SIGSTOP');
      assert.equal(processes.waitpid(child.pid), null);
      child.kill('SIGKILL');
      assert.equal((await child.exited).termSignal, 'SIGKILL');
      nodes.kill('SIGKILL');
      assert.deepEqual(await events.once(nodes, 'exit'), [null, 'SIGKILL']);
    }));

  it('never takes a child of child_process: each exit event still comes, with the right code', () =>
    scenario(async ({ processes, childProcess, events, fs }) => {
      const state = (pid: number): string =>
        /^State:\s+(\w)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
      for (let round = 0; round < 5; round += 1) {
        const nodes = Array.from({ length: 10 }, (_, index) =>
          childProcess.spawn('sh', ['-c', `exit ${index + 1}`], { stdio: 'ignore' }),
        );
        const exits = nodes.map((child) => events.once(child, 'exit'));
        const own = Array.from({ length: 10 }, () => processes.spawn('sh', ['-c', 'exit 99'], { stdio: 'ignore' }));
        const pids = new Set(own.map(({ pid }) => pid));
        // In one turn of the event loop, so that libuv cannot come first.
        for (const { pid } of nodes) while (state(pid ?? 0) !== 'Z') continue;
        for (const { pid } of own) while (state(pid) !== 'Z') continue;
        while (pids.size > 0) {
          for (const target of [-1, 0, -processes.getpgrp()]) {
            if (pids.size === 0) break;
            const result = processes.waitpid(target);
            assert.equal(result?.exitCode, 99);
            assert.ok(pids.delete(result.pid));
          }
        }
        for (const target of [-1, 0, -processes.getpgrp()])
          assert.throws(() => processes.waitpid(target), { code: 'ECHILD' });
        for (const { pid = 0 } of nodes)
          assert.throws(() => processes.waitpid(pid), { name: 'SigkitError', code: 'ERR_SIGKIT_FOREIGN_CHILD' });
        for (const [index, exit] of exits.entries()) assert.deepEqual(await exit, [index + 1, null]);
        for (const { pid = 0 } of nodes) assert.throws(() => processes.waitpid(pid), { code: 'ECHILD' });
      }
    }));

  it("never takes a Worker's children from another thread", () =>
    scenario(async ({ processes, startWorker, until, fs }) => {
      const worker = await startWorker(({ processes: own, childProcess: node }) => {
        own.spawn('sleep', ['100'], { stdio: 'ignore' });
        node.spawn('sleep', ['100'], { stdio: 'ignore' });
        // It tells that it runs first, and then does not look at its children for a while.
        setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500));
      });
      const pids = processes.children();
      assert.equal(pids.length, 2);
      for (const pid of pids) {
        assert.equal(processes.waitpid(pid), null);
        process.kill(pid, 'SIGKILL');
        while (!/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) continue;
        assert.throws(() => processes.waitpid(pid), { code: 'ERR_SIGKIT_FOREIGN_CHILD' });
      }
      assert.throws(() => processes.waitpid(-1), { code: 'ECHILD' });
      await until(() => processes.children().length === 0, 'the Worker has taken them');
      await worker.terminate();
    }));

  it('of nobody is ECHILD', () =>
    scenario(({ processes }) => {
      const { ppid } = process;
      for (const pid of [-1, 0, 2 ** 22 + 7, -(2 ** 22 + 7), 1, ppid, process.pid, -processes.getpgid(ppid)])
        assert.throws(
          () => processes.waitpid(pid, { untraced: true, continued: true }),
          { name: 'Error', message: 'waitpid ECHILD', code: 'ECHILD', errno: -10, syscall: 'waitpid' },
          String(pid),
        );
    }));

  it('takes adopted orphans, by their pid, their group or any, after libuv has had its turns', () =>
    scenario(async ({ processes, childProcess, fs, timers }) => {
      processes.setChildSubreaper();
      const folder = fs.mkdtempSync('/tmp/sigkit-');
      childProcess.execFileSync('mkfifo', [`${folder}/gate`]);
      const script = `sh -c "read line <${folder}/gate; exit 9" >/dev/null 2>&1 & echo $!`;
      for (const target of [(pid: number) => pid, () => -1, () => 0, () => -processes.getpgrp()]) {
        const pid = Number(childProcess.execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
        assert.ok(processes.children().includes(pid));
        fs.writeFileSync(`${folder}/gate`, '\n');
        while (!/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) continue;
        assert.equal(processes.waitpid(target(pid)), null);
        assert.equal(processes.waitpid(target(pid)), null);
        let taken: ReturnType<typeof processes.waitpid> = null;
        for (let turn = 0; turn < 10 && taken === null; turn += 1) {
          await timers.setImmediate();
          taken = processes.waitpid(target(pid));
        }
        assert.deepEqual([taken?.pid, taken?.exitCode], [pid, 9]);
        assert.throws(() => processes.waitpid(pid), { code: 'ECHILD' });
      }
      fs.rmSync(folder, { recursive: true });
      assert.deepEqual(processes.children(), []);
    }));
});

describe('openProcess and waitForExit', () => {
  it('work for a child of spawn, one of child_process, and a process that is no child; and reap nothing', () =>
    scenario(async ({ processes, childProcess, events }) => {
      const own = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      const nodes = childProcess.spawn('sleep', ['100'], { stdio: 'ignore' });
      const other = childProcess.execFileSync('sh', ['-c', 'sleep 100 >/dev/null 2>&1 & echo $!']);
      const exit = events.once(nodes, 'exit');
      for (const pid of [own.pid, nodes.pid ?? 0, Number(String(other))]) {
        const handle = processes.openProcess(pid);
        assert.deepEqual([handle.pid, handle.closed], [pid, false]);
        const waiting = processes.waitForExit(pid);
        const { exited } = handle;
        assert.equal(handle.exited, exited);
        assert.equal(handle.kill(0), true);
        assert.equal(handle.kill('SIGKILL'), true);
        for (const result of await Promise.all([exited, waiting])) {
          // Of one that is no child, the kernel need not tell.
          if (pid === Number(String(other)) && result === null) continue;
          assert.deepEqual([result?.pid, result?.raw, result?.termSignal], [pid, 9, 'SIGKILL']);
        }
        handle.close();
        assert.equal(handle.closed, true);
        assert.equal(await handle.exited, await exited);
      }
      assert.equal((await own.exited).raw, 9);
      assert.deepEqual(await exit, [null, 'SIGKILL']);
    }));

  it('tell how one ended that is no child, from kernel 6.15 on', function () {
    const [major = 0, minor = 0] = release().split('.').map(Number);
    need(this, major > 6 || (major === 6 && minor >= 15), 'kernel 6.15');
    return scenario(async ({ processes, childProcess }) => {
      // With a parent that reaps it, and with one that does not.
      for (const rest of ['wait $!; exec sleep 100', 'exec sleep 100']) {
        const parent = childProcess.spawn('sh', ['-c', `sleep 100 >/dev/null & echo $!; ${rest}`], {
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const [line] = (await parent.stdout.take(1).toArray()) as [Buffer];
        const pid = Number(line.toString());
        const waiting = processes.waitForExit(pid);
        process.kill(pid, 'SIGUSR1');
        const result = await waiting;
        assert.deepEqual([result?.pid, result?.termSignal], [pid, 'SIGUSR1'], rest);
        parent.kill('SIGKILL');
      }
    });
  });

  it('a zombie has exited already', () =>
    scenario(async ({ processes, childProcess, events, fs }) => {
      const nodes = childProcess.spawn('sh', ['-c', 'exit 4'], { stdio: 'ignore' });
      const exit = events.once(nodes, 'exit');
      const { pid = 0 } = nodes;
      while (!/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) continue;
      const waiting = processes.waitForExit(pid);
      const handle = processes.openProcess(pid);
      const { exited } = handle;
      assert.deepEqual(await exit, [4, null]);
      await Promise.all([waiting, exited]);
      assert.equal(handle.kill(0), false);
    }));

  it('of nobody, or of a thread, is ESRCH', () =>
    scenario(async ({ processes, sigkit }) => {
      const error = { name: 'Error', message: 'pidfd_open ESRCH', code: 'ESRCH', errno: -3, syscall: 'pidfd_open' };
      const tids = sigkit.threads().map(({ tid }) => tid);
      for (const pid of [2 ** 22 + 7, ...tids.filter((tid) => tid !== process.pid)]) {
        assert.throws(() => processes.openProcess(pid), error);
        await assert.rejects(processes.waitForExit(pid), error);
      }
      processes.openProcess(process.pid).close();
    }));

  it('close() rejects what waits, and all that comes later', () =>
    scenario(async ({ processes, descriptors }) => {
      const open = (): number => descriptors().length;
      const closed = { name: 'SigkitError', code: 'ERR_SIGKIT_CLOSED' };
      processes.openProcess(process.ppid).exited.catch(() => {});
      const before = open();
      for (let round = 0; round < 50; round += 1) {
        const handle = processes.openProcess(process.ppid);
        const unseen = processes.openProcess(process.ppid);
        const { exited } = handle;
        handle.close();
        handle.close();
        unseen[Symbol.dispose]();
        await assert.rejects(exited, closed);
        await assert.rejects(handle.exited, closed);
        await assert.rejects(unseen.exited, closed);
        for (const one of [handle, unseen]) {
          assert.throws(() => one.kill(0), closed);
          assert.equal(one.closed, true);
        }
      }
      assert.equal(open(), before);
      process.exit();
    }));

  it('a handle that nobody holds is given back; one whose end is awaited is not', () =>
    scenario(
      async ({ processes, timers, descriptors }) => {
        const open = (): number => descriptors().length;
        const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
        const before = open();
        const awaited = (): readonly Promise<WaitResult | null>[] =>
          Array.from({ length: 10 }, () => processes.openProcess(child.pid).exited);
        const ends = awaited();
        const abandon = (): void => {
          for (let opened = 0; opened < 100; opened += 1) processes.openProcess(child.pid);
        };
        abandon();
        assert.equal(open(), before + 110);
        for (const deadline = performance.now() + 20_000; open() > before + 10; await timers.setImmediate()) {
          assert.ok(performance.now() < deadline, `${open() - before} are still open`);
          global.gc?.();
        }
        child.kill('SIGKILL');
        for (const end of ends) assert.equal((await end)?.raw, 9);
        await child.exited;
      },
      { nodeOptions: ['--expose-gc'] },
    ));

  it('waitForExit gives up when its AbortSignal aborts', () =>
    scenario(async ({ processes, events, descriptors }) => {
      const open = (): number => descriptors().length;
      const abort = new AbortController();
      const error = { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' };
      await assert.rejects(processes.waitForExit(process.ppid, { signal: AbortSignal.abort('enough') }), error);
      const first = processes.waitForExit(process.ppid, { signal: abort.signal });
      const before = open();
      const waiting = Array.from({ length: 20 }, () => processes.waitForExit(process.ppid, { signal: abort.signal }));
      assert.equal(open(), before + 20);
      abort.abort('enough');
      for (const one of [first, ...waiting]) await assert.rejects(one, error);
      assert.equal(open(), before - 1);
      assert.equal(events.getEventListeners(abort.signal, 'abort').length, 0);
    }));

  it('where the kernel has no pidfds, pid and start time stand in', function () {
    const wrapper = injecting(this, 'pidfd_open', 'error=ENOSYS');
    return scenario(
      async ({ processes, childProcess, sigkit, events, descriptors }) => {
        const open = (): number => descriptors().length;
        const own = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
        const nodes = childProcess.spawn('sleep', ['100'], { stdio: 'ignore' });
        const exit = events.once(nodes, 'exit');
        const made = childProcess.execFileSync('sh', ['-c', 'sleep 100 >/dev/null 2>&1 & echo $!']);
        for (const pid of [own.pid, nodes.pid ?? 0, Number(String(made))]) {
          const before = open();
          const handle = processes.openProcess(pid);
          assert.equal(open(), before, 'there is no pidfd');
          assert.equal(handle.kill(0), true);
          const { exited } = handle;
          const waiting = processes.waitForExit(pid);
          assert.equal(handle.kill('SIGRTMIN+5', 7), true);
          const results = await Promise.all([exited, waiting]);
          for (const result of results) if (result !== null) assert.equal(result.termSignal, 'SIGRTMIN+5');
          if (pid === nodes.pid) assert.deepEqual((await exit).slice(0, 1), [0]);
          handle.close();
          assert.throws(() => handle.kill(0), { code: 'ERR_SIGKIT_CLOSED' });
        }
        assert.equal((await own.exited).termSignal, 'SIGRTMIN+5');
        const pending = processes.openProcess(process.ppid);
        const { exited } = pending;
        pending.close();
        await assert.rejects(exited, { code: 'ERR_SIGKIT_CLOSED' });
        const tids = sigkit.threads().map(({ tid }) => tid);
        for (const pid of [2 ** 22 + 7, ...tids.filter((tid) => tid !== process.pid)])
          assert.throws(() => processes.openProcess(pid), { code: 'ESRCH', syscall: 'pidfd_open' });
      },
      { wrapper },
    );
  });

  for (const [where, inject] of [
    ['', () => []],
    [
      ', also where the kernel has no pidfds',
      (context: Mocha.Context) => injecting(context, 'pidfd_open', 'error=ENOSYS'),
    ],
  ] as const)
    it(`whoever gets the number of one that has ended gets nothing${where}`, function () {
      const wrapper = [...inNamespace(this), ...inject(this)];
      return scenario(
        async ({ processes, childProcess, fs, events, until }) => {
          const uptime = (): number => Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0]);
          for (const kind of ['spawn', 'child_process']) {
            const old = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
            const handle = processes.openProcess(old.pid);
            const watching = processes.openProcess(old.pid);
            const ended = watching.exited;
            process.kill(old.pid, 'SIGUSR2');
            assert.equal((await old.exited).termSignal, 'SIGUSR2');
            // Start times are in hundredths of a second.
            const start = uptime();
            await until(() => uptime() > start + 0.02, 'the clock goes on');
            let heir: { readonly pid?: number | undefined; kill(signal: 'SIGKILL' | 'SIGTERM'): boolean };
            let exit: Promise<unknown>;
            for (let tries = 0; ; tries += 1) {
              assert.ok(tries < 100, 'the number comes again');
              // The next one that is free after it.
              fs.writeFileSync('/proc/sys/kernel/ns_last_pid', String(old.pid - 1));
              if (kind === 'spawn') {
                const spawned = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
                exit = spawned.exited.then(({ raw }) => raw);
                heir = spawned;
              } else {
                const spawned = childProcess.spawn('sleep', ['100'], { stdio: 'ignore' });
                exit = events.once(spawned, 'exit').then(([, signal]) => (signal === 'SIGTERM' ? 15 : signal));
                heir = spawned;
              }
              if (heir.pid === old.pid) break;
              heir.kill('SIGKILL');
              await exit;
            }
            for (const stale of [handle, watching, old]) {
              assert.equal(stale.kill(0), false);
              assert.equal(stale.kill('SIGKILL'), false);
              assert.equal(stale.kill('SIGKILL', 7), false);
            }
            await old[Symbol.asyncDispose]();
            // Whether its end had been looked at before or not, it is that of the old one.
            for (const result of [await ended, await handle.exited])
              assert.equal(result === null || result.termSignal === 'SIGUSR2', true);
            process.kill(old.pid, 0);
            heir.kill('SIGTERM');
            assert.equal(await exit, 15);
            handle.close();
            watching.close();
          }
        },
        { wrapper },
      );
    });
});

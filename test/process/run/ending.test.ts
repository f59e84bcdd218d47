import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('run(): time-out, abort and disposal', () => {
  it('a time-out ends the whole group, asks first, and tells who else was there', () =>
    scenario(async ({ processes }) => {
      const script = 'sleep 1001 & trap "echo asked; exit 7" TERM; echo $!; wait';
      const result = await processes.run('sh', ['-c', script], { timeoutMs: 300, reject: false });
      const [sleeper, asked] = result.stdout.split('\n');
      assert.equal(asked, 'asked');
      assert.deepEqual(
        [result.ok, result.timedOut, result.reason, result.exitCode, result.aborted],
        [false, true, 'timeout', 7, false],
      );
      assert.deepEqual(
        result.left.map(({ pid, comm, ended, sent }) => ({ pid, comm, ended, sent })),
        [{ pid: Number(sleeper), comm: 'sleep', ended: true, sent: 'SIGTERM' }],
      );
    }));

  it('who does not listen is killed after graceMs; sig is what asks', () =>
    scenario(async ({ processes }) => {
      const deaf = await processes.run('sh', ['-c', 'trap "" TERM; echo deaf; while :; do sleep 0.05; done'], {
        timeoutMs: 200,
        graceMs: 200,
        reject: false,
      });
      assert.deepEqual([deaf.termSignal, deaf.reason, deaf.stdout], ['SIGKILL', 'timeout', 'deaf']);
      const asked = await processes.run('sleep', ['1000'], { timeoutMs: 50, sig: 'SIGUSR1', reject: false });
      assert.equal(asked.termSignal, 'SIGUSR1');
    }));

  it('an abort ends it at each stage: before the start, while it runs, and while others hold its pipes', () =>
    scenario(async ({ processes, until, events }) => {
      const { run } = processes;
      const reason = new Error('no longer wanted');
      await assert.rejects(async () => run('true', { signal: AbortSignal.abort(reason) }), {
        name: 'AbortError',
        cause: reason,
      });
      const running = new AbortController();
      const command = run('sleep', ['1000'], { signal: running.signal });
      setTimeout(() => running.abort(reason), 20);
      await assert.rejects(
        async () => command,
        (error: { cause: unknown; result: { aborted: boolean; reason: string } }) => {
          assert.deepEqual([error.cause, error.result.aborted, error.result.reason], [reason, true, 'aborted']);
          return true;
        },
      );
      const late = new AbortController();
      const left = run('sh', ['-c', 'sleep 1000 & echo $!'], {
        signal: late.signal,
        lateOutputMs: Infinity,
        reject: false,
      });
      await until(() => left.kill(0) === false, 'the command itself has ended');
      late.abort();
      const result = await left;
      assert.deepEqual([result.exitCode, result.aborted, result.ok], [0, true, false]);
      assert.deepEqual(
        result.left.map(({ pid }) => pid),
        [Number(result.stdout)],
      );
      const after = new AbortController();
      await run('true', { signal: after.signal });
      after.abort();
      assert.equal(events.getEventListeners(after.signal, 'abort').length, 0);
      assert.deepEqual(processes.children(), []);
    }));

  it("scope: 'process' spares its group, 'tree' finds who has left that", () =>
    scenario(async ({ processes, until }) => {
      const { run } = processes;
      const isThere = (pid: number): boolean => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      };
      const alone = await run('sh', ['-c', 'sleep 1000 > /dev/null 2>&1 & echo $!; wait'], {
        scope: 'process',
        timeoutMs: 300,
        reject: false,
      });
      const spared = Number(alone.stdout);
      assert.ok(isThere(spared));
      process.kill(spared, 'SIGKILL');
      const command = run('sh', ['-c', 'setsid sleep 1000 > /dev/null & echo $!; wait'], {
        scope: 'tree',
        reject: false,
      });
      const lines = command.lines();
      const escaped = Number((await lines.next()).value);
      await until(() => processes.getsid(escaped) === escaped, 'it has a session of its own');
      await command[Symbol.asyncDispose]();
      const { left } = await command;
      assert.deepEqual(
        left.map(({ pid, ended }) => ({ pid, ended })),
        [{ pid: escaped, ended: true }],
      );
    }));

  it('who goes on in its group after its end is told of, and lives', () =>
    scenario(async ({ processes }) => {
      const { left, stdout, ok } = await processes.run('sh', ['-c', 'sleep 1000 > /dev/null 2>&1 & echo $!']);
      const pid = Number(stdout);
      assert.ok(ok);
      assert.deepEqual(left, [{ pid, comm: 'sleep', ended: false, sent: null, status: null, reason: 'running' }]);
      process.kill(pid, 'SIGKILL');
    }));

  it('disposal ends it, and is done when it has ended', () =>
    scenario(async ({ processes }) => {
      const command = processes.run('sh', ['-c', 'sleep 1000 & wait'], { reject: false });
      await command[Symbol.asyncDispose]();
      const { reason, termSignal } = await command;
      assert.deepEqual([reason, termSignal], ['disposed', 'SIGTERM']);
      assert.deepEqual(processes.children(), []);
      await command[Symbol.asyncDispose]();
    }));

  it('disposal and an abort wait for nobody who does not take the output', () =>
    scenario(async ({ processes }) => {
      const { run } = processes;
      const { Writable } = process.getBuiltinModule('node:stream');
      const read = run('yes');
      const lines = read.lines();
      assert.equal((await lines.next()).value, 'y');
      await read[Symbol.asyncDispose]();
      const stuck = (): InstanceType<typeof Writable> => new Writable({ write() {} });
      const disposed = run('yes', { stdout: stuck(), reject: false });
      await disposed[Symbol.asyncDispose]();
      const { reason } = await run('yes', { stdout: stuck(), signal: AbortSignal.timeout(200), reject: false });
      assert.equal(reason, 'aborted');
      assert.deepEqual(processes.children(), []);
    }));

  it('an abort waits no longer for who is out of its scope and holds the pipes', () =>
    scenario(async ({ processes }) => {
      const signal = AbortSignal.timeout(300);
      const script = 'setsid sleep 1000 & echo $!';
      const command = processes.run('sh', ['-c', script], { lateOutputMs: Infinity, signal, reject: false });
      const { stdout, heldOpen, exitCode, reason } = await command;
      process.kill(Number(stdout), 'SIGKILL');
      assert.deepEqual([exitCode, reason, heldOpen.stdout], [0, 'aborted', true]);
    }));

  it('many share an AbortSignal without a warning', () =>
    scenario(async ({ processes, events }) => {
      const warnings: unknown[] = [];
      process.on('warning', (warning) => warnings.push(warning));
      const { signal } = new AbortController();
      const ended = new AbortController();
      const others = Array.from({ length: 12 }, () =>
        processes.run('sleep', ['1000'], { signal: ended.signal, reject: false }),
      );
      await Promise.all(Array.from({ length: 12 }, () => processes.run('true', { signal })));
      ended.abort();
      for (const { reason } of await Promise.all(others)) assert.equal(reason, 'aborted');
      assert.equal(events.getEventListeners(signal, 'abort').length, 0);
      await new Promise(setImmediate);
      assert.deepEqual(warnings, []);
    }));

  it('a command that this process may not signal is waited for', function () {
    if (process.geteuid?.() !== 0) this.skip();
    return scenario(async ({ processes }) => {
      const scopes = ['process', 'group', 'tree'] as const;
      const commands = scopes.map((scope) =>
        processes.run('sleep', ['1'], { uid: 64_987, gid: 64_987, scope, timeoutMs: 100, reject: false }),
      );
      process.setuid?.(54_321);
      for (const command of commands) {
        const { exitCode, reason } = await command;
        assert.deepEqual([exitCode, reason], [0, 'timeout']);
      }
    });
  });
});

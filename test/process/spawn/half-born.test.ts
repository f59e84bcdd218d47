import assert from 'node:assert/strict';

import { injecting } from '../../fixtures/process/means.js';
import { scenario } from '../../support/scenario.js';

// The third try to execute a program stops the child: after its mask has been opened, as Ctrl-Z would. This process and its
// helpers need but one.
function stoppingThirdTry(context: Mocha.Context): string[] {
  return injecting(context, 'execve', 'signal=SIGTSTP:when=3');
}

describe('spawn: a child that is stopped before its program is executed', () => {
  it('holds up neither its own start nor any other, in whatever thread, and goes on', function () {
    const wrapper = stoppingThirdTry(this);
    return scenario(
      async ({ processes, fs, until, startWorker, descriptors }) => {
        const commOf = (pid: number): string => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
        const stateOf = (pid: number): string =>
          /\) (\w)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
        const env = { PATH: '/none-1:/none-2:/none-3:/none-4:/usr/bin:/bin' };
        const start = () => processes.spawn('sleep', ['100'], { stdio: 'ignore', env, processGroup: true });
        await processes.spawn('/bin/true', [], { stdio: 'ignore' }).exited;
        const before = descriptors().length;
        const stopped = [start(), start(), start()];
        for (const { pid, processGroup } of stopped) {
          assert.match(stateOf(pid), /^[tT]$/);
          assert.notEqual(commOf(pid), 'sleep');
          assert.deepEqual([processGroup, processes.getpgid(pid)], [pid, pid]);
        }
        assert.equal((await processes.spawn('/bin/true', [], { stdio: 'ignore' }).exited).exitCode, 0);
        const worker = await startWorker(async ({ processes: own }) => {
          assert.equal((await own.spawn('/bin/true', [], { stdio: 'ignore' }).exited).exitCode, 0);
        });
        await worker.terminate();
        for (const child of stopped) {
          assert.equal(child.kill('SIGCONT'), true);
          await until(() => commOf(child.pid) === 'sleep', 'it executes its program');
          child.kill('SIGKILL');
          const { termSignal, exitCode } = await child.exited;
          assert.deepEqual([termSignal, exitCode], ['SIGKILL', null]);
        }
        assert.deepEqual(processes.children(), []);
        await until(() => descriptors().length === before, 'no descriptor is left');
      },
      { wrapper },
    );
  });

  it('rejects `exited` with what spawn would have thrown, if that fails when it goes on', function () {
    const wrapper = stoppingThirdTry(this);
    return scenario(
      async ({ processes, fs, descriptors, until }) => {
        const env = { PATH: '/none-1:/none-2:/none-3:/none-4' };
        // A group of its own: in an orphaned one, as this process's may be, SIGTSTP stops nobody (setpgid(2)).
        const start = () => processes.spawn('no-such-program', [], { stdio: 'ignore', env, processGroup: true });
        await processes.spawn('/bin/true', [], { stdio: 'ignore' }).exited;
        const before = descriptors().length;
        for (let made = 0; made < 5; made += 1) {
          const child = start();
          assert.match(fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8'), /\) [tT] /);
          const seen: string[] = [];
          const reading = (async () => {
            for await (const { stopped, continued } of child)
              seen.push(stopped ? 'stopped' : continued ? 'continued' : 'ended');
          })();
          child.kill('SIGCONT');
          await assert.rejects(child.exited, {
            code: 'ENOENT',
            errno: -2,
            syscall: 'execve',
            path: 'no-such-program',
          });
          await reading;
          assert.ok(!seen.includes('ended'), 'it never ran');
          assert.equal(child.kill(0), false);
        }
        assert.deepEqual(processes.children(), []);
        await until(() => descriptors().length === before, 'no descriptor is left');
      },
      { wrapper },
    );
  });

  it('can be killed, and aborted', function () {
    const wrapper = stoppingThirdTry(this);
    return scenario(
      async ({ processes, descriptors, until }) => {
        const env = { PATH: '/none-1:/none-2:/none-3:/none-4:/usr/bin:/bin' };
        await processes.spawn('/bin/true', [], { stdio: 'ignore' }).exited;
        const before = descriptors().length;
        const killed = processes.spawn('sleep', ['100'], { env, stdio: 'ignore', processGroup: true });
        killed.kill('SIGKILL');
        assert.equal((await killed.exited).termSignal, 'SIGKILL');
        const abort = new AbortController();
        const aborted = processes.spawn('sleep', ['100'], {
          env,
          stdio: 'ignore',
          processGroup: true,
          signal: abort.signal,
        });
        abort.abort();
        assert.equal((await aborted.exited).termSignal, 'SIGTERM');
        await until(() => descriptors().length === before, 'no descriptor is left');
      },
      { wrapper },
    );
  });

  it('does not keep this process from ending', function () {
    const wrapper = stoppingThirdTry(this);
    return scenario(
      ({ processes, sigkit, childProcess }) => {
        const env = { PATH: '/none-1:/none-2:/none-3:/none-4:/usr/bin:/bin' };
        const { pid } = processes.spawn('sleep', ['100'], { env, stdio: 'ignore', processGroup: true });
        // It is the test's to end.
        const code = `sleep 0.5; kill -KILL ${pid}`;
        childProcess.spawn('/bin/sh', ['-c', code], { detached: true, stdio: 'ignore' }).unref();
        assert.equal(sigkit.threads().filter(({ name }) => name === 'sigkit-spawn').length, 1);
        process.exit(0);
      },
      { wrapper },
    );
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { injecting, need, needNoSanitizer, needPython, needRoot } from '../fixtures/process/means.js';
import { scenario } from '../support/scenario.js';

// PID namespaces of their own, in which /proc is still the one outside, or is not there. The process is not PID 1 there, nor
// a child of it that ends with it.
const unshare = ['env', 'SIGKIT_DETECT_LEAKS=0', 'unshare', '--pid', '--fork', '--kill-child'];
const aside = ['sh', '-c', '"$@"; exit $?', 'sh'];
const wrappers = {
  'of another namespace': [...unshare, ...aside],
  'not mounted': [...unshare, '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && "$@"; exit $?', 'sh'],
} as const;

function needNamespace(context: Mocha.Context): void {
  needRoot(context);
  need(context, spawnSync('unshare', ['--pid', '--mount', '--fork', 'true']).status === 0, 'unshare');
}

for (const [how, wrapper] of Object.entries(wrappers))
  describe(`/proc that is ${how}`, () => {
    beforeEach(function () {
      needNamespace(this);
      if (how === 'not mounted') needNoSanitizer(this);
    });

    it('every function that reads it says so, and nothing else', async () => {
      await scenario(
        async ({ sigkit, processes, diagnostics, childProcess }) => {
          const expected = { name: 'SigkitError', code: 'ERR_SIGKIT_FOREIGN_PROC' };
          const { pid = 0 } = childProcess.spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
          const table: Record<string, () => unknown> = {
            threads: () => sigkit.threads(),
            'threads of another': () => sigkit.threads(pid),
            'tgkill of another': () => sigkit.tgkill(pid, 'SIGTERM'),
            children: () => processes.children(),
            'children of another': () => processes.children(pid),
            descendants: () => processes.descendants(),
            terminateTree: () => processes.terminateTree(pid),
            terminateGroup: () => processes.terminateGroup(pid),
            'terminateGroup of nobody': () => processes.terminateGroup(2 ** 22),
            'terminateTree of nobody': () => processes.terminateTree(2 ** 22),
            reapOrphans: () => processes.reapOrphans(),
            inspectProcess: () => diagnostics.inspectProcess(),
            'inspectProcess of another': () => diagnostics.inspectProcess(pid),
            explain: () => diagnostics.explain(pid, 'SIGTERM'),
          };
          for (const [name, call] of Object.entries(table))
            await assert.rejects(
              Promise.resolve().then(call),
              (error: Error & { code?: string }) => {
                assert.deepEqual({ name: error.name, code: error.code }, expected, `${name}: ${error.stack}`);
                return true;
              },
              name,
            );
          assert.equal(sigkit.capabilities.ownProc, false);
          processes.setChildSubreaper();
          assert.throws(() => processes.waitpid(-1), expected);
          processes.setChildSubreaper(false);
          process.kill(pid, 0);
          process.kill(pid, 'SIGKILL');
        },
        { wrapper: [...wrapper] },
      );
    });

    it('what does not need it works', async () => {
      await scenario(
        async ({ sigkit, processes }) => {
          const child = processes.spawn('sh', ['-c', 'kill -STOP $$; sleep 1000'], { processGroup: true });
          for await (const { stopped } of child) if (stopped) break;
          assert.equal(processes.getpgid(child.pid), child.pid);
          assert.equal(processes.waitpid(child.pid), null);
          assert.equal(processes.waitpid(-child.pid), null);
          const handle = processes.openProcess(child.pid);
          const waited = processes.waitForExit(child.pid);
          assert.equal(handle.kill(0), true);
          sigkit.kill(child.pid, 'SIGCONT');
          sigkit.killpg(child.pid, 'SIGKILL');
          assert.equal((await child.exited).termSignal, 'SIGKILL');
          await waited;
          await handle.exited;
          handle.close();
        },
        { wrapper: [...wrapper] },
      );
    });
  });

it('capabilities tell where /proc is ours, and stay frozen', () =>
  scenario(({ sigkit }) => {
    assert.equal(sigkit.capabilities.ownProc, true);
    assert.ok(Object.isFrozen(sigkit.capabilities));
  }));

it('without /proc and close_range(2), no descriptor of ours is left open in a child', async function () {
  needNamespace(this);
  needNoSanitizer(this);
  needPython(this);
  // Node sets close-on-exec up to the first free number above 15.
  const inherit = ['python3', '-c', 'import os, sys; os.dup2(1, 100); os.execvp(sys.argv[1], sys.argv[1:])'];
  const wrapper = [...injecting(this, 'close_range', 'error=ENOSYS'), ...inherit, ...wrappers['not mounted']];
  await scenario(
    async ({ processes, events }) => {
      const look = 'import os\ntry: os.fstat(100); print("open")\nexcept OSError: print("closed")';
      const child = processes.spawn('python3', ['-c', look], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [said] = (await events.once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
      assert.equal(String(said).trim(), 'closed');
    },
    { wrapper },
  );
});

describe('terminateTree beside the /proc of another namespace', () => {
  it('sends nothing to anybody', async function () {
    needNamespace(this);
    // The stranger has, outside, the number that a child of ours is given inside.
    const stranger = spawnSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' });
    const number = Number(stranger.stdout);
    try {
      await scenario(
        async ({ processes, childProcess, events, fs }) => {
          const target = Number(process.env['TARGET']);
          fs.writeFileSync('/proc/sys/kernel/ns_last_pid', String(target - 1));
          const child = childProcess.spawn('sh', ['-c', 'sleep 1000 & echo $!; wait']);
          const [line] = (await events.once(child.stdout, 'data')) as [Buffer];
          assert.equal(child.pid, target);
          await assert.rejects(processes.terminateTree(target), { code: 'ERR_SIGKIT_FOREIGN_PROC' });
          await assert.rejects(processes.terminateGroup(target), { code: 'ERR_SIGKIT_FOREIGN_PROC' });
          process.kill(Number(line), 0);
          assert.equal(child.exitCode ?? child.signalCode, null);
          process.kill(Number(line), 'SIGKILL');
          child.kill('SIGKILL');
        },
        { wrapper: ['env', `TARGET=${number}`, ...wrappers['of another namespace']] },
      );
      process.kill(number, 0);
    } finally {
      process.kill(number, 'SIGKILL');
    }
  });
});

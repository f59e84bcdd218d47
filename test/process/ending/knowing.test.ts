import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { need, needNoSanitizer, needRoot } from '../../fixtures/process/means.js';
import { withPython } from '../../fixtures/process/python-tree.js';
import { scenario } from '../../support/scenario.js';

const hiding = ['unshare', '--pid', '--fork', '--kill-child', '--mount', 'sh', '-c'];
const remount = 'mount -t proc -o hidepid=OPTION proc /proc && "$@"; exit $?';
const other = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'];

/** A command that starts another one where /proc hides what is not dumpable, and other users' processes, from `user`. */
function withHidingProc(context: Mocha.Context, option: string, user: readonly string[] = other): string[] {
  needRoot(context);
  // Its runtime reads what is hidden.
  needNoSanitizer(context);
  const command = [...hiding, remount.replace('OPTION', option), 'sh', ...user];
  const file = fileURLToPath(import.meta.url);
  const works = spawnSync(command[0] ?? '', [...command.slice(1), process.execPath, '--check', file]).status === 0;
  need(context, works, 'a /proc of its own with hidepid, and files that others may read');
  return command;
}

const undumpable = `
def hide():
    if libc.prctl(4, 0, 0, 0, 0) != 0: sys.exit('PR_SET_DUMPABLE')
`;

describe('what /proc hides', () => {
  for (const option of ['1', '2'])
    it(`the root of a tree, and what is below it: ended (hidepid=${option})`, function () {
      return scenario(
        async ({ processes, fs, events }) => {
          const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          const [text] = (await events.once(root.stdout ?? assert.fail(), 'data')) as [Buffer];
          assert.throws(() => fs.readFileSync(`/proc/${root.pid}/stat`));
          const { empty, ambiguous, members } = await processes.terminateTree(root.pid);
          // What it has started before is hidden, too, if it has not stayed its child.
          assert.deepEqual([empty, ambiguous], [false, []]);
          const pids = members.map(({ pid }) => pid).sort();
          assert.deepEqual(pids, [root.pid, Number(String(text))].sort());
          assert.equal((await root.exited).termSignal, 'SIGTERM');
        },
        {
          wrapper: [
            ...withHidingProc(this, option),
            ...withPython(`
${undumpable}
child = os.fork()
if child == 0: os.execvp('sleep', ['sleep', '1000'])
hide()
report(child)
time.sleep(1000)
`),
          ],
        },
      );
    });

  it('a child of the root: ended', function () {
    return scenario(
      async ({ processes, fs, events }) => {
        const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [text] = (await events.once(root.stdout ?? assert.fail(), 'data')) as [Buffer];
        const hidden = Number(String(text));
        assert.throws(() => fs.readFileSync(`/proc/${hidden}/stat`), { code: 'ENOENT' });
        const { empty, members } = await processes.terminateTree(root.pid);
        assert.equal(empty, false);
        assert.deepEqual(
          members.map(({ pid, ended }) => [pid, ended]),
          [
            [root.pid, true],
            [hidden, true],
          ],
        );
      },
      {
        wrapper: [
          ...withHidingProc(this, '2'),
          ...withPython(`
${undumpable}
if os.fork() == 0:
    hide()
    report(os.getpid())
time.sleep(1000)
`),
        ],
      },
    );
  });

  it('members of a group: ended, by the number of the group', function () {
    return scenario(
      async ({ processes, events }) => {
        for (const stubborn of ['', 'stubborn']) {
          const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? '', stubborn], {
            processGroup: true,
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          await events.once(root.stdout ?? assert.fail(), 'data');
          await root.exited;
          const { empty, members } = await processes.terminateGroup(root.pid, {
            graceMs: stubborn === '' ? 60_000 : 100,
          });
          assert.deepEqual({ empty, members }, { empty: true, members: [] });
          assert.throws(() => process.kill(-root.pid, 0), { code: 'ESRCH' });
        }
      },
      {
        wrapper: [
          ...withHidingProc(this, '2'),
          ...withPython(`
${undumpable}
if os.fork() == 0:
    hide()
    if sys.argv[1] != '': signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report('up')
    time.sleep(1000)
`),
        ],
      },
    );
  });

  it("another user's: neither tree nor group is empty", function () {
    return scenario(
      async ({ processes, events }) => {
        for (const how of [processes.terminateTree, processes.terminateGroup]) {
          const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            processGroup: true,
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          const [text] = (await events.once(root.stdout ?? assert.fail(), 'data')) as [Buffer];
          const hidden = Number(String(text));
          process.setegid?.(54_321);
          process.seteuid?.(54_321);
          const handle = processes.openProcess(hidden);
          assert.throws(() => handle.kill(), { code: 'EPERM' });
          handle.close();
          assert.deepEqual(processes.children(hidden), []);
          const { empty, members } = await how(root.pid, { graceMs: 100 });
          process.seteuid?.(0);
          process.setegid?.(0);
          assert.equal(empty, false, how.name);
          const found = members.map(({ pid, ended, reason }) => ({ pid, ended, reason }));
          assert.deepEqual(
            found.find(({ pid }) => pid === root.pid),
            { pid: root.pid, ended: true, reason: null },
          );
          if (how === processes.terminateTree)
            assert.deepEqual(
              found.find(({ pid }) => pid === hidden),
              { pid: hidden, ended: false, reason: 'EPERM' },
            );
          process.kill(hidden, 'SIGKILL');
          await root.exited;
        }
      },
      {
        wrapper: [
          ...withHidingProc(this, '2', []),
          ...withPython(`
hidden = os.fork()
os.setresgid(54321, 54321, 54321)
os.setresuid(*((54322,) * 3 if hidden == 0 else (54321,) * 3))
if hidden == 0: report(os.getpid())
elif libc.prctl(4, 1, 0, 0, 0) != 0: sys.exit('PR_SET_DUMPABLE')
time.sleep(1000)
`),
        ],
      },
    );
  });
});

describe('a group that is held', () => {
  it('is not over when its last member that /proc shows has ended', function () {
    return scenario(
      async ({ processes, shutdown, fs, events, until, timers }) => {
        processes.setChildSubreaper();
        const leader = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          processGroup: true,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [text] = (await events.once(leader.stdout ?? assert.fail(), 'data')) as [Buffer];
        const [shown = 0, hidden = 0] = String(text).split(' ').map(Number);
        await leader.exited;
        const end = shutdown.endGroup(leader.pid);
        process.kill(shown, 'SIGKILL');
        await until(() => /^State:\tZ/m.test(fs.readFileSync(`/proc/${shown}/status`, 'utf8')), 'it has ended');
        await timers.setTimeout(100);
        // A zombie cannot be told from a hidden member.
        await assert.rejects(end({ signal: AbortSignal.timeout(300) } as never));
        await processes.waitForExit(hidden, { signal: AbortSignal.timeout(20_000) });
      },
      {
        wrapper: [
          ...withHidingProc(this, '2'),
          ...withPython(`
${undumpable}
reading, writing = os.pipe()
shown = os.fork()
if shown == 0: time.sleep(1000)
hidden = os.fork()
if hidden == 0:
    hide()
    os.write(writing, b'x')
    time.sleep(1000)
os.read(reading, 1)
report(shown, hidden)
`),
        ],
      },
    );
  });
});

describe('what nobody can tell', () => {
  it('names a daemon that may be of another tree, and does not touch it', () =>
    scenario(
      async ({ processes, fs, until }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans().unref();
        const start = async () => {
          const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          let said = '';
          root.stdout?.on('data', (data: Buffer) => (said += String(data)));
          // Until then a zombie stands for the daemon's session.
          await until(() => /\d+\n/.test(said) && said.includes('waited'), 'the one between them is gone');
          const daemon = Number(/\d+/.exec(said)?.[0]);
          await until(() => processes.children().includes(daemon), 'the daemon is adopted');
          return { root, daemon };
        };
        const [first, second] = [await start(), await start()];
        // In clock ticks: proc(5).
        const startTime = (pid: number): string | undefined =>
          fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
        const isOlder = startTime(first.daemon) !== startTime(second.root.pid);
        const result = await processes.terminateTree(second.root.pid);
        const wanted = isOlder ? [second.daemon] : [first.daemon, second.daemon];
        assert.deepEqual([result.empty, result.ambiguous], [false, wanted]);
        assert.deepEqual(
          result.members.map(({ pid }) => pid),
          [second.root.pid],
        );
        for (const { daemon } of [first, second]) process.kill(daemon, 0);
        assert.equal((await processes.terminateTree(second.daemon)).empty, true);
        const last = await processes.terminateTree(first.root.pid);
        assert.equal(last.empty, !last.ambiguous.includes(first.daemon));
        if (!last.empty) assert.equal((await processes.terminateTree(first.daemon)).empty, true);
        await until(() => processes.children().length === 0, 'all are reaped');
        reaper.close();
      },
      {
        wrapper: withPython(`
if os.fork() == 0:
    os.setsid()
    daemon = os.fork()
    if daemon != 0: os._exit(0)
    report(os.getpid())
    time.sleep(1000)
os.wait()
report('waited')
time.sleep(1000)
`),
      },
    ));

  it('names those in the group of a root that has gone', () =>
    scenario(async ({ processes, events }) => {
      const root = processes.spawn('sh', ['-c', 'sleep 1000 >/dev/null & echo $!'], {
        processGroup: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [text] = (await events.once(root.stdout ?? assert.fail(), 'data')) as [Buffer];
      await root.exited;
      const left = Number(String(text));
      assert.deepEqual(await processes.terminateTree(root.pid), { empty: false, ambiguous: [left], members: [] });
      const { empty, members } = await processes.terminateGroup(root.pid);
      assert.deepEqual([empty, members.map(({ pid }) => pid)], [true, [left]]);
    }));
});

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { withPython } from '../../fixtures/process/python-tree.js';
import { startChild } from '../../support/child.js';
import { scenario } from '../../support/scenario.js';

describe('terminateTree', () => {
  it('ends what ignores TERM, what is stopped, a zombie that nobody waits for, and a daemon that has left', () =>
    scenario(
      async ({ processes, events, until }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans().unref();
        const tree = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [text] = (await events.once(tree.stdout ?? assert.fail(), 'data')) as [Buffer];
        const [stubborn = 0, stopped = 0, zombie = 0, daemon = 0] = String(text).split(' ').map(Number);
        await until(() => !processes.descendants(tree.pid).includes(daemon), 'the daemon has lost its parent');
        const { empty, members } = await processes.terminateTree(tree.pid, { graceMs: 200 });
        assert.equal(empty, true);
        const how = new Map(members.map((member) => [member.pid, member]));
        assert.deepEqual([...how.keys()].sort(), [tree.pid, stubborn, stopped, zombie, daemon].sort());
        for (const member of members) assert.equal(member.ended, true);
        assert.equal(how.get(stubborn)?.sent, 'SIGKILL');
        assert.equal(how.get(stopped)?.sent, 'SIGTERM');
        assert.equal(how.get(daemon)?.sent, 'SIGKILL');
        assert.equal(how.get(zombie)?.status?.exitCode, 3);
        assert.equal(how.get(stubborn)?.status?.termSignal, 'SIGKILL');
        assert.equal((await tree.exited).termSignal, 'SIGTERM');
        await until(() => processes.children().length === 0, 'all are reaped');
        reaper.close();
      },
      {
        wrapper: withPython(`
def child(run):
    pid = os.fork()
    if pid == 0:
        run()
        time.sleep(1000)
        os._exit(0)
    return pid
def ignore(): signal.signal(signal.SIGTERM, signal.SIG_IGN)
reading, writing = os.pipe()
def daemonise():
    os.setsid()
    if os.fork() != 0: os._exit(0)
    ignore()
    os.write(writing, str(os.getpid()).encode())
stubborn = child(ignore)
stopped = child(lambda: os.kill(os.getpid(), signal.SIGSTOP))
zombie = child(lambda: os._exit(3))
leaving = child(daemonise)
daemon = os.read(reading, 20).decode()
os.waitpid(leaving, 0)
os.waitpid(stopped, os.WUNTRACED)
report(stubborn, stopped, zombie, daemon)
time.sleep(1000)
`),
      },
    ));

  it('catches members that fork while they are ended', () =>
    scenario(
      async ({ processes, events, until }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans().unref();
        const tree = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          stdio: ['ignore', 'pipe', 'inherit'],
          // The limit counts the processes of a user: one who has no others.
          ...(process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : {}),
        });
        await events.once(tree.stdout ?? assert.fail(), 'data');
        const { empty, members } = await processes.terminateTree(tree.pid, { graceMs: 100 });
        assert.equal(empty, true);
        assert.ok(members.length > 1);
        await until(() => processes.children().length === 0, 'nothing of it is left');
        reaper.close();
      },
      {
        wrapper: withPython(`
resource.setrlimit(resource.RLIMIT_NPROC, (60, 60))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
report(0)
while True:
    try: os.fork()
    except OSError: time.sleep(0.001)
`),
      },
    ));

  it('catches one that forks and exits, again and again, before anybody can look at it', () =>
    scenario(
      async ({ processes, events, until }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans().unref();
        const tree = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          processGroup: true,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await events.once(tree.stdout ?? assert.fail(), 'data');
        const { empty } = await processes.terminateTree(tree.pid, { graceMs: 50 });
        assert.equal(empty, true);
        await until(() => processes.children().length === 0, 'nothing of it is left');
        reaper.close();
      },
      {
        wrapper: withPython(`
end = time.time() + 60
if os.fork() != 0:
    report(0)
    time.sleep(1000)
while time.time() < end:
    if os.fork() != 0: os._exit(0)
`),
      },
    ));

  it('ends one that is being traced', () =>
    scenario(
      async ({ processes, events }) => {
        const tree = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [text] = (await events.once(tree.stdout ?? assert.fail(), 'data')) as [Buffer];
        const traced = Number(String(text));
        const { empty, members } = await processes.terminateTree(traced, { graceMs: 100 });
        assert.deepEqual([empty, members.map(({ pid }) => pid)], [true, [traced]]);
        tree.kill('SIGKILL');
        await tree.exited;
      },
      {
        wrapper: withPython(`
import ctypes
libc = ctypes.CDLL(None)
traced = os.fork()
if traced == 0:
    time.sleep(1000)
if libc.ptrace(16, traced, None, None) != 0: sys.exit('PTRACE_ATTACH')
os.waitpid(traced, 0)
report(traced)
time.sleep(1000)
`),
      },
    ));

  it('names the survivor, and why', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await scenario(
      async ({ processes, events, until }) => {
        const tree = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          stdio: ['ignore', 'pipe', 'inherit'],
          uid: 54_322,
          gid: 54_322,
        });
        const [text] = (await events.once(tree.stdout ?? assert.fail(), 'data')) as [Buffer];
        const other = Number(String(text));
        process.setegid?.(54_321);
        process.seteuid?.(54_321);
        const refused = await processes.terminateTree(other, { graceMs: 50 });
        process.seteuid?.(0);
        process.setegid?.(0);
        assert.equal(refused.empty, false);
        assert.deepEqual(
          refused.members.map(({ pid, ended, sent, reason }) => ({ pid, ended, sent, reason })),
          [{ pid: other, ended: false, sent: null, reason: 'EPERM' }],
        );
        assert.equal((await processes.terminateTree(tree.pid, { sig: 'SIGKILL' })).empty, true);
        await tree.exited;
        await until(() => !processes.children().includes(tree.pid), 'it is reaped');
      },
      { wrapper: withPython('other = os.fork()\nif other != 0: report(other)\ntime.sleep(1000)\n') },
    );
  });

  it('spares what another child of ours has left behind', () =>
    scenario(
      async ({ processes, events, until }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans().unref();
        const start = async (): Promise<[processes: ReturnType<typeof processes.spawn>, daemon: number]> => {
          const tree = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          const [text] = (await events.once(tree.stdout ?? assert.fail(), 'data')) as [Buffer];
          const daemon = Number(String(text));
          await until(() => processes.children().includes(daemon), 'the daemon is adopted');
          return [tree, daemon];
        };
        const [first, daemonOfFirst] = await start();
        first.kill('SIGKILL');
        await first.exited;
        const [second, daemonOfSecond] = await start();
        const { members } = await processes.terminateTree(second.pid, { graceMs: 1000 });
        const ended = members.map(({ pid }) => pid);
        assert.ok(ended.includes(daemonOfSecond));
        assert.ok(!ended.includes(daemonOfFirst));
        process.kill(daemonOfFirst, 0);
        assert.equal((await processes.terminateTree(daemonOfFirst)).empty, true);
        await until(() => processes.children().length === 0, 'all are reaped');
        reaper.close();
      },
      {
        wrapper: withPython(`
if os.fork() == 0:
    os.setsid()
    daemon = os.fork()
    if daemon != 0:
        report(daemon)
        os._exit(0)
time.sleep(1000)
`),
      },
    ));

  it('spares a neighbour that was put into its group, and children from before sigkit was loaded', async () => {
    await scenario(async ({ processes }) => {
      processes.setChildSubreaper(true);
      const root = processes.spawn('sleep', ['1000'], { processGroup: true });
      const neighbour = processes.spawn('sleep', ['1000'], { processGroup: root.pid });
      const { empty, members } = await processes.terminateTree(root.pid);
      assert.deepEqual([empty, members.map(({ pid }) => pid)], [true, [root.pid]]);
      assert.equal(neighbour.kill(0), true);
      assert.equal((await processes.terminateGroup(root.pid)).members[0]?.pid, neighbour.pid);
      assert.equal((await neighbour.exited).termSignal, 'SIGTERM');
    });
    const fixture = fileURLToPath(new URL('../../fixtures/process/early-neighbour.js', import.meta.url));
    const { code, stderr } = await startChild(fixture).ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  it('of nobody is empty; gives up when aborted, and lets all go on', () =>
    scenario(async ({ processes, fs, until, timers }) => {
      const gone = processes.spawn('true');
      await gone.exited;
      assert.deepEqual(await processes.terminateTree(gone.pid), { empty: true, ambiguous: [], members: [] });
      const stubborn = processes.spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.01; done'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => stubborn.stdout?.once('data', resolve));
      const abort = new AbortController();
      const ending = processes.terminateTree(stubborn.pid, { graceMs: 60_000, signal: abort.signal });
      await timers.setImmediate();
      abort.abort('no');
      await assert.rejects(ending, { name: 'AbortError' });
      await until(
        () => !/^State:\tT/m.test(fs.readFileSync(`/proc/${stubborn.pid}/status`, 'utf8')),
        'it is not left stopped',
      );
      assert.equal((await processes.terminateTree(stubborn.pid, { sig: 'SIGKILL' })).empty, true);
      assert.equal((await stubborn.exited).termSignal, 'SIGKILL');
    }));
});

describe('terminateGroup', () => {
  it('ends a group whose leader is gone and of which one ignores TERM', () =>
    scenario(
      async ({ processes, events, until }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans().unref();
        const leader = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
          processGroup: true,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [text] = (await events.once(leader.stdout ?? assert.fail(), 'data')) as [Buffer];
        const [stubborn = 0, obedient = 0] = String(text).split(' ').map(Number);
        await leader.exited;
        const { empty, members } = await processes.terminateGroup(leader.processGroup, { graceMs: 100 });
        assert.equal(empty, true);
        const sent = new Map(members.map((member) => [member.pid, member.sent]));
        assert.deepEqual(
          sent,
          new Map([
            [stubborn, 'SIGKILL'],
            [obedient, 'SIGTERM'],
          ]),
        );
        await until(() => processes.children().length === 0, 'all are reaped');
        reaper.close();
      },
      {
        wrapper: withPython(`
reading, writing = os.pipe()
stubborn = os.fork()
if stubborn == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(writing, b'x')
    time.sleep(1000)
obedient = os.fork()
if obedient == 0: time.sleep(1000)
os.read(reading, 1)
report(stubborn, obedient)
`),
      },
    ));

  it('leaves the caller out of its own group', () =>
    scenario(async ({ processes }) => {
      processes.setpgid(0, 0);
      const child = processes.spawn('sleep', ['1000']);
      const { empty, members } = await processes.terminateGroup(0);
      assert.deepEqual([empty, members.map(({ pid }) => pid)], [true, [child.pid]]);
      assert.equal((await child.exited).termSignal, 'SIGTERM');
    }));
});

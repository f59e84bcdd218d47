import assert from 'node:assert/strict';

import { withPython } from '../../fixtures/process/python-tree.js';
import { until } from '../../support/child.js';
import { statOf } from '../../support/processes.js';
import { scenario, startScenario } from '../../support/scenario.js';

const four = `
def member(orphaned):
    parent = os.getpid()
    if os.fork() != 0: return
    if orphaned:
        while os.getppid() == parent: time.sleep(0.001)
    handle()
    report('up')
    while True: signal.pause()
def members(orphaned=False):
    for _ in range(4): member(orphaned)
`;
const shapes = {
  'children of the leader': 'members()',
  'in a group below the root': `
if os.fork() == 0:
    os.setpgid(0, 0)
    members()
`,
  'orphans, in a group whose leader descends from the root': `
if os.fork() == 0:
    os.setpgid(0, 0)
    if os.fork() == 0:
        members(orphaned=True)
        os._exit(0)
    os.wait()
`,
};

describe('members that handle the signal', () => {
  const cases = [
    ['terminateGroup', 'children of the leader'],
    ['terminateTree', 'children of the leader'],
    ['terminateTree', 'in a group below the root'],
    ['terminateTree', 'orphans, in a group whose leader descends from the root'],
  ] as const;
  for (const [how, shape] of cases)
    it(`get it, and no SIGHUP of an orphaned group: ${how}, ${shape}`, () =>
      scenario(
        async ({ processes, until }) => {
          const how = process.env['HOW'] === 'terminateGroup' ? processes.terminateGroup : processes.terminateTree;
          for (let round = 0; round < 4; round += 1) {
            const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
              processGroup: true,
              stdio: ['ignore', 'pipe', 'inherit'],
            });
            let said = '';
            root.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
            const count = (word: string): number => said.split('\n').filter((line) => line === word).length;
            await until(() => count('up') === 4, 'all are there');
            const { empty, ambiguous, members } = await how(root.pid, { graceMs: 30_000 });
            assert.ok(empty, JSON.stringify({ ambiguous, members }));
            // Whose exit made the others orphans may be among them, and may be gone before its signal.
            assert.ok(members.every(({ sent }) => sent !== 'SIGKILL'));
            await until(() => count('handled') === 4, `all have got it: ${JSON.stringify(members)}`);
            await root.exited;
          }
        },
        { wrapper: ['env', `HOW=${how}`, ...withPython(`${four}${shapes[shape]}\ntime.sleep(1000)`)] },
      ));

  it('are killed by SIGKILL and nothing else', () =>
    scenario(
      async ({ processes, events }) => {
        for (let round = 0; round < 4; round += 1) {
          const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            processGroup: true,
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          await events.once(root.stdout ?? assert.fail(), 'data');
          const { members } = await processes.terminateTree(root.pid, { sig: 'SIGKILL' });
          assert.equal(members.length, 5);
          // Before kernel 6.15 only the parent is told.
          const ends = members.map(({ status }) => status?.termSignal ?? 'SIGKILL');
          assert.deepEqual(new Set(ends), new Set(['SIGKILL']));
        }
      },
      {
        wrapper: withPython(
          'for _ in range(4):\n    if os.fork() == 0: time.sleep(1000)\nreport("up")\ntime.sleep(1000)',
        ),
      },
    ));
});

describe('a neighbour in the group of a tree', () => {
  for (const sig of ['SIGTERM', 'SIGKILL'])
    it(`goes on: ${sig}; one that was stopped before stays so`, () =>
      scenario(
        async ({ processes, fs, until }) => {
          const state = (pid: number): string =>
            /^State:\t(\w)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
          const sleeper = (processGroup: number | true) => processes.spawn('sleep', ['1000'], { processGroup });
          const root = sleeper(true);
          const [neighbour, stopped] = [sleeper(root.pid), sleeper(root.pid)];
          stopped.kill('SIGSTOP');
          await until(() => state(stopped.pid) === 'T', 'it is stopped');
          const sig = process.env['SIG'] === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM';
          const { empty, members } = await processes.terminateTree(root.pid, { sig });
          assert.deepEqual([empty, members.map(({ pid }) => pid)], [true, [root.pid]]);
          await until(() => state(neighbour.pid) === 'S', 'it goes on');
          assert.equal(state(stopped.pid), 'T');
          for (const child of [neighbour, stopped]) {
            child.kill('SIGKILL');
            await child.exited;
          }
        },
        { wrapper: ['env', `SIG=${sig}`] },
      ));

  for (const how of ['an abort', 'an error'])
    it(`goes on after ${how}, and so does the tree, but for what was stopped before`, () =>
      scenario(
        async ({ processes, fs, events, until }) => {
          const state = (pid: number): string =>
            /^State:\t(\w)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
          const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            processGroup: true,
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          const neighbour = processes.spawn('sleep', ['1000'], { processGroup: root.pid });
          const [text] = (await events.once(root.stdout ?? assert.fail(), 'data')) as [Buffer];
          const [member = 0, stopped = 0] = String(text).split(' ').map(Number);
          const abort = new AbortController();
          const ending = processes.terminateTree(root.pid, { signal: abort.signal });
          if (process.env['HOW'] === 'an abort') {
            abort.abort();
            await assert.rejects(ending, { name: 'AbortError' });
          } else {
            const read = fs.readdirSync;
            fs.readdirSync = () => {
              throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
            };
            await assert.rejects(ending, { code: 'EMFILE' });
            fs.readdirSync = read;
          }
          for (const pid of [root.pid, member, neighbour.pid]) await until(() => state(pid) === 'S', `${pid} goes on`);
          assert.equal(state(stopped), 'T');
          neighbour.kill('SIGKILL');
          await neighbour.exited;
          assert.equal((await processes.terminateTree(root.pid)).empty, true);
        },
        {
          wrapper: [
            'env',
            `HOW=${how}`,
            ...withPython(`
member = os.fork()
if member == 0: time.sleep(1000)
stopped = os.fork()
if stopped == 0: os.kill(os.getpid(), signal.SIGSTOP)
os.waitpid(stopped, os.WUNTRACED)
report(member, stopped)
time.sleep(1000)
`),
          ],
        },
      ));

  it('goes on when this process exits meanwhile, and so does the tree', async () => {
    const child = startScenario(({ processes, fs }) => {
      const listeners = process.listenerCount('exit');
      const root = processes.spawn('sleep', ['1000'], { processGroup: true, stdio: 'ignore' });
      const neighbour = processes.spawn('sleep', ['1000'], { processGroup: root.pid, stdio: 'ignore' });
      void processes.terminateTree(root.pid);
      assert.equal(process.listenerCount('exit'), listeners + 1);
      fs.writeSync(1, `${root.pid} ${neighbour.pid}\n`);
      process.exit(7);
    });
    const { code, stdout, stderr } = await child.ended;
    const pids = (stdout.match(/\d+/g) ?? []).map(Number);
    try {
      assert.deepEqual([code, pids.length], [7, 2], stderr);
      for (const pid of pids) await until(() => statOf(pid)?.state === 'S', `${pid} goes on`);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGKILL');
    }
  });
});

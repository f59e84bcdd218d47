import assert from 'node:assert/strict';

import { withPython } from '../../fixtures/process/python-tree.js';
import { scenario } from '../../support/scenario.js';

// The leader ends when its helpers have: it needs them to do so. Each says what it gets.
const leader = `
helpers = []
reading, writing = os.pipe()
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        if FLAW != 'none': signal.signal(signal.SIGCONT, lambda *_: report('continued'))
        handle(code=1)
        while True:
            if os.read(reading, 1): report('helped')
    helpers.append(pid)
def asked(*_):
    report('asked')
    if FLAW == 'stubborn': return
    os.write(writing, b'xx')
    time.sleep(0.2)
    os._exit(7)
signal.signal(signal.SIGTERM, asked)
report('up', *helpers)
while True: signal.pause()
`;

describe("mode: 'mixed'", () => {
  const ways = ['terminateGroup', 'terminateTree', 'endGroup'] as const;
  for (const way of ways)
    for (const flaw of ['none', 'stubborn', 'stopped'])
      it(`asks the leader alone, and kills the others once it has ended: ${way}, leader's flaw: ${flaw}`, () =>
        scenario(
          async ({ processes, shutdown, until }) => {
            const [way, flaw] = [process.env['WAY'], process.env['FLAW']];
            const job = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
              processGroup: true,
              stdio: ['ignore', 'pipe', 'inherit'],
            });
            let said = '';
            job.stdout?.on('data', (data: Buffer) => (said += String(data)));
            await until(() => /up \d+ \d+\n/.test(said), 'all are there');
            const helpers = said.match(/\d+/g)?.map(Number) ?? [];
            if (flaw === 'stopped') {
              job.kill('SIGSTOP');
              for await (const { stopped } of job) if (stopped) break;
            }
            const options = { mode: 'mixed', graceMs: flaw === 'stubborn' ? 300 : 60_000 } as const;
            if (way === 'endGroup') {
              const signal = new AbortController().signal;
              await shutdown.endGroup(job, options)({ signal } as never);
            } else {
              const { empty, members } = await processes[way as 'terminateTree'](job.pid, options);
              assert.equal(empty, true);
              assert.deepEqual(
                new Map(members.map(({ pid, sent }) => [pid, sent])),
                new Map([
                  [job.pid, flaw === 'stubborn' ? 'SIGKILL' : 'SIGTERM'],
                  ...helpers.map((pid) => [pid, 'SIGKILL'] as const),
                ]),
              );
            }
            const { exitCode, termSignal } = await job.exited;
            assert.deepEqual([exitCode, termSignal], flaw === 'stubborn' ? [null, 'SIGKILL'] : [7, null]);
            await until(() => !job.stdout?.readable, 'all has been said');
            const words = said
              .split('\n')
              .filter((line) => line !== '' && !line.startsWith('up'))
              .sort();
            assert.deepEqual(words, flaw === 'stubborn' ? ['asked'] : ['asked', 'helped', 'helped']);
          },
          { wrapper: ['env', `WAY=${way}`, `FLAW=${flaw}`, ...withPython(`FLAW = '${flaw}'\n${leader}`)] },
        ));

  it('kills at once where no leader is left', () =>
    scenario(async ({ processes, events }) => {
      const job = processes.spawn('sh', ['-c', 'sleep 1000 >/dev/null & echo $!'], {
        processGroup: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [text] = (await events.once(job.stdout ?? assert.fail(), 'data')) as [Buffer];
      await job.exited;
      const { empty, members } = await processes.terminateGroup(job.pid, { mode: 'mixed', graceMs: Infinity });
      assert.equal(empty, true);
      assert.deepEqual(
        members.map(({ pid, sent }) => [pid, sent]),
        [[Number(String(text)), 'SIGKILL']],
      );
    }));

  it('is one of two words', () =>
    scenario(async ({ processes, shutdown }) => {
      const mode = 'control-group' as 'mixed';
      await assert.rejects(processes.terminateGroup(2 ** 22, { mode }), { code: 'ERR_OUT_OF_RANGE' });
      await assert.rejects(processes.terminateTree(2 ** 22, { mode: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.throws(() => shutdown.endGroup(2 ** 22, { mode }), { code: 'ERR_OUT_OF_RANGE' });
      assert.deepEqual((await processes.terminateTree(2 ** 22, { mode: 'all' })).members, []);
    }));
});

import assert from 'node:assert/strict';

import { needNoSanitizer, needRoot } from '../../fixtures/process/means.js';
import { withPython } from '../../fixtures/process/python-tree.js';
import { scenario } from '../../support/scenario.js';

const jobs = {
  'a group of its own': { processGroup: true },
  'a session': { session: true },
} as const;

describe('an abort and the disposal of a child that leads', () => {
  for (const [how, options] of Object.entries(jobs)) {
    const wrapper = ['env', `OPTIONS=${JSON.stringify(options)}`];

    it(`${how}, end the whole group, and only the abort is told`, () =>
      scenario(
        async ({ processes, events, fs, until }) => {
          const runs = (pid: number): boolean =>
            fs.existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
          for (const way of ['abort', 'disposal', 'disposal after its end']) {
            const abort = new AbortController();
            const last = way.endsWith('end') ? 'exit 0' : 'wait';
            const job = processes.spawn('sh', ['-c', `sleep 1000 & a=$!; sleep 1000 & echo $a $!; ${last}`], {
              ...(JSON.parse(process.env['OPTIONS'] ?? '') as object),
              stdio: ['ignore', 'pipe', 'inherit'],
              signal: abort.signal,
            });
            const [text] = (await events.once(job.stdout ?? assert.fail(), 'data')) as [Buffer];
            const pids = String(text).split(' ').map(Number);
            assert.equal(job.processGroup, job.pid);
            if (way === 'abort') abort.abort();
            else if (way === 'disposal') await job[Symbol.asyncDispose]();
            const { aborted, termSignal } = await job.exited;
            assert.equal(aborted, way === 'abort', way);
            assert.equal(termSignal, last === 'wait' ? 'SIGTERM' : null, way);
            if (way.endsWith('end')) await job[Symbol.asyncDispose]();
            const ended = (): boolean => !pids.some(runs);
            if (way === 'abort') await until(ended, 'they end too');
            else assert.ok(ended(), way);
          }
        },
        { wrapper },
      ));

    it(`${how}, kill who does not end in time`, () =>
      scenario(
        async ({ processes, until }) => {
          const abort = new AbortController();
          const job = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            ...(JSON.parse(process.env['OPTIONS'] ?? '') as object),
            stdio: ['ignore', 'pipe', 'inherit'],
            signal: abort.signal,
          });
          let said = '';
          job.stdout?.on('data', (data: Buffer) => (said += String(data)));
          await until(() => said.includes('up'), 'it is there');
          abort.abort();
          assert.deepEqual([(await job.exited).aborted, (await job.exited).exitCode], [true, 42]);
          await until(() => !job.stdout?.readable, 'nobody holds its output any more');
        },
        {
          wrapper: [
            ...wrapper,
            ...withPython(`
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report('up')
    time.sleep(1000)
handle()
while True: signal.pause()
`),
          ],
        },
      ));
  }

  it('do so without /proc', function () {
    needRoot(this);
    needNoSanitizer(this);
    return scenario(
      async ({ processes, events, until }) => {
        const abort = new AbortController();
        const job = processes.spawn('sh', ['-c', 'sleep 1000 & echo; wait'], {
          processGroup: true,
          stdio: ['ignore', 'pipe', 'inherit'],
          signal: abort.signal,
        });
        await events.once(job.stdout ?? assert.fail(), 'data');
        abort.abort();
        assert.equal((await job.exited).aborted, true);
        await until(() => !job.stdout?.readable, 'nobody holds its output any more');
      },
      {
        wrapper: [
          'unshare',
          '--pid',
          '--fork',
          '--kill-child',
          '--mount',
          'sh',
          '-c',
          'mount -t tmpfs none /proc && "$@"; exit $?',
          'sh',
        ],
      },
    );
  });

  it('leave the group alone that it shares', () =>
    scenario(async ({ processes }) => {
      const leader = processes.spawn('sleep', ['1000'], { processGroup: true });
      const abort = new AbortController();
      const [aborted, disposed] = [{ signal: abort.signal }, {}].map((options) =>
        processes.spawn('sleep', ['1000'], { ...options, processGroup: leader.pid }),
      );
      abort.abort();
      await disposed?.[Symbol.asyncDispose]();
      assert.equal((await aborted?.exited)?.aborted, true);
      assert.equal((await disposed?.exited)?.aborted, false);
      assert.equal(leader.kill(0), true);
      await leader[Symbol.asyncDispose]();
    }));

  it('are not told of a child that had ended before', () =>
    scenario(async ({ processes, fs }) => {
      const abort = new AbortController();
      const child = processes.spawn('true', [], { signal: abort.signal });
      // No turn of the event loop comes in between.
      while (!/^State:\tZ/m.test(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8')));
      abort.abort();
      assert.deepEqual([(await child.exited).aborted, (await child.exited).exitCode], [false, 0]);
    }));
});

import assert from 'node:assert/strict';

import { needNoSanitizer } from '../../fixtures/process/means.js';
import { withPython } from '../../fixtures/process/python-tree.js';
import { scenario } from '../../support/scenario.js';

describe('an ending that does not come to its end', () => {
  it('leaves nobody stopped, where its Worker is terminated', () =>
    scenario(async ({ processes, fs, startWorker, events, until }) => {
      const state = (pid: number): string =>
        /^State:\t(\w)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
      const root = processes.spawn('sleep', ['1000'], { processGroup: true, stdio: 'ignore' });
      const neighbour = processes.spawn('sleep', ['1000'], { processGroup: root.pid, stdio: 'ignore' });
      const worker = await startWorker(({ processes: own, fs: files, workerThreads }) => {
        workerThreads.parentPort?.once('message', (pids) => {
          const read = files.readdirSync;
          const isStopped = (pid: number): boolean =>
            files.readFileSync(`/proc/${pid}/status`, 'utf8').includes('State:\tT');
          files.readdirSync = ((...args: Parameters<typeof read>) => {
            // The first look after both have been stopped: the second one may take a moment.
            const [first = 0, second = 0] = pids as number[];
            const end = performance.now() + 500;
            while (isStopped(first) && !isStopped(second) && performance.now() < end);
            if (isStopped(first) && isStopped(second)) {
              workerThreads.parentPort?.postMessage('stopped');
              Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
            }
            return read(...args);
          }) as typeof read;
          void own.terminateTree((pids as number[])[0] ?? 0);
        });
      });
      worker.postMessage([root.pid, neighbour.pid]);
      await events.once(worker, 'message');
      assert.deepEqual([state(root.pid), state(neighbour.pid)], ['T', 'T']);
      await worker.terminate();
      await until(() => state(root.pid) === 'S' && state(neighbour.pid) === 'S', 'both go on');
      for (const child of [root, neighbour]) child.kill('SIGKILL');
    }));

  it('ends the group of who cannot be looked at, for want of a descriptor', function () {
    // Its log needs one, too.
    needNoSanitizer(this);
    return scenario(
      async ({ processes, fs, events, until }) => {
        const abort = new AbortController();
        const leader = processes.spawn('sh', ['-c', 'sleep 1000 & echo $!; wait'], {
          processGroup: true,
          signal: abort.signal,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [text] = (await events.once(leader.stdout ?? assert.fail(), 'data')) as [Buffer];
        const other = Number(String(text));
        const taken: number[] = [];
        try {
          for (;;) taken.push(fs.openSync('/dev/null', 'r'));
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE');
        }
        abort.abort();
        const { aborted, termSignal } = await leader.exited;
        for (const fd of taken) fs.closeSync(fd);
        assert.deepEqual([aborted, termSignal], [true, 'SIGTERM']);
        const hasEnded = (): boolean => {
          try {
            return fs.readFileSync(`/proc/${other}/stat`, 'utf8').includes(') Z ');
          } catch {
            return true;
          }
        };
        await until(hasEnded, 'the other has ended');
      },
      { wrapper: ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'] },
    );
  });
});

describe('two endings of one tree at the same time', () => {
  for (const first of ['abort', 'terminateGroup', 'terminateTree'])
    it(`hang nobody up: ${first}, and terminateTree`, () =>
      scenario(
        async ({ processes, until }) => {
          for (let round = 0; round < 4; round += 1) {
            const abort = new AbortController();
            const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
              processGroup: true,
              signal: abort.signal,
              stdio: ['ignore', 'pipe', 'inherit'],
            });
            let said = '';
            root.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
            const count = (word: string): number => said.split('\n').filter((line) => line === word).length;
            await until(() => count('up') === 4, 'all are there');
            const begin: Record<string, () => unknown> = {
              abort: () => abort.abort(),
              terminateGroup: () => processes.terminateGroup(root.pid, { graceMs: 30_000 }),
              terminateTree: () => processes.terminateTree(root.pid, { graceMs: 30_000 }),
            };
            const ended = begin[process.env['FIRST'] ?? '']?.();
            await Promise.all([ended, processes.terminateTree(root.pid, { graceMs: 30_000 }), root.exited]);
            await until(() => count('handled') === 4, `all have got it: ${said}`);
          }
        },
        {
          wrapper: [
            'env',
            `FIRST=${first}`,
            ...withPython(`
for _ in range(4):
    if os.fork() == 0:
        os.setpgid(0, 0)
        handle()
        report('up')
        while True: signal.pause()
time.sleep(1000)
`),
          ],
        },
      ));
});

describe('terminateTree in a Worker', () => {
  it('names what this process has adopted', () =>
    scenario(
      async ({ processes, startWorker, events }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans().unref();
        const worker = await startWorker(({ processes: own, workerThreads }) => {
          workerThreads.parentPort?.once('message', async (tree) => {
            const root = own.spawn('python3', ['-c', tree as string], { stdio: ['ignore', 'pipe', 'inherit'] });
            let said = '';
            root.stdout?.on('data', (data: Buffer) => {
              said += String(data);
              if (!said.includes('waited')) return;
              const daemon = Number(/\d+/.exec(said)?.[0]);
              void own.terminateTree(root.pid).then(({ empty, ambiguous }) => {
                workerThreads.parentPort?.postMessage({ empty, hasDaemon: ambiguous.includes(daemon), daemon });
              });
            });
          });
        });
        worker.postMessage(process.env['TREE']);
        const [{ empty, hasDaemon, daemon }] = (await events.once(worker, 'message')) as [
          { readonly empty: boolean; readonly hasDaemon: boolean; readonly daemon: number },
        ];
        process.kill(daemon, 'SIGKILL');
        assert.deepEqual([empty, hasDaemon], [false, true]);
        await worker.terminate();
        reaper.close();
      },
      {
        wrapper: withPython(`
middle = os.fork()
if middle == 0:
    os.setsid()
    daemon = os.fork()
    if daemon == 0:
        os.setsid()
        time.sleep(1000)
    report(daemon)
    os._exit(0)
os.waitpid(middle, 0)
report('waited')
time.sleep(1000)
`),
      },
    ));
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { startChild, until } from '../support/child.js';
import { scenario, startScenario } from '../support/scenario.js';

const workerOnly = fileURLToPath(new URL('../fixtures/process/worker-only.js', import.meta.url));

function runs(pid: number): boolean {
  try {
    // One whose new parent does not reap it stays as a zombie.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('children and the end of who started them', () => {
  it('parentDeathSignal: they end with their parent, however that ends; others stay', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const parent = startScenario(({ processes }) => {
        const options = { stdio: 'ignore' } as const;
        const bound = processes.spawn('sleep', ['100'], { ...options, parentDeathSignal: 'SIGKILL' });
        const polite = processes.spawn('sleep', ['100'], { ...options, parentDeathSignal: 'SIGRTMIN+1' });
        const free = processes.spawn('sleep', ['100'], options);
        console.log(`pids ${bound.pid} ${polite.pid} ${free.pid}`);
      });
      const [, bound = 0, polite = 0, free = 0] = (await parent.line(/^pids/)).split(' ').map(Number);
      try {
        assert.deepEqual([bound, polite, free].map(runs), [true, true, true]);
        parent.process.kill(signal);
        await parent.ended;
        await until(() => !runs(bound) && !runs(polite), 'the bound ones have ended');
        assert.ok(runs(free));
      } finally {
        process.kill(free, 'SIGKILL');
      }
    }
  });

  it('parentDeathSignal: not with the Worker that started them, but with the process', async () => {
    const parent = startScenario(async ({ processes, startWorker }) => {
      const worker = await startWorker(({ processes: own }) => {
        own.spawn('sleep', ['100'], { stdio: 'ignore', parentDeathSignal: 'SIGKILL' });
      });
      const [pid = 0, ...more] = processes.children();
      assert.deepEqual(more, []);
      await worker.terminate();
      await processes.spawn('true', [], { stdio: 'ignore' }).exited;
      console.log(`pid ${pid}`);
      await new Promise((resolve) => setTimeout(resolve, 100_000));
    });
    const pid = Number((await parent.line(/^pid/)).split(' ')[1]);
    assert.ok(runs(pid), 'the end of the Worker was not its end');
    parent.process.kill('SIGKILL');
    await parent.ended;
    await until(() => !runs(pid), 'it ends with the process');
  });

  it('a Worker that alone has loaded sigkit', async () => {
    const child = startChild(workerOnly);
    const { code, stdout, stderr } = await child.ended;
    const [first = '', ...rest] = stdout.trim().split('\n');
    assert.deepEqual({ code, rest }, { code: 0, rest: ['lasting runs', 'short is reaped'] }, stderr);
    const [, lasting = 0] = first.split(' ').map(Number);
    await until(() => !runs(lasting), 'it ends with the process');
  });

  it('what a Worker has left running is reaped when it exits', () =>
    scenario(async ({ processes, startWorker, until: untilInside, childProcess, events }) => {
      const worker = await startWorker(({ processes: own }) => {
        for (let made = 0; made < 20; made += 1) own.spawn('sleep', ['100'], { stdio: made % 2 ? 'pipe' : 'ignore' });
      });
      const left = processes.children();
      assert.equal(left.length, 20);
      await worker.terminate();
      assert.deepEqual(processes.children(), left);
      for (const pid of left) assert.throws(() => processes.waitpid(-1), { code: 'ECHILD' }, String(pid));
      const nodes = childProcess.spawn('sh', ['-c', 'exit 3']);
      const exit = events.once(nodes, 'exit');
      for (const pid of left) process.kill(pid, 'SIGKILL');
      await untilInside(() => processes.children().every((pid) => pid === nodes.pid), 'they are reaped');
      assert.deepEqual(await exit, [3, null]);
    }));

  it('Workers spawn, and learn of exits and stops, each of its own', () =>
    scenario(async ({ startWorker, processes }) => {
      const run = async ({ processes: own }: { readonly processes: typeof processes }): Promise<void> => {
        for (let round = 0; round < 20; round += 1) {
          const child = own.spawn('sh', ['-c', 'read code; exit $code']);
          const changes = child[Symbol.asyncIterator]();
          child.kill('SIGSTOP');
          assert.equal((await changes.next()).value?.stopSignal, 'SIGSTOP');
          child.kill('SIGCONT');
          child.stdin?.end(`${round + 1}\n`);
          assert.equal((await child.exited).exitCode, round + 1);
        }
        assert.throws(() => own.waitpid(-1), { code: 'ECHILD' });
      };
      const workers = await Promise.all([startWorker(run), startWorker(run), startWorker(run), run({ processes })]);
      for (const worker of workers) await worker?.terminate();
      assert.deepEqual(processes.children(), []);
    }));

  it('200 Workers are terminated while they spawn: nothing leaks, and main still can', function () {
    this.timeout(170_000);
    return scenario(
      async ({ processes, startWorker, until: untilInside, timers, events, descriptors }) => {
        const open = (): number => descriptors().length;
        const spawnForEver = async ({ processes: own }: { readonly processes: typeof processes }): Promise<void> => {
          const loop = async (): Promise<void> => {
            for (;;) {
              const child = own.spawn('cat', [], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
              child.stdio[3]?.destroy();
              child.stdin?.end('x');
              child.stdout?.resume();
              await child.exited;
            }
          };
          void loop();
          void loop();
        };
        const batch = async (count: number, waits: boolean): Promise<void> => {
          const workers = await Promise.all(Array.from({ length: count }, () => startWorker(spawnForEver)));
          if (waits) for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
          const exits = workers.map((worker) => events.once(worker, 'exit'));
          await Promise.all(workers.map((worker) => worker.terminate()));
          await Promise.all(exits);
        };
        await batch(8, true);
        await untilInside(() => processes.children().length === 0, 'the children of the first have gone');
        await processes.spawn('true', [], { stdio: 'ignore' }).exited;
        const before = open();
        for (let ended = 0; ended < 200; ended += 8) await batch(8, ended % 16 === 0);
        await untilInside(() => processes.children().length === 0, 'no child and no zombie is left');
        await untilInside(() => open() <= before, `${open()} descriptors where there were ${before}`);
        const child = processes.spawn('echo', ['still']);
        assert.equal((await child.stdout?.setEncoding('utf8').toArray())?.join(''), 'still\n');
        assert.equal((await child.exited).exitCode, 0);
      },
      { deadlineMs: 160_000 },
    );
  });

  it('10,000 children leave no descriptor and no memory behind', function () {
    this.timeout(170_000);
    return scenario(
      async ({ processes, fs, until: untilInside, descriptors }) => {
        const open = (): number => descriptors().length;
        const residentKiB = (): number =>
          Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1]);
        const run = async (count: number): Promise<void> => {
          for (let made = 0; made < count; made += 10) {
            const some = Array.from({ length: 10 }, (_, index) =>
              processes.spawn('/bin/true', [], { stdio: index === 0 ? 'pipe' : 'ignore' }),
            );
            for (const child of some) {
              assert.equal((await child.exited).exitCode, 0);
              for (const stream of child.stdio) stream?.destroy();
            }
          }
          assert.deepEqual(processes.children(), []);
        };
        await run(2000);
        global.gc?.();
        const heapKiB = (): number => process.memoryUsage().heapUsed / 1024;
        const [opened, memory, heap] = [open(), residentKiB(), heapKiB()];
        await run(10_000);
        global.gc?.();
        await untilInside(() => open() === opened, `${open()} descriptors where there were ${opened}`);
        const grown = residentKiB() - memory;
        // Half a KiB for each of them, and what V8 and malloc hold back. A sanitizer keeps what is freed.
        assert.ok(heapKiB() - heap < 5000, `${heapKiB() - heap} KiB more in the heap`);
        if (process.env['SIGKIT_NODE'] === undefined) assert.ok(grown < 40_000, `${grown} KiB more`);
      },
      { deadlineMs: 160_000, nodeOptions: ['--expose-gc', '--max-semi-space-size=1'] },
    );
  });
});

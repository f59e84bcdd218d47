import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';

import { type LoopStall, type LoopStallOptions, onLoopStall } from 'sigkit/diagnostics';

import { until } from '../support/child.js';
import { scratch } from '../support/init.js';
import { scenario, startScenario } from '../support/scenario.js';

const ownThread = 'sigkit-stalls';

// Voluntary ones: each time, something has woken it before.
function switchesOf(pid: number, name: string): number {
  const tasks = readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
  const task = tasks.find((folder) => readFileSync(`${folder}/comm`, 'utf8').trim() === name);
  if (task === undefined) return NaN;
  return Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(readFileSync(`${task}/status`, 'utf8'))?.[1]);
}

describe('onLoopStall', () => {
  it('a Worker hears of a main thread that hangs after a rest, while it hangs: begun by a timer, by I/O, and waiting', async () => {
    const printed = await scenario(async ({ childProcess, events, startWorker, timers, workerThreads }) => {
      assert.ok(workerThreads.isMainThread);
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const worker = await startWorker(({ diagnostics, workerThreads: { parentPort } }) => {
        parentPort?.once('message', (shared: Int32Array<SharedArrayBuffer>) => {
          diagnostics.onLoopStall({ thresholdMs: 50, minIntervalMs: 0 }, (stall) => {
            const hangs = stall.stacks.filter(({ frames }) => frames.some((frame) => frame.function === 'hangForNow'));
            if (stall.threadId !== 0 || hangs.length === 0) return;
            if (stall.ended) return parentPort?.postMessage(stall);
            if (hangs.length < 2) return;
            Atomics.store(shared, 0, 1);
            Atomics.notify(shared, 0);
          });
          parentPort?.postMessage('listens');
        });
      });
      const goesOn = (): boolean => Atomics.load(flag, 0) === 0;
      // Longer only if nobody hears.
      const longestMs = 5000;
      function hangForNow(waits: boolean): void {
        const end = performance.now() + longestMs;
        if (waits) Atomics.wait(flag, 0, 0, longestMs);
        else while (goesOn() && performance.now() < end);
      }
      worker.postMessage(flag);
      await events.once(worker, 'message');
      const rests = {
        timer: async (): Promise<unknown> => timers.setTimeout(200),
        io: async (): Promise<unknown> => events.once(childProcess.spawn('sleep', ['0.2']), 'exit'),
        waiting: async (): Promise<unknown> => timers.setTimeout(200),
      };
      for (const [kind, rest] of Object.entries(rests)) {
        Atomics.store(flag, 0, 0);
        const told = events.once(worker, 'message');
        await rest();
        const startedAt = Date.now();
        hangForNow(kind === 'waiting');
        assert.equal(goesOn(), false, `nobody has heard of it: ${kind}`);
        const [stall] = (await told) as [LoopStall];
        console.log(JSON.stringify({ ...stall, off: Date.parse(String(stall.startedAt)) - startedAt, kind }));
      }
      await worker.terminate();
    });
    const stalls = printed.split('\n', 3).map((line) => JSON.parse(line) as LoopStall & { off: number; kind: string });
    for (const { name, tid, lengthMs, cpuMs, stacks, kind, off } of stalls) {
      assert.equal(name, 'main');
      assert.ok(tid > 0 && lengthMs >= 100 && cpuMs <= lengthMs && off <= 2, JSON.stringify({ lengthMs, cpuMs, off }));
      if (kind === 'waiting') assert.ok(cpuMs < lengthMs / 2, `${cpuMs} of ${lengthMs} ms`);
      // Without a processor it cannot answer: then where it is is not known, and it counts as in native code.
      const answered = stacks.filter(({ frames }) => frames.some((frame) => frame.function === 'hangForNow'));
      assert.deepEqual(
        answered.map(({ state }) => state),
        answered.map(() => 'running'),
      );
      assert.ok(answered.length >= 2);
    }
  });

  it('the main thread hears of a Worker that hangs, and iterates', () =>
    scenario(async ({ diagnostics, startWorker, workerThreads }) => {
      assert.ok(workerThreads.isMainThread);
      const worker = await startWorker(({ workerThreads: { parentPort } }) => {
        parentPort?.once('message', function hangForNow(flag: Int32Array): void {
          while (Atomics.load(flag, 0) === 0);
        });
      });
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const stalls = diagnostics.onLoopStall({ thresholdMs: 50 });
      worker.postMessage(flag);
      const told: LoopStall[] = [];
      for await (const stall of stalls) {
        if (stall.threadId !== worker.threadId) continue;
        if (stall.stacks.some(({ frames }) => frames.some((frame) => frame.function?.endsWith('hangForNow'))))
          told.push(stall);
        if (told.some(({ ended }) => ended)) break;
        if (told.length > 0) Atomics.store(flag, 0, 1);
      }
      assert.equal(told[0]?.ended, false);
      const last = told.at(-1);
      assert.ok(last !== undefined && told[0] !== undefined);
      assert.ok(last.lengthMs >= told[0].lengthMs && told[0].lengthMs >= 50);
      assert.deepEqual(last.startedAt, told[0].startedAt);
      assert.equal(stalls.closed, true);
      await worker.terminate();
    }));

  it('the thread itself hears once it is over: what it computed, and what was garbage collection', () =>
    scenario(
      async ({ diagnostics, timers }) => {
        const told: LoopStall[] = [];
        const stalls = diagnostics.onLoopStall({ thresholdMs: 50, minIntervalMs: 0 }, (stall) => void told.push(stall));
        // On a busy machine there may be others: of a thread that had no processor.
        const heard = async (isWanted: (stall: LoopStall) => boolean): Promise<LoopStall> => {
          const start = performance.now();
          while (!told.some(isWanted) && performance.now() < start + 20_000) await timers.setTimeout(1);
          const stall = told.find(isWanted);
          assert.ok(stall !== undefined, JSON.stringify(told));
          assert.equal(stall.ended, true);
          told.length = 0;
          return stall;
        };
        const shareOf = ({ gcMs, lengthMs }: LoopStall): number => Number(gcMs) / lengthMs;
        const computedMs = (): number => process.cpuUsage().user / 1000;
        const start = computedMs();
        while (computedMs() < start + 100);
        const computing = await heard(({ cpuMs }) => cpuMs >= 50);
        assert.ok(computing.lengthMs >= 50, JSON.stringify(computing));
        const end = performance.now() + 100;
        while (performance.now() < end) globalThis.gc?.();
        const collecting = await heard(({ gcMs }) => Number(gcMs) > 20);
        assert.ok(collecting.lengthMs >= 100, JSON.stringify(collecting));
        assert.ok(shareOf(computing) < shareOf(collecting), JSON.stringify({ computing, collecting }));
        stalls.close();
      },
      { nodeOptions: ['--expose-gc'] },
    ));

  it('a listener that closes it hears of no other that has come at the same time', () =>
    scenario(async ({ diagnostics, startWorker, until: seen }) => {
      const turns = new Int32Array(new SharedArrayBuffer(4));
      const worker = await startWorker(({ workerThreads: { parentPort } }) => {
        parentPort?.once('message', function turn(shared: Int32Array<SharedArrayBuffer>) {
          const end = performance.now() + 15;
          while (performance.now() < end);
          if (Atomics.add(shared, 0, 1) < 5) setTimeout(turn, 0, shared);
        });
      });
      const heard = { by: 0, beside: 0 };
      const options = { thresholdMs: 10, minIntervalMs: 0 };
      const controller = new AbortController();
      worker.postMessage(turns);
      diagnostics.onLoopStall({ ...options, signal: controller.signal }, () => {
        heard.by += 1;
        controller.abort();
      });
      diagnostics.onLoopStall(options, () => void (heard.beside += 1));
      while (Atomics.load(turns, 0) < 5);
      await seen(() => heard.beside >= 3, 'three of them');
      assert.equal(heard.by, 1);
      await worker.terminate();
    }));

  it('leaves out those that come within minIntervalMs, and counts them', () =>
    scenario(async ({ diagnostics, timers }) => {
      let omitted = 0;
      const none: LoopStall[] = [];
      diagnostics.onLoopStall({ thresholdMs: 20, minIntervalMs: 100 }, (stall) => (omitted += stall.omitted));
      diagnostics.onLoopStall({ thresholdMs: 20, minIntervalMs: 2 ** 31 - 1 }, (stall) => void none.push(stall));
      for (let count = 0; count < 500 && omitted === 0; count += 1) {
        const end = performance.now() + 25;
        while (performance.now() < end);
        await timers.setTimeout(1);
      }
      assert.ok(omitted > 0);
      assert.equal(none.length, 1);
    }));

  it('writes to stderr natively, also of a loop that never comes back', async () => {
    const child = startScenario(({ diagnostics }) => {
      diagnostics.onLoopStall({ thresholdMs: 50, report: 'stderr' });
      // Nor does it outlive tests that have been killed by more than a minute or two.
      (function neverEnds() {
        for (let count = 0; count < 1e11; count += 1);
      })();
    });
    let stderr = '';
    child.process.stderr?.on('data', (text: string) => (stderr += text));
    const line =
      /^sigkit: the event loop of main \(thread 0\) has been blocked for \d+ ms, at neverEnds \(.*\) < .*\n/m;
    await until(() => line.test(stderr), 'a line on stderr');
    child.process.kill('SIGKILL');
    assert.equal((await child.ended).signal, 'SIGKILL');
  });

  it('writes the stack to a file natively, also of a loop that never comes back', async () => {
    const file = path.join(scratch(), 'stalls');
    const child = startScenario(
      ({ diagnostics }) => {
        diagnostics.onLoopStall({ thresholdMs: 50, report: { file: process.env['STALLS'] ?? '' } });
        (function neverEnds() {
          for (let count = 0; count < 1e11; count += 1);
        })();
      },
      { wrapper: ['env', `STALLS=${file}`] },
    );
    const lines =
      /^\d{8}T\d{6}\.\d{3}Z pid (\d+): the event loop of main \(thread 0\) has been blocked for \d+ ms\n {4}at neverEnds \(.*\)\n {4}at /m;
    await until(() => existsSync(file) && lines.test(readFileSync(file, 'utf8')), 'the stack in the file');
    child.process.kill('SIGKILL');
    assert.equal((await child.ended).signal, 'SIGKILL');
    assert.equal(lines.exec(readFileSync(file, 'utf8'))?.[1], String(child.process.pid));
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('says on stderr what it could not write to the file', async () => {
    const child = startScenario(({ diagnostics }) => {
      diagnostics.onLoopStall({ thresholdMs: 50, report: { file: '/dev/full' } });
      for (let count = 0; count < 1e11; count += 1);
    });
    let stderr = '';
    child.process.stderr?.on('data', (text: string) => (stderr += text));
    const line = /^sigkit: a stall of an event loop is not in \/dev\/full: No space left on device$/m;
    await until(() => line.test(stderr), 'a line on stderr');
    child.process.kill('SIGKILL');
    assert.equal((await child.ended).signal, 'SIGKILL');
  });

  it('takes no file that cannot be opened, is a link, or has no reader', () => {
    const folder = scratch();
    const [link, fifo] = [path.join(folder, 'stalls-link'), path.join(folder, 'stalls-fifo')];
    symlinkSync('/dev/null', link);
    execFileSync('mkfifo', [fifo]);
    for (const [file, code] of [
      [path.join(folder, 'none', 'file'), 'ENOENT'],
      [folder, 'EISDIR'],
      [link, 'ELOOP'],
      [fifo, 'ENXIO'],
    ] as const)
      assert.throws(() => onLoopStall({ report: { file } }), { code });
  });

  it('sleeps while all loops are idle, and takes no rest for a stall', async () => {
    const child = startScenario(async ({ diagnostics, events }) => {
      const told: number[] = [];
      diagnostics.onLoopStall({ thresholdMs: 100, minIntervalMs: 0 }, ({ lengthMs }) => void told.push(lengthMs));
      process.stdout.write('idle\n');
      await events.once(process.stdin, 'data');
      process.stdin.destroy();
      assert.ok(
        told.every((lengthMs) => lengthMs < 900),
        String(told),
      );
    });
    await child.line(/^idle$/);
    let woken = NaN;
    // V8 has things to do for some time after a start.
    for (let tries = 0; tries < 20 && woken !== 0; tries += 1) {
      const before = switchesOf(child.pid, ownThread);
      await pass(1000);
      woken = switchesOf(child.pid, ownThread) - before;
    }
    assert.equal(woken, 0);
    child.write('.');
    const { code, stderr } = await child.ended;
    assert.equal(code, 0, stderr);
  });

  it('survives Workers that come and go, hanging or not', () =>
    scenario(async ({ diagnostics, startWorker, timers }) => {
      const [hanging, gone] = [new Set<number>(), new Set<number>()];
      const stalls = diagnostics.onLoopStall({ thresholdMs: 10, minIntervalMs: 0 }, ({ threadId, ended, stacks }) => {
        const hangs = stacks.some(({ frames }) => frames.some((frame) => frame.function?.includes('hangForNow')));
        if (hangs) (ended ? gone : hanging).add(threadId);
      });
      const inTime = async (threads: ReadonlySet<number>, thread: number): Promise<void> => {
        const start = performance.now();
        while (!threads.has(thread) && performance.now() < start + 20_000) await timers.setTimeout(1);
        assert.ok(threads.has(thread), `thread ${thread} is none of ${[...threads].join(', ')}`);
      };
      for (let round = 0; round < 3; round += 1) {
        const workers = await Promise.all(
          [0, 1].map(() =>
            startWorker(({ diagnostics: own, workerThreads: { parentPort } }) => {
              own.onLoopStall({ thresholdMs: 10, report: 'none' });
              // In a turn of its own.
              parentPort?.on('message', () => setTimeout(hangForNow, 5));
              function hangForNow(): void {
                for (;;);
              }
            }),
          ),
        );
        const thread = workers[0]?.threadId ?? 0;
        workers[0]?.postMessage('hang');
        await inTime(hanging, thread);
        await Promise.all(workers.map(async (worker) => worker.terminate()));
        await inTime(gone, thread);
      }
      stalls.close();
    }));

  it('its thread is there while somebody listens', () =>
    scenario(async ({ diagnostics, sigkit, startWorker, until: seen }) => {
      const isThere = (): boolean => sigkit.threads().some(({ name }) => name === 'sigkit-stalls');
      // The kernel shows one for a moment after its end.
      const isGone = async (): Promise<void> => seen(() => !isThere(), 'its end');
      assert.equal(isThere(), false);
      const stalls = [diagnostics.onLoopStall(), diagnostics.onLoopStall({}, () => {})];
      stalls[0]?.close();
      stalls[0]?.close();
      await seen(isThere, 'its start');
      stalls[1]?.[Symbol.dispose]();
      await isGone();
      const worker = await startWorker(({ diagnostics: own }) => own.onLoopStall());
      await seen(isThere, 'its start');
      await worker.terminate();
      await isGone();
      diagnostics.onLoopStall();
    }));

  it('ends as an iterable with a close, and rejects with the reason of an abort', async () => {
    const closed = onLoopStall();
    const ended = closed.next();
    closed.close();
    assert.deepEqual([await ended, await closed.next()], Array(2).fill({ done: true, value: undefined }));
    const controller = new AbortController();
    const aborted = onLoopStall({ signal: controller.signal });
    const next = aborted.next();
    controller.abort();
    assert.equal(aborted.closed, true);
    await assert.rejects(next, { name: 'AbortError' });
    await assert.rejects(aborted.next(), { name: 'AbortError' });
    assert.throws(() => onLoopStall({ signal: controller.signal }), { name: 'AbortError' });
  });

  it('what is no option, and no listener', () => {
    for (const [options, code] of [
      [{ threshold: 1 }, 'ERR_SIGKIT_UNKNOWN_OPTION'],
      [{ thresholdMs: 9 }, 'ERR_OUT_OF_RANGE'],
      [{ minIntervalMs: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ report: 'file' }, 'ERR_OUT_OF_RANGE'],
      [{ report: null }, 'ERR_INVALID_ARG_TYPE'],
      [{ report: {} }, 'ERR_INVALID_ARG_TYPE'],
      [{ report: { file: '/dev/null', mode: 1 } }, 'ERR_SIGKIT_UNKNOWN_OPTION'],
      [{ signal: {} }, 'ERR_INVALID_ARG_TYPE'],
    ] as const)
      assert.throws(() => onLoopStall(options as LoopStallOptions), { code });
    assert.throws(() => onLoopStall({}, 'tell' as unknown as () => void), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

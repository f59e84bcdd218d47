import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { HookContext, ShutdownResult } from 'sigkit/shutdown';

import { outcomeOf, scenario } from '../../support/scenario.js';

describe('the reserve of a budget', () => {
  it('is a tenth, at least a second, at most a quarter, or what is said: a stage has the rest of the budget', () =>
    scenario(async ({ shutdown }) => {
      const kept: number[] = [];
      for (const [budgetMs, reserveMs] of [
        [300_000, undefined],
        [80_000, undefined],
        [8000, undefined],
        [2000, undefined],
        [200_000, 100_000],
        [200_000, 0],
      ] as const) {
        const ending = shutdown.createShutdown({ sigs: [], exit: 'none', budgetMs, reserveMs });
        let leftMs = 0;
        ending.add('hook', ({ remainingMs }) => void (leftMs = remainingMs()), { stage: 'flush' });
        const { durationMs } = await ending.shutdown();
        // It has been asked between the beginning and the end.
        const least = budgetMs - leftMs - durationMs;
        kept.push(Math.max(0, Math.round(least / 500) * 500));
      }
      assert.deepEqual(kept, [30_000, 8000, 1000, 500, 100_000, 0]);
    }));

  it('is for what follows a stage that hangs: half of what is left for each that hangs, too', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none', budgetMs: 1200, reserveMs: 600 });
      // It is not the stage's time-out that is over.
      ending.stage('drain', { timeoutMs: 60_000, onTimeout: 'abort' });
      const aborted: unknown[] = [];
      const hang = ({ signal }: HookContext): Promise<void> => {
        signal.addEventListener('abort', () => aborted.push(signal.reason));
        return new Promise(() => {});
      };
      ending
        .add('needed', () => {}, { stage: 'drain' })
        .add('requests', hang, { stage: 'drain', dependsOn: 'needed' })
        .add('pool', { release: hang })
        .add('logs', () => {}, { stage: 'flush' });
      const { hooks, forced, durationMs } = await ending.shutdown();
      assert.deepEqual(
        hooks.map(({ name, outcome }) => `${name} ${outcome}`),
        ['requests timed-out', 'needed skipped', 'pool timed-out', 'logs done'],
      );
      assert.deepEqual([forced, ending.state], [true, 'forced']);
      assert.deepEqual(aborted, [hooks[0]?.error, hooks[2]?.error]);
      const pattern = /^TimeoutError: the stage '(\w+)' has not ended within (\d+) ms, all that the budget leaves it$/;
      const told = aborted.map((error) => pattern.exec(String(error)));
      assert.deepEqual(
        told.map((match) => match?.[1]),
        ['drain', 'release'],
      );
      const [first = 0, second = 0] = told.map((match) => Number(match?.[2]));
      assert.ok(first <= 600 && second <= 300 && second >= 1, `${first} and ${second} ms`);
      assert.ok(durationMs >= first + second - 2, `${durationMs} ms`);
    }));

  it('moves with extend(), as the deadlines do', () =>
    scenario(async ({ shutdown, timers }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none', budgetMs: 800, reserveMs: 400 });
      const slow = async ({ extend }: HookContext): Promise<void> => {
        extend(60_000);
        await timers.setTimeout(450);
      };
      const left: number[] = [];
      const look = ({ remainingMs }: HookContext): void => void left.push(remainingMs());
      ending.add('slow', slow, { stage: 'drain' }).add('next', look);
      const { hooks, forced } = await ending.shutdown();
      assert.deepEqual([hooks[0]?.outcome, forced], ['done', false]);
      assert.ok((left[0] ?? 0) > 30_000 && (left[0] ?? 0) < 60_400, `${left[0]} ms`);
    }));

  it('shortens a drain delay that would take all of it', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none', drainDelayMs: 1_000_000, budgetMs: 400 });
      const { hooks, forced } = await ending.add('hook', () => {}).shutdown();
      assert.deepEqual([hooks.map(({ outcome }) => outcome), forced], [['done'], false]);
    }));

  it('is not needed for what was expected to hang', async () => {
    const { signal, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
      const ending = shutdown.createShutdown({ budgetMs: 2000 });
      ending.add('jobs', () => new Promise(() => {}), { stage: 'drain', expected: true });
      sigkit.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
    assert.deepEqual([signal, stderr.replace(/.*Warning.*\n/g, '')], ['SIGTERM', '']);
  });

  it('has the rest run, the line on stderr say what hung, and the exit status be that of the deadline', async () => {
    const { code, stdout, stderr } = await outcomeOf(({ shutdown, sigkit, fs }) => {
      const say = (line: string) => (): void => void fs.writeSync(1, `${line}\n`);
      const ending = shutdown.createShutdown({ budgetMs: 1000 });
      ending
        .add('http', () => new Promise(() => {}), { stage: 'drain' })
        .add('queue', () => {}, { stage: 'drain' })
        .add('pool', say('pool'))
        .add('logs', say('logs'), { stage: 'flush' });
      const tell = ({ exitCode, exitSignal, forced }: ShutdownResult): void =>
        say(JSON.stringify([exitCode, exitSignal, forced]))();
      void ending.done.then(tell);
      process.on('exit', (status) => say(`exit ${status}`)());
      sigkit.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
    assert.deepEqual([code, stdout], [124, 'pool\nlogs\n[124,null,true]\nexit 124\n'], stderr);
    const line = String.raw`^sigkit: SIGTERM from pid \d+ \(uid \d+\): the deadline after (\d+) ms, in draining: http; event loop blocked for \d+ ms(?:, (?:at|in) [^;]+)?; exit 124\n$`;
    assert.match(stderr, new RegExp(line));
    assert.ok(Number(new RegExp(line).exec(stderr)?.[1]) >= 749, stderr);
  });

  for (const [how, flushes] of [
    ["a hook of 'flush'", 'flush'],
    ['the exit', 'exit'],
  ] as const)
    it(`brings 50 lines of a transport in a Worker to the disk, which ${how} ends, though a hook hangs`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-transport-'));
      const file = path.join(folder, 'log');
      try {
        const { code, stderr } = await outcomeOf(
          async ({ shutdown, sigkit, workerThreads, events }) => {
            const { FLUSHES: flushes, FILE: file } = process.env;
            // As pino's: it takes lines at once, and writes them when it is told to, or at the exit.
            const transport = `const { parentPort, workerData } = require('node:worker_threads');
              const fs = require('node:fs');
              const lines = [];
              parentPort.on('message', (line) => {
                if (line !== 'flush') return void lines.push(line);
                fs.writeFileSync(workerData.file, lines.join(''));
                Atomics.store(workerData.state, 0, 1);
                Atomics.notify(workerData.state, 0);
                parentPort.postMessage('flushed');
              });
              parentPort.postMessage('ready');`;
            const state = new Int32Array(new SharedArrayBuffer(4));
            const worker = new workerThreads.Worker(transport, { eval: true, workerData: { file, state } });
            await events.once(worker, 'message');
            worker.unref();
            const ending = shutdown.createShutdown({ budgetMs: 3000 });
            for (let line = 1; line <= 50; line += 1) worker.postMessage(`line ${line}\n`);
            ending.add('hangs', () => new Promise(() => {}), { stage: 'drain' });
            const flush = async (): Promise<void> => {
              worker.postMessage('flush');
              await events.once(worker, 'message');
            };
            if (flushes === 'flush') ending.add('logs', flush, { stage: 'flush' });
            else
              process.on('exit', () => {
                worker.postMessage('flush');
                Atomics.wait(state, 0, 0);
              });
            setInterval(() => {}, 1000);
            sigkit.kill(process.pid, 'SIGTERM');
          },
          { wrapper: ['env', `FLUSHES=${flushes}`, `FILE=${file}`] },
        );
        assert.equal(code, 124, stderr);
        assert.equal(readFileSync(file, 'utf8').split('\n').length, 51);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
});

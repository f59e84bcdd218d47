import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { captureStacks, type ThreadStack } from 'sigkit/diagnostics';

import { hasMusl, withCalls } from '../support/calls.js';
import { startChild } from '../support/child.js';
import { scenario } from '../support/scenario.js';

// Under a sanitizer process.execPath is a script that starts it.
const program = realpathSync('/proc/self/exe');
const hung = fileURLToPath(new URL('../fixtures/diagnostics/hung.js', import.meta.url));

// Which alias V8 adds differs between its versions.
const names = ({ frames }: ThreadStack): (string | null)[] =>
  frames.map((frame) => frame.function?.replace(/ \[as .*\]$/, '') ?? null);

describe('captureStacks', () => {
  withCalls();
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sigkit-stacks-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function stackOf(
    kind: string,
    who: 'main' | 'worker' = 'main',
    nodeOptions: readonly string[] = [],
    nativeFunction: string = '',
  ): Promise<ThreadStack> {
    const own = mkdtempSync(path.join(folder, 'hung-'));
    if (kind === 'fifo') execFileSync('mkfifo', [path.join(own, 'fifo')]);
    const { stdout, stderr } = await startChild(hung, { args: [kind, who, own, nativeFunction], nodeOptions }).ended;
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as ThreadStack;
  }

  for (const [kind, frames] of [
    ['loop', ['Object.endlessLoop', 'hangNow']],
    ['regexp', ['RegExp.test', 'Object.regexp', 'hangNow']],
    ['wait', ['Atomics.wait', 'Object.wait', 'hangNow']],
    ['recursion', ['endlessLoop', 'recurse', 'recurse']],
    ['sort', ['endlessLoop', 'compare', 'Array.sort', 'Object.sort', 'hangNow']],
    ['getter', ['endlessLoop', 'get stuck', 'Object.getter', 'hangNow']],
    ['proxy', ['endlessLoop', 'Object.has', 'Object.proxy', 'hangNow']],
    ['finalizer', ['endlessLoop', 'finalizer']],
    ['wasm', [null, 'Object.wasm', 'hangNow']],
  ] as const) {
    it(`of a main thread that hangs: ${kind}`, async () => {
      const stack = await stackOf(kind, 'main', ['--expose-gc']);
      assert.equal(stack.state, 'running');
      const found = names(stack);
      const start = found.indexOf(frames[0]);
      assert.deepEqual(found.slice(start, start + frames.length), frames, String(found));
      assert.equal(stack.frames[start]?.native, kind === 'regexp' || kind === 'wait');
      if (kind === 'wasm') assert.match(stack.frames[start]?.file ?? '', /^wasm:\/\/wasm\//);
    });
  }

  it('the place of each frame, in a file that is an ES module', async () => {
    const { frames } = await stackOf('loop');
    const place = frames.find((frame) => frame.function === 'hangNow');
    assert.equal(place?.file, new URL('../fixtures/diagnostics/hung.js', import.meta.url).href);
    assert.ok(Number(place?.line) > 1 && Number(place?.column) >= 1, JSON.stringify(place));
  });

  // musl has no tables by which one could get out of its functions.
  for (const [kind, call, nativeFunction, file] of [
    ['exec', /^epoll_p?wait$/, hasMusl() ? '' : 'node::SyncProcessRunner::', program],
    ['fifo', /^open(?:at)?$/, hasMusl() ? '' : 'node::fs::', program],
    ['lock', /^futex$/, hasMusl() ? '' : 'in_a_lock', () => process.env['SIGKIT_TEST_CALLS']],
    ['crypto', null, 'PBKDF2', program],
    ['json', null, 'v8::internal::Json', program],
  ] as const) {
    it(`of a main thread in native code: ${kind}`, async () => {
      const stack = await stackOf(kind, 'main', [], nativeFunction);
      assert.equal(stack.state, 'native');
      assert.ok(stack.blockedMs >= 50, String(stack.blockedMs));
      if (call === null) assert.ok(kind === 'json' || stack.syscall === null);
      else assert.match(String(stack.syscall), call);
      const frame = stack.nativeFrames.find((one) => one.function?.includes(nativeFunction));
      assert.ok(frame !== undefined && frame.offset > 0, JSON.stringify(stack.nativeFrames));
      if (nativeFunction !== '') assert.equal(frame.file, typeof file === 'function' ? file() : file);
    });
  }

  it('of a stack that overflows again and again', async () => {
    const { state, frames, framesOmitted } = await stackOf('overflow');
    assert.equal(state, 'running');
    assert.ok(frames.length <= 200 && framesOmitted < 2500, `${frames.length} and ${framesOmitted}`);
  });

  it('of a main thread that has nothing to do', async () => {
    const { state, blockedMs, frames } = await stackOf('idle');
    assert.deepEqual({ state, blockedMs, frames }, { state: 'idle', blockedMs: 0, frames: [] });
  });

  it('of a Worker, asked by the main thread', async () => {
    for (const kind of ['loop', 'idle']) {
      const stack = await stackOf(kind, 'worker');
      assert.ok(['other', 'Worker 1'].includes(stack.name), stack.name);
      assert.equal(stack.threadId, 1);
      assert.equal(stack.state, kind === 'idle' ? 'idle' : 'running');
      assert.equal(names(stack).includes('hangNow'), kind === 'loop');
    }
  });

  it('of Workers without a name', async () => {
    await scenario(async ({ diagnostics, startWorker }) => {
      const workers = await Promise.all([1, 2].map(async () => startWorker(() => {})));
      const found = diagnostics.captureStacks().map(({ name }) => name);
      assert.deepEqual(found, ['main', 'Worker 1', 'Worker 2']);
      for (const worker of workers) await worker.terminate();
    });
  });

  it('of the thread that asks', () => {
    const [main] = captureStacks();
    assert.deepEqual([main?.name, main?.threadId, main?.tid, main?.state], ['main', 0, process.pid, 'running']);
    assert.match(main?.frames[0]?.file ?? '', /\/dist\/package\//);
  });

  it('of 16 Workers that hang at once', async () => {
    await scenario(async ({ diagnostics, startWorker, until, workerThreads }) => {
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const workers = await Promise.all(
        Array.from({ length: 16 }, () =>
          startWorker(({ workerThreads: { parentPort } }) => {
            function hangInWorker(shared: Int32Array): void {
              while (Atomics.load(shared, 0) === 0);
            }
            parentPort?.on('message', hangInWorker);
          }),
        ),
      );
      for (const worker of workers) worker.postMessage(flag);
      const hanging = (): number =>
        diagnostics
          .captureStacks({ timeoutMs: 5000 })
          .filter(({ frames }) => frames.some((frame) => frame.function?.endsWith('hangInWorker'))).length;
      await until(() => hanging() === 16, 'the stacks of all');
      assert.equal(workerThreads.isMainThread, true);
      Atomics.store(flag, 0, 1);
      await Promise.all(workers.map(async (worker) => worker.terminate()));
      assert.equal(diagnostics.captureStacks().length, 1);
    });
  });

  it('two threads that ask each other answer each other', async () => {
    await scenario(async ({ diagnostics, startWorker, workerThreads, events }) => {
      assert.equal(workerThreads.isMainThread, true);
      const worker = await startWorker(({ diagnostics: own, workerThreads: { parentPort } }) => {
        parentPort?.on('message', () => {
          let unanswered = 0;
          for (let count = 0; count < 500; count += 1)
            if (own.captureStacks({ timeoutMs: Infinity })[0]?.state === 'native') unanswered += 1;
          parentPort?.postMessage(unanswered);
        });
      });
      worker.postMessage('go');
      let unanswered = 0;
      for (let count = 0; count < 500; count += 1)
        if (diagnostics.captureStacks({ timeoutMs: Infinity })[1]?.state === 'native') unanswered += 1;
      assert.deepEqual([unanswered, ...((await events.once(worker, 'message')) as unknown[])], [0, 0]);
      await worker.terminate();
    });
  });

  it('Workers that wait for answers without end do not keep a process from its end', async () => {
    await scenario(
      async ({ diagnostics, startWorker, events }) => {
        assert.equal(diagnostics.captureStacks().length, 1);
        const workers = await Promise.all(
          Array.from({ length: 3 }, () =>
            startWorker(({ diagnostics: own, workerThreads: { parentPort } }) => {
              parentPort?.on('message', () => {
                parentPort.postMessage('asks');
                for (;;) own.captureStacks({ timeoutMs: Infinity });
              });
            }),
          ),
        );
        for (const worker of workers) worker.postMessage('go');
        await Promise.all(workers.map(async (worker) => events.once(worker, 'message')));
        process.exit(5);
      },
      { code: 5 },
    );
  });

  it('a request that is answered late disturbs nobody', async () => {
    await scenario(async ({ diagnostics, startWorker, events }) => {
      const worker = await startWorker(({ childProcess, workerThreads: { parentPort } }) => {
        parentPort?.on('message', () => {
          childProcess.execFileSync('sleep', ['0.3']);
          parentPort?.postMessage('over');
        });
      });
      worker.postMessage('go');
      let late = 0;
      const over = events.once(worker, 'message');
      const poll = setInterval(() => {
        if (diagnostics.captureStacks({ timeoutMs: 0 })[1]?.state === 'native') late += 1;
      }, 5);
      await over;
      clearInterval(poll);
      assert.ok(late > 0);
      await worker.terminate();
    });
  });

  it('what is no option, and no time', () => {
    assert.throws(() => captureStacks({ timeout: 1 } as object), { code: 'ERR_SIGKIT_UNKNOWN_OPTION' });
    assert.throws(() => captureStacks({ timeoutMs: -1 }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => captureStacks({ timeoutMs: '1' as unknown as number }), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

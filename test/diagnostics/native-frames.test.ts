import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { withCalls } from '../support/calls.js';
import { scratch } from '../support/init.js';
import { scenario } from '../support/scenario.js';

const inRepository = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

describe('native frames', () => {
  withCalls();

  // poll(2), nanosleep(2), semtimedop(2), epoll_wait(2), recv(2) with a time-out and a futex(2) with one fail with EINTR when a handler
  // has run, whatever SA_RESTART says: signal(7).
  it('a thread in a system call does not notice that it has been looked at, nor does one that computes', () =>
    scenario(async ({ diagnostics, signalState, startWorker, until }) => {
      const calls = ['in_poll', 'in_nanosleep', 'in_epoll', 'in_semtimedop', 'in_recv', 'in_semaphore', 'in_a_loop'];
      const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
      // With musl one cannot get out of its functions.
      const all = header.glibcVersionRuntime === undefined ? ['in_a_loop'] : calls;
      const before = signalState();
      const shared = new Int32Array(new SharedArrayBuffer(8));
      const results: [name: string, error: number][] = [];
      const worker = await startWorker(({ openCalls, workerThreads: { parentPort } }) => {
        const call = openCalls();
        parentPort?.on('message', ([names, flag]: [readonly string[], Int32Array]) => {
          while (Atomics.load(flag, 0) === 0) for (const name of names) parentPort.postMessage([name, call(name, 30)]);
        });
      });
      worker.on('message', (result: [name: string, error: number]) => results.push(result));
      worker.postMessage([calls, shared]);
      const seen = new Set<string>();
      await until(() => {
        const [, other] = diagnostics.captureStacks({ timeoutMs: 2 });
        for (const { function: name } of other?.nativeFrames ?? []) if (name?.startsWith('in_')) seen.add(name);
        return all.every((name) => seen.has(name)) && results.length >= 2 * calls.length;
      }, 'frames of all');
      Atomics.store(shared, 0, 1);
      await worker.terminate();
      // EAGAIN and ETIMEDOUT.
      const expected: Record<string, number> = { in_semtimedop: 11, in_recv: 11, in_semaphore: 110 };
      for (const [name, error] of results) assert.equal(error, expected[name] ?? 0, name);
      assert.deepEqual(signalState(), before);
    }));

  it('of a thread that hangs in the loading of a library, whose loader nobody may ask by then', async () => {
    const library = path.join(scratch(), 'loading.node');
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, inRepository('test/fixtures/diagnostics/loading.c')]);
    process.env['SIGKIT_TEST_LIBRARY'] = library;
    await scenario(async ({ startWorker }) => {
      const library = process.env['SIGKIT_TEST_LIBRARY'] ?? '';
      process.env['SIGKIT_TEST_GO'] = `${library}.go`;
      const worker = await startWorker(({ diagnostics, fs, until }) => {
        const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
        // With musl one cannot get out of its functions.
        const wanted = header.glibcVersionRuntime === undefined ? '' : 'hang_in_loading';
        const isThere = (): boolean =>
          diagnostics.captureStacks()[0]?.nativeFrames.some((frame) => frame.function?.includes(wanted)) === true;
        void until(isThere, 'its place').then(() => fs.writeFileSync(process.env['SIGKIT_TEST_GO'] ?? '', ''));
      });
      // It is no addon.
      assert.throws(() => process.dlopen({ exports: {} }, library));
      await worker.terminate();
    }).finally(() => delete process.env['SIGKIT_TEST_LIBRARY']);
  });

  it('a signal that comes when nobody waits any more does nothing, and what is not ours does what it did', () => {
    const program = path.join(scratch(), 'sample-probe');
    const parts = [
      'stack_sample',
      'thread_status',
      'futex',
      'syscalls',
      'unwind',
      'unwind_table',
      'loaded_code',
      'dwarf_reader',
    ];
    const sources = parts.map((name) => inRepository(`native/posix/${name}.cc`));
    const options = ['-std=c++20', '-Wall', '-Wextra', '-Werror', `-I${inRepository('native')}`, '-pthread'];
    execFileSync('g++', [...options, '-o', program, inRepository('test/fixtures/sample-probe.cc'), ...sources]);
    execFileSync(program);
  });
});

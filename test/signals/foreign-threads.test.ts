import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { scenario } from '../support/scenario.js';

describe('threads that sigkit cannot signal', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-thread-'));
  const library = path.join(folder, 'foreign-thread.so');
  const withThread = (mode: string): string[] => ['env', `FOREIGN_THREAD=${mode}`, `LD_PRELOAD=${library}`];

  before(() => {
    const source = fileURLToPath(new URL('../../../test/fixtures/foreign-thread.c', import.meta.url));
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, source, '-lpthread']);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const mode of ['sleeps', 'spins']) {
    it(`one that blocks everything and ${mode} does not hang the call, and is in no danger`, () =>
      scenario(
        ({ sigkit, diagnosticsChannel, signalState }) => {
          const before = signalState();
          const closed = sigkit.threads().filter(({ blocked }) => blocked.size >= 60).length;
          assert.ok(closed >= 2);
          const reports: { alreadyBlocked: number; unreachable: number[] }[] = [];
          diagnosticsChannel.subscribe('sigkit:masks', (report) => reports.push(report as (typeof reports)[number]));
          const stream = sigkit.signals('SIGHUP');
          // Node's inspector thread, and this one.
          assert.deepEqual([reports[0]?.alreadyBlocked, reports[0]?.unreachable], [closed, []]);
          sigkit.kill(process.pid, 'SIGHUP');
          assert.equal(stream.poll()?.signal, 'SIGHUP');
          stream.close();
          assert.deepEqual(signalState(), before);
        },
        { wrapper: withThread(mode) },
      ));
  }

  it('one that could still get the signal is reported by a claim, which holds all the same', () =>
    scenario(
      async ({ sigkit, shutdown, diagnosticsChannel, signalState, arrives }) => {
        const before = signalState();
        const foreign = sigkit.threads().find(({ blocked }) => blocked.size > 50 && !blocked.has('SIGHUP'));
        const reports: { unreachable: number[] }[] = [];
        diagnosticsChannel.subscribe('sigkit:masks', (report) => reports.push(report as (typeof reports)[number]));
        const begin = performance.now();
        for (let round = 0; round < 20; round += 1) {
          const stream = sigkit.signals(['SIGHUP', 'SIGTERM']);
          assert.deepEqual(reports.at(-1)?.unreachable, [foreign?.tid]);
          await arrives(stream, ['SIGHUP', 'SIGTERM'], 5);
          stream.close();
        }
        // As none has waited a second for an answer.
        assert.ok(performance.now() - begin < 15_000);
        assert.deepEqual(signalState(), before);
        const ordered = shutdown.createShutdown({ sigs: ['SIGHUP', 'SIGTERM'] });
        await ordered[Symbol.asyncDispose]();
        assert.deepEqual(signalState(), before);
      },
      { wrapper: withThread('open') },
    ));

  it('one that could still get the signal makes what promises to block it fail, with a report, and nothing is left behind', () =>
    scenario(
      ({ sigkit, signalState }) => {
        const before = signalState();
        const foreign = sigkit.threads().find(({ blocked }) => blocked.size > 50 && !blocked.has('SIGHUP'));
        const expected = (error: Error & { code?: string; report?: { unreachable: number[] } }): boolean => {
          assert.equal(error.code, 'ERR_SIGKIT_UNREACHABLE_THREADS');
          assert.deepEqual(error.report?.unreachable, [foreign?.tid]);
          return true;
        };
        for (let round = 0; round < 2; round += 1) {
          assert.throws(() => sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP'), expected);
          assert.throws(() => sigkit.blockSignals(['SIGHUP', 'SIGTERM']), expected);
          assert.deepEqual(signalState(), before);
        }
        // What the caller blocks for itself is its own again.
        sigkit.pthreadSigmask('SIG_BLOCK', 'SIGUSR2');
        assert.throws(() => sigkit.sigprocmask('SIG_SETMASK', ['SIGHUP']), expected);
        assert.deepEqual([...sigkit.pthreadSigmask('SIG_UNBLOCK', 'SIGUSR2')], ['SIGUSR2']);
        assert.deepEqual(signalState(), before);
        // Nor is a claim harmed that holds already.
        const stream = sigkit.signals('SIGHUP');
        const claimed = signalState();
        assert.throws(() => sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP'), expected);
        assert.throws(() => sigkit.blockSignals('SIGHUP'), expected);
        assert.deepEqual(signalState(), claimed);
        sigkit.kill(process.pid, 'SIGHUP');
        stream.close();
        assert.deepEqual(signalState(), before);
        // Other signals are no matter to it.
        const section = sigkit.blockSignals('SIGTERM');
        section.unblock();
        assert.deepEqual(signalState(), before);
      },
      { wrapper: withThread('open') },
    ));
});

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { everywhere, portable } from '../support/backends.js';
import { outcomeOf, scenario } from '../support/scenario.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

for (const { name, ...backend } of everywhere) {
  describe(`claims, ${name}`, () => {
    it('a stream tells of each signal, from the claim to its end', () =>
      scenario(async ({ sigkit, until }) => {
        const stream = sigkit.signals(['SIGUSR2', 'SIGWINCH']);
        sigkit.kill(process.pid, 'SIGUSR2');
        const { value } = await stream.next();
        assert.deepEqual([value?.signal, value?.number, value?.count], ['SIGUSR2', 12, 1]);
        assert.ok(Math.abs((value?.time ?? 0) - performance.now()) < 20_000);
        assert.equal('value' in (value ?? {}), false);
        assert.equal(stream.poll(), null);
        sigkit.kill(process.pid, 'SIGWINCH');
        await until(() => stream.queued === 1, 'it is queued');
        stream.close();
        assert.equal(stream.closed, true);
        assert.equal((await stream.next()).value?.signal, 'SIGWINCH');
        assert.equal((await stream.next()).done, true);
      }, backend));

    it('what is no longer claimed ends the process again', async () => {
      const stdout = await scenario(
        async ({ sigkit }) => {
          const alive = setTimeout(() => {}, 20_000);
          const stream = sigkit.signals('SIGUSR2');
          sigkit.kill(process.pid, 'SIGUSR2');
          for await (const info of stream) {
            console.log(info.signal);
            break;
          }
          sigkit.kill(process.pid, 'SIGUSR2');
          clearTimeout(alive);
        },
        { ...backend, signal: 'SIGUSR2' },
      );
      assert.equal(stdout, 'SIGUSR2\n');
    });

    it('each of several streams of a signal gets it', () =>
      scenario(async ({ sigkit }) => {
        const streams = [sigkit.signals('SIGUSR2'), sigkit.signals(['SIGUSR2', 'SIGHUP'])];
        const read = streams.map((stream) => stream.next());
        sigkit.kill(process.pid, 'SIGUSR2');
        for (const { value } of await Promise.all(read)) assert.equal(value?.signal, 'SIGUSR2');
        streams[0]?.close();
        sigkit.kill(process.pid, 'SIGUSR2');
        assert.equal((await streams[1]?.next())?.value?.signal, 'SIGUSR2');
        streams[1]?.close();
      }, backend));

    it('a full queue merges, or drops what it is told to', () =>
      scenario(async ({ sigkit, until }) => {
        const merging = sigkit.signals('SIGUSR2', { capacity: 1 });
        const dropping = sigkit.signals('SIGUSR2', { capacity: 1, overflow: 'drop-oldest' });
        const seen = sigkit.signals('SIGUSR2');
        for (let sent = 1; sent <= 3; sent += 1) {
          sigkit.kill(process.pid, 'SIGUSR2');
          await until(() => seen.queued === sent, `${sent} have come`);
        }
        assert.equal(merging.poll()?.count, 3);
        assert.equal(dropping.poll()?.count, 1);
        assert.deepEqual([merging.dropped, dropping.dropped, dropping.queued], [0, 2, 0]);
        for (const stream of [merging, dropping, seen]) await stream.return();
      }, backend));

    it('waitForSignal takes one, gives up in time, and is aborted', () =>
      scenario(async ({ sigkit }) => {
        const waiting = sigkit.waitForSignal('SIGUSR2');
        sigkit.kill(process.pid, 'SIGUSR2');
        assert.equal((await waiting)?.signal, 'SIGUSR2');
        assert.equal(await sigkit.waitForSignal('SIGUSR2', { timeoutMs: 0 }), null);
        assert.equal(await sigkit.waitForSignal('SIGUSR2', { timeoutMs: 5 }), null);
        const aborted = sigkit.waitForSignal('SIGUSR2', { signal: AbortSignal.timeout(5) });
        await assert.rejects(aborted, { name: 'AbortError' });
      }, backend));

    it('abortOnSignal aborts, and keeps no process alive', () =>
      scenario(async ({ sigkit, events }) => {
        const { signal } = sigkit.abortOnSignal('SIGUSR2');
        sigkit.kill(process.pid, 'SIGUSR2');
        const aborted = events.once(signal, 'abort');
        const alive = setTimeout(() => {}, 20_000);
        await aborted;
        clearTimeout(alive);
        assert.match(String(signal.reason), /Received SIGUSR2/);
        sigkit.abortOnSignal('SIGHUP');
      }, backend));

    it('an open stream keeps the process alive, unless it is unref', async () => {
      const held = scenario(({ sigkit }) => {
        const stream = sigkit.signals('SIGUSR2');
        void stream.next().then(() => stream.close());
        setTimeout(() => sigkit.kill(process.pid, 'SIGUSR2'), 50).unref();
        process.on('exit', () => console.log('exit', stream.closed));
      }, backend);
      assert.equal(await held, 'exit true\n');
      await scenario(({ sigkit }) => void sigkit.signals('SIGUSR2').unref(), backend);
    });

    it('listeners of process.on hear it too, but not beside an exclusive claim', () =>
      scenario(async ({ sigkit }) => {
        const heard: string[] = [];
        const before = (): unknown => heard.push('before');
        const removed = (): unknown => heard.push('removed');
        process.on('SIGUSR2', before);
        process.once('SIGUSR2', removed);
        const shared = sigkit.signals('SIGUSR2');
        const turn = async (): Promise<string> => {
          sigkit.kill(process.pid, 'SIGUSR2');
          await shared.next();
          await new Promise((resolve) => setTimeout(resolve, 20));
          return heard.splice(0).join();
        };
        assert.equal(await turn(), 'before,removed');
        const exclusive = sigkit.signals('SIGUSR2', { exclusive: true });
        process.on('SIGUSR2', removed);
        process.once('SIGUSR2', () => heard.push('later'));
        await Promise.resolve();
        process.off('SIGUSR2', removed);
        assert.equal(await turn(), '');
        exclusive.close();
        assert.equal(await turn(), 'before,later');
        // Bun does not tell that it was to be called once.
        const isBun = 'bun' in process.versions;
        assert.equal(await turn(), isBun ? 'before,later' : 'before');
        if (isBun) process.removeAllListeners('SIGUSR2').on('SIGUSR2', before);
        shared.close();
        assert.deepEqual(process.listeners('SIGUSR2'), [before]);
      }, backend));
  });
}

describe('claims by process.on', () => {
  it('of two copies of sigkit leave each other alone', async () => {
    const copy = mkdtempSync(path.join(tmpdir(), 'sigkit-copy-'));
    try {
      for (const part of ['dist/lib', 'package.json'])
        cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
      await scenario(
        async ({ sigkit, importCopy }) => {
          const other = await importCopy(`${process.env['COPY']}/dist/lib/index.js`);
          assert.notEqual(other.signals, sigkit.signals);
          const streams = [other.signals('SIGUSR2'), sigkit.signals('SIGUSR2', { exclusive: true })];
          sigkit.kill(process.pid, 'SIGUSR2');
          for (const stream of streams) assert.equal((await stream.next()).value?.signal, 'SIGUSR2');
          for (const stream of streams) stream.close();
        },
        { wrapper: [...portable.wrapper, `COPY=${copy}`] },
      );
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('know no sender but this process itself, and say so', () =>
    scenario(async ({ sigkit, sendByShell }) => {
      const wasOwn = Object.hasOwn(process, 'kill');
      const stream = sigkit.signals('SIGUSR2');
      sendByShell('USR2');
      const { time: _, ...info } = (await stream.next()).value ?? {};
      const unknown = {
        signal: 'SIGUSR2',
        number: 12,
        code: 'unknown',
        origin: 'unknown',
        pid: null,
        uid: null,
        count: 1,
      };
      assert.deepEqual(info, unknown);
      process.kill(process.pid, 'SIGUSR2');
      const { value: own } = await stream.next();
      assert.deepEqual([own?.origin, own?.pid, own?.uid], ['process', process.pid, process.getuid?.()]);
      stream.close();
      assert.equal(Object.hasOwn(process, 'kill'), wasOwn);
    }, portable));

  it('are told of by no warning when they are collected unread, and released with one', async () => {
    const { stderr, code } = await outcomeOf(
      async ({ sigkit, until }) => {
        void sigkit.signals('SIGUSR2', { ref: false });
        const { gc } = globalThis as { gc?: () => void };
        await until(() => (gc?.(), process.listenerCount('SIGUSR2') === 0), 'it is released');
      },
      { ...portable, nodeOptions: ['--expose-gc'] },
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /A SignalStream of SIGUSR2 was garbage-collected without close/);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { kill, type Signal, sigqueue } from 'sigkit';

import { describeTransports } from '../support/transport.js';
import { runFixture, startFixture } from './scenario.js';

describeTransports('delivery under load', () => {
  it('takes 500 spaced sends each of SIGUSR2, SIGTERM, SIGHUP and SIGRTMIN, with pool, Workers and watcher busy', async function () {
    this.timeout(240_000);
    const child = startFixture('spaced');
    child.stderr?.pipe(process.stderr);
    const ended = once(child, 'exit');
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'ready');
    const pid = child.pid!;
    for (const signal of ['SIGUSR2', 'SIGTERM', 'SIGHUP', 'SIGRTMIN'] satisfies Signal[]) {
      for (let sent = 0; sent < 500; sent += 1) {
        if (signal === 'SIGRTMIN') sigqueue(pid, signal, sent);
        else kill(pid, signal);
        assert.equal((await lines.next()).value, `${signal} ${process.pid}`, `${signal} number ${sent}`);
      }
    }
    child.stdin?.end('stop\n');
    assert.deepEqual(await ended, [0, null]);
  });

  it('reads 1,000,000 queued signals by a plain for await: all there, in order', async function () {
    this.timeout(300_000);
    await runFixture('million', [1_000_000, 0], 280_000);
  });

  it('loses none of 1,000,000 to a reader that sleeps 1 ms per 100 events', async function () {
    this.timeout(300_000);
    await runFixture('million', [1_000_000, 100], 280_000);
  });

  it('loses none of 50,000 while the loop is blocked for 2 s, and tells when each was taken', async function () {
    this.timeout(120_000);
    await runFixture('blocked-loop', [], 100_000);
  });

  it('makes no wake-ups while nothing arrives', async () => {
    await runFixture('idle', [], 50_000);
  });
});

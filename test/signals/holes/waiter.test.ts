import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { needNoThreadSanitizer } from '../../fixtures/process/means.js';
import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';
import { describeTransports } from '../../support/transport.js';

describeTransports('what others do to the doorbell', () => {
  withProbe();

  it('a doorbell that SIG_IGN has flushed hangs nobody', () =>
    scenario(async ({ sigkit, openProbe, arrives }) => {
      const probe = openProbe();
      for (let round = 0; round < 200; round += 1) {
        const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
        probe.setIgnored('SIGFPE');
        probe.setDefault('SIGFPE');
        if (round % 20 === 0) await arrives(stream, ['SIGTERM', 'SIGRTMIN'], 3);
        stream.close();
      }
    }));

  it('nor does one that is flushed at any moment', () =>
    scenario(async ({ sigkit, openProbe, arrives, workerThreads, events }) => {
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const flushing = `
        const { workerData: { flag, probe } } = require('node:worker_threads');
        const module_ = { exports: {} };
        process.dlopen(module_, probe);
        while (Atomics.load(flag, 0) === 0) {
          module_.exports.call('setIgnored', '', 8);
        }`;
      openProbe();
      const workerData = { flag, probe: process.env['SIGKIT_TEST_PROBE'] };
      const worker = new workerThreads.Worker(flushing, { eval: true, workerData });
      await events.once(worker, 'online');
      for (let round = 0; round < 200; round += 1) {
        const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
        if (round % 20 === 0) await arrives(stream, ['SIGTERM', 'SIGRTMIN'], 3);
        stream.close();
      }
      Atomics.store(flag, 0, 1);
      await events.once(worker, 'exit');
    }));

  it('a handler that is chained above the tap of SIGCHLD is not called by what it calls', function () {
    needNoThreadSanitizer(this);
    return scenario(async ({ sigkit, openProbe, childProcess, events, until }) => {
      const probe = openProbe();
      // As long as it runs, libuv has its handler there, at the bottom.
      const lasting = childProcess.spawn('cat');
      const first = sigkit.signals('SIGCHLD');
      probe.install('SIGCHLD', { mode: 'chains' });
      first.close();
      for (let round = 0; round < 3; round += 1) {
        const stream = sigkit.signals('SIGCHLD');
        const handled = probe.handled('SIGCHLD');
        const child = childProcess.spawn('true');
        assert.deepEqual(await events.once(child, 'exit'), [0, null]);
        await until(() => stream.poll()?.pid === child.pid, 'the stream has seen its end');
        assert.ok(probe.handled('SIGCHLD') > handled);
        stream.close();
      }
      lasting.stdin.end();
      assert.deepEqual(await events.once(lasting, 'exit'), [0, null]);
    });
  });

  it('a handler that is chained above that of the broadcast is not called by what it calls', () =>
    scenario(
      async ({ sigkit, openProbe, timers }) => {
        const probe = openProbe();
        for (const signal of ['SIGILL', 'SIGSYS', 'SIGBUS', 'SIGTRAP'] as const) probe.install(signal);
        // A thread that does not answer keeps the handler standing, where it does.
        const actor = probe.start('vfork');
        const raising = probe.start('open');
        const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
        probe.install('SIGFPE', { mode: 'chains' });
        stream.close();
        for (let round = 0; round < 3; round += 1) sigkit.signals(['SIGTERM', 'SIGRTMIN']).close();
        actor.release();
        const again = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
        raising.raise('SIGFPE');
        // What it chains to is the default action, at last, or nothing.
        await timers.setImmediate();
        assert.ok(probe.handled('SIGFPE') >= 1);
        again.close();
        process.exitCode = 0;
        sigkit.exitBySignal('SIGFPE');
      },
      { signal: 'SIGFPE' },
    ));
});

describeTransports('who closes descriptors that are not his', () => {
  withProbe();
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-descriptors-'));

  before(() => {
    writeFileSync(path.join(folder, 'file'), 'A'.repeat(65_536));
    execFileSync('mkfifo', [path.join(folder, 'fifo')]);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const what of ['nothing', 'file', 'fifo', 'socket']) {
    it(`and puts ${what} under their numbers: no crash, no hang, and what is claimed after works`, () =>
      scenario(
        async ({ sigkit, openProbe, arrives, fs, timers }) => {
          const probe = openProbe();
          const first = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
          await arrives(first, ['SIGTERM', 'SIGRTMIN'], 3);
          const [folderOf = '', kind = ''] = (process.env['SIGKIT_TEST_UNDER'] ?? '').split(' ');
          // Nobody else here has such.
          const isOurs = (fd: string): boolean => {
            // The one by which it is listed has gone by now.
            if (fs.statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false }) === undefined) return false;
            return /\[signalfd\]$|\/task$/.test(fs.readlinkSync(`/proc/self/fd/${fd}`));
          };
          const ours = fs.readdirSync('/proc/self/fd').filter(isOurs).map(Number);
          assert.ok(ours.length >= 2);
          for (const fd of ours) {
            if (kind === 'nothing') probe.closeOne(fd);
            else if (kind === 'socket') probe.putSocket(fd);
            else probe.putFile(fd, `${folderOf}/${kind}`);
          }
          for (let sent = 0; sent < 5; sent += 1) {
            sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
            sigkit.kill(process.pid, 'SIGTERM');
            await timers.setImmediate();
          }
          first.close();
          const again = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
          await arrives(again, ['SIGUSR2', 'SIGRTMIN+5'], 5);
          again.close();
        },
        { wrapper: ['env', `SIGKIT_TEST_UNDER=${folder} ${what}`], deadlineMs: 30_000 },
      ));
  }
});

import assert from 'node:assert/strict';

import { needNoThreadSanitizer } from '../../fixtures/process/means.js';
import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';
import { describeTransports } from '../../support/transport.js';

describeTransports('what another library saved during a claim and puts back after the close', () => {
  withProbe();

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) {
    it(`leaves ${signal} the action that it had before the claim: it ends the process`, () =>
      scenario(
        async ({ sigkit, openProbe, timers }) => {
          const probe = openProbe();
          const name = process.env['SIGKIT_TEST_SIGNAL'] as 'SIGTERM';
          const stream = sigkit.signals(name);
          probe.save(name);
          stream.close();
          probe.restore(name);
          process.kill(process.pid, name);
          await timers.setTimeout(20_000);
        },
        { signal, wrapper: ['env', `SIGKIT_TEST_SIGNAL=${signal}`] },
      ));
  }

  it('leaves a listener its signals', () =>
    scenario(async ({ sigkit, openProbe, until }) => {
      const probe = openProbe();
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      const stream = sigkit.signals('SIGUSR2');
      probe.save('SIGUSR2');
      stream.close();
      probe.restore('SIGUSR2');
      for (let sent = 1; sent <= 3; sent += 1) {
        process.kill(process.pid, 'SIGUSR2');
        await until(() => heard === sent, 'the listener has heard it');
      }
    }));

  it('leaves a handler of another library its signals, and what was ignored ignored', () =>
    scenario(async ({ sigkit, openProbe, until }) => {
      const probe = openProbe();
      probe.install('SIGUSR2');
      probe.setIgnored('SIGHUP');
      const stream = sigkit.signals(['SIGUSR2', 'SIGHUP']);
      for (const signal of ['SIGUSR2', 'SIGHUP'] as const) probe.save(signal);
      stream.close();
      for (const signal of ['SIGUSR2', 'SIGHUP'] as const) probe.restore(signal);
      for (let sent = 1; sent <= 3; sent += 1) {
        sigkit.kill(process.pid, 'SIGHUP');
        sigkit.kill(process.pid, 'SIGUSR2');
        await until(() => probe.handled('SIGUSR2') === sent, 'the handler has been called');
      }
    }));

  it('does not stand in the way of the next claim, nor of what it leaves', () =>
    scenario(async ({ sigkit, openProbe, arrives }) => {
      const probe = openProbe();
      probe.setIgnored('SIGHUP');
      const before = probe.actions();
      for (let round = 0; round < 3; round += 1) {
        const stream = sigkit.signals(['SIGTERM', 'SIGHUP', 'SIGRTMIN']);
        probe.save('SIGHUP');
        stream.close();
        probe.restore('SIGHUP');
        const again = sigkit.signals(['SIGTERM', 'SIGHUP', 'SIGRTMIN']);
        const actor = probe.start('opening');
        actor.release();
        await arrives(again, ['SIGTERM', 'SIGHUP', 'SIGRTMIN']);
        again.close();
        actor.finish();
        sigkit.kill(process.pid, 'SIGHUP');
        probe.setIgnored('SIGHUP');
      }
      assert.deepEqual(probe.actions(), before);
    }));

  it('and what it puts back while the signal is claimed, as system(3) does, makes no hole', () =>
    scenario(async ({ sigkit, openProbe, arrives }) => {
      const probe = openProbe();
      // SIGINT and SIGQUIT are ignored while a command runs, and put back then.
      const stream = sigkit.signals(['SIGINT', 'SIGQUIT']);
      for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
        probe.save(signal);
        probe.setIgnored(signal);
      }
      for (const signal of ['SIGINT', 'SIGQUIT'] as const) probe.restore(signal);
      const actor = probe.start('opening');
      actor.release();
      await arrives(stream, ['SIGINT', 'SIGQUIT']);
      stream.close();
    }));
});

describeTransports('a child that other code forks during a claim', () => {
  withProbe();

  for (const how of ['forkOpen', 'open-vfork'] as const) {
    it(`gets signals of its own, by their default action: ${how}`, function () {
      if (how === 'open-vfork') needNoThreadSanitizer(this);
      return scenario(
        async ({ sigkit, openProbe, until, timers, fs }) => {
          const probe = openProbe();
          const shared = process.env['SIGKIT_TEST_FORK'] === 'open-vfork';
          for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGRTMIN+1'] as const) {
            const stream = sigkit.signals(['SIGHUP', 'SIGUSR2', 'SIGRTMIN+1']);
            const actor = shared ? probe.start('open-vfork') : null;
            if (actor !== null) await until(() => actor.count > 0, 'the child runs');
            const child = actor?.count ?? probe.forkOpen();
            const status = (): string => fs.readFileSync(`/proc/${child}/status`, 'utf8');
            await until(() => status().includes('SigBlk:\t0000000000000000'), 'the child is open');
            sigkit.kill(child, signal);
            if (actor === null) {
              assert.equal((await probe.statusOf(child)) & 0x7f, sigkit.signalNumber(signal));
            } else {
              actor.finish();
              assert.equal(actor.told & 0x7f, sigkit.signalNumber(signal));
            }
            for (let turn = 0; turn < 10; turn += 1) await timers.setImmediate();
            assert.equal(stream.poll(), null);
            stream.close();
          }
        },
        { wrapper: ['env', `SIGKIT_TEST_FORK=${how}`] },
      );
    });
  }
});

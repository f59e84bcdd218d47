import assert from 'node:assert/strict';

import { withProbe } from '../support/probe.js';
import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

// What a thread of another library does while a claim comes, and undoes after it. Text, as it goes into a scenario's own
// process by the environment.
const behaviours = ['asleep', 'running', 'restoring', 'ppoll', 'pselect', 'sigsuspend'];

describeTransports('a claim holds although a thread is open', () => {
  withProbe();
  after(() => void delete process.env['SIGKIT_TEST_BEHAVIOUR']);

  for (const behaviour of behaviours) {
    it(`of a library that is "${behaviour}" while the claim comes, and then opens again`, async () => {
      process.env['SIGKIT_TEST_BEHAVIOUR'] = behaviour;
      await scenario(async ({ sigkit, openProbe, bitsOf, arrives, signalState, until }) => {
        const probe = openProbe();
        // Before the first look: the handler by which it is woken belongs to it.
        probe.start('sigsuspend').finish();
        const before = [signalState(), probe.actions()];
        const actor = probe.start(process.env['SIGKIT_TEST_BEHAVIOUR'] as 'asleep');
        const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
        actor.release();
        // Others take most of what is sent to the process. Where this one is open, it takes what is sent to it alone.
        if ((actor.mask() & bitsOf('SIGTERM')) === 0n) {
          probe.tgkill(actor.tid, 'SIGTERM');
          await until(() => stream.poll()?.code === 'SI_TKILL', 'what was sent to the open thread has come');
        }
        await arrives(stream);
        stream.close();
        actor.finish();
        assert.deepEqual([signalState(), probe.actions()], before);
      });
    });
  }

  for (const how of ['asleep', 'running']) {
    it(`of a Worker that is ${how} inside a call of an addon, with everything blocked`, async () => {
      process.env['SIGKIT_TEST_BEHAVIOUR'] = how;
      await scenario(async ({ sigkit, openProbe, arrives, startWorker, until }) => {
        const probe = openProbe();
        const worker = await startWorker((tools) => {
          setTimeout(() => tools.openProbe().blockHere(process.env['SIGKIT_TEST_BEHAVIOUR'] as 'asleep'), 0);
        });
        await until(() => probe.blockedHere() === 1, 'the Worker is in the call');
        const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
        probe.openHere();
        await until(() => probe.blockedHere() === 0, 'the Worker has left the call');
        await arrives(stream);
        stream.close();
        await worker.terminate();
      });
    });
  }

  for (const blocks of ['nothing', 'everything']) {
    it(`in a handler that blocks ${blocks} while the claim comes, and whose return undoes the edit`, async () => {
      process.env['SIGKIT_TEST_BEHAVIOUR'] = blocks;
      await scenario(async ({ sigkit, openProbe, arrives, until }) => {
        const probe = openProbe();
        const actor = probe.start('open');
        const mask = process.env['SIGKIT_TEST_BEHAVIOUR'] === 'nothing' ? 0n : 2n ** 64n - 1n;
        probe.install('SIGUSR1', { mode: 'holds', mask });
        probe.tgkill(actor.tid, 'SIGUSR1');
        await until(() => probe.inside('SIGUSR1') === 1, 'the thread is in the handler');
        const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
        probe.letOut('SIGUSR1');
        await until(() => probe.inside('SIGUSR1') === 0, 'the thread has left the handler');
        await arrives(stream);
        stream.close();
      });
    });
  }

  it('in the handler of a profiler, at any moment of 200 claims', function () {
    this.timeout(120_000);
    return scenario(
      async ({ sigkit, openProbe, arrives }) => {
        const probe = openProbe();
        probe.install('SIGALRM', { mode: 'bursts' });
        const actors = Array.from({ length: 4 }, () => probe.start('open'));
        // Or the main thread, which claims, would take them all.
        sigkit.pthreadSigmask('SIG_BLOCK', 'SIGALRM');
        probe.setTimer(1000);
        for (let round = 0; round < 200; round += 1) {
          const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
          await arrives(stream, ['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5'], 3);
          stream.close();
        }
        assert.ok(probe.handled('SIGALRM') > 0);
        probe.setTimer(0);
        for (const actor of actors) actor.finish();
      },
      { deadlineMs: 110_000 },
    );
  });

  it('and what another library directs at that thread arrives, with who sent it', () =>
    scenario(async ({ sigkit, openProbe, arrives }) => {
      const probe = openProbe();
      // Answers the claim, and then puts back what it had before.
      const actor = probe.start('restoring');
      const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
      actor.release();
      probe.tgkill(actor.tid, 'SIGTERM');
      const { value } = await stream.next();
      assert.deepEqual([value?.signal, value?.code, value?.pid], ['SIGTERM', 'SI_TKILL', process.pid]);
      await arrives(stream, ['SIGTERM', 'SIGRTMIN']);
      stream.close();
    }));

  it('what came through it before the close is delivered, and nothing is left of it after', () =>
    scenario(async ({ sigkit, openProbe, signalState }) => {
      const probe = openProbe();
      const before = [signalState(), probe.actions()];
      for (let round = 0; round < 20; round += 1) {
        const actor = probe.start('restoring');
        const stream = sigkit.signals('SIGRTMIN');
        actor.release();
        sigkit.sigqueue(process.pid, 'SIGRTMIN', round);
        stream.close();
        assert.equal((await stream.next()).value?.value, round);
        assert.equal((await stream.next()).done, true);
        actor.finish();
      }
      assert.deepEqual([signalState(), probe.actions()], before);
    }));

  it('a section holds back what comes through it', () =>
    scenario(async ({ sigkit, openProbe, timers, until }) => {
      const probe = openProbe();
      const actor = probe.start('restoring');
      const stream = sigkit.signals(['SIGUSR2', 'SIGRTMIN']);
      const section = sigkit.blockSignals(['SIGUSR2', 'SIGRTMIN']);
      actor.release();
      for (let sent = 0; sent < 5; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
      sigkit.kill(process.pid, 'SIGUSR2');
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      assert.equal(stream.poll(), null);
      section.unblock();
      const seen: (number | undefined)[] = [];
      await until(() => {
        for (let info = stream.poll(); info !== null; info = stream.poll()) seen.push(info.value);
        return seen.length === 6;
      }, 'all that came meanwhile');
      stream.close();
    }));

  it('listeners of process.on hear what comes through it, unless the claim is exclusive', () =>
    scenario(async ({ sigkit, openProbe, arrives, timers, until }) => {
      const probe = openProbe();
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      const actor = probe.start('restoring');
      const stream = sigkit.signals('SIGUSR2');
      actor.release();
      sigkit.kill(process.pid, 'SIGUSR2');
      await until(() => heard === 1, 'the listener has heard it');
      stream.close();
      const other = probe.start('restoring');
      const exclusive = sigkit.signals('SIGUSR2', { exclusive: true });
      other.release();
      await arrives(exclusive, ['SIGUSR2'], 1);
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      assert.equal(heard, 1);
      exclusive.close();
    }));
});

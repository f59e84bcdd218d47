import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';
import { describeTransports } from '../../support/transport.js';

describeTransports('what a thread blocks only inside a handler of another library', () => {
  withProbe();

  it('is not taken for its own, where the claim comes meanwhile', () =>
    scenario(async ({ sigkit, openProbe, until, bitsOf }) => {
      const probe = openProbe();
      const actor = probe.start('open');
      probe.install('SIGUSR2', { mode: 'holds', mask: bitsOf('SIGHUP') });
      probe.tgkill(actor.tid, 'SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 1, 'it is in the handler');
      const stream = sigkit.signals(['SIGUSR2', 'SIGHUP']);
      probe.letOut('SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 0, 'it has left the handler');
      stream.close();
      actor.release();
      assert.equal(actor.mask() & bitsOf('SIGUSR2', 'SIGHUP'), 0n);
    }));

  it('nor where the hole that it leaves has been closed since', () =>
    scenario(async ({ sigkit, openProbe, until, bitsOf }) => {
      const probe = openProbe();
      const actor = probe.start('open');
      probe.install('SIGUSR2', { mode: 'holds' });
      probe.tgkill(actor.tid, 'SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 1, 'it is in the handler');
      const stream = sigkit.signals('SIGUSR2');
      probe.letOut('SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 0, 'it has left the handler');
      probe.tgkill(actor.tid, 'SIGUSR2');
      await until(() => stream.poll() !== null, 'what was sent to the thread has come');
      stream.close();
      actor.release();
      assert.equal(actor.mask() & bitsOf('SIGUSR2'), 0n);
    }));

  for (const { which, sleeps } of [
    { which: '', sleeps: false },
    { which: ', and the thread has slept with everything blocked', sleeps: true },
  ]) {
    it(`nor is what a claim blocked left blocked, where a handler runs a thousand times a second while claims end${which}`, () =>
      scenario(
        async ({ openProbe, startWorker, signalState, until }) => {
          const probe = openProbe();
          probe.install('SIGALRM', { mode: 'bursts' });
          const worker = await startWorker(({ sigkit: kit, workerThreads }) => {
            workerThreads.parentPort?.on('message', (shared) => {
              const rounds = new Int32Array(shared as SharedArrayBuffer);
              for (let round = 0; round < 200; round += 1) {
                kit.signals(['SIGUSR2', 'SIGHUP']).close();
                Atomics.add(rounds, 0, 1);
              }
            });
          });
          const before = signalState();
          const shared = new SharedArrayBuffer(4);
          const rounds = (): number => Atomics.load(new Int32Array(shared), 0);
          const blockForAWhile = (): void => {
            while (rounds() < 3) probe.blockHere('asleep', 5);
          };
          worker.postMessage(shared);
          if (process.env['SLEEPS'] === '1') blockForAWhile();
          probe.setTimer(1000);
          // In JavaScript, not in the poll: there the timer meets a handler far more often.
          while (rounds() < 200);
          probe.setTimer(0);
          assert.ok(probe.handled('SIGALRM') > 0);
          await until(() => JSON.stringify(signalState()) === JSON.stringify(before), 'all is as before').catch(() =>
            assert.deepEqual(signalState(), before),
          );
          await worker.terminate();
        },
        { wrapper: ['env', `SLEEPS=${sleeps ? 1 : 0}`] },
      ));
  }
});

import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';
import { describeTransports } from '../../support/transport.js';

describeTransports('a claim that is taken away by ignoreSignals or resetSignals', () => {
  withProbe();

  it('of a Worker, kills nobody when the Worker lets go of it while the signal is sent without end', () =>
    scenario(async ({ sigkit, otherProcess, startWorker, events }) => {
      sigkit.ignoreSignals('SIGUSR2');
      const workers = await Promise.all(
        Array.from({ length: 3 }, () =>
          startWorker((tools) => {
            const port = tools.workerThreads.parentPort;
            port?.on('message', () => {
              const stream = tools.sigkit.signals('SIGUSR2', { ref: false });
              const drain = (): void =>
                void stream.next().then(({ done }) => (done === true ? port.postMessage('ended') : drain()));
              drain();
              port.postMessage('claimed');
            });
          }),
        ),
      );
      const told = (): Promise<unknown> => Promise.all(workers.map((worker) => events.once(worker, 'message')));
      const sender = otherProcess(`process.stdout.write('!');
        for (;;) try { process.kill(${process.pid}, 'SIGUSR2'); } catch { break; }`);
      await events.once(sender.stdout ?? sender, 'data');
      for (let round = 0; round < 60; round += 1) {
        const claimed = told();
        for (const worker of workers) worker.postMessage('claim');
        await claimed;
        const ended = told();
        sigkit.ignoreSignals('SIGUSR2');
        await ended;
      }
      sender.kill('SIGKILL');
      for (const worker of workers) await worker.terminate();
    }));

  it('of a Worker that has let go of it meanwhile, leaves the default action, and no handler that swallows', () =>
    scenario(async ({ sigkit, openProbe, startWorker, events, until }) => {
      const probe = openProbe();
      const worker = await startWorker((tools) => {
        const stream = tools.sigkit.signals('SIGUSR2', { ref: false });
        void stream.next().then(({ done }) => tools.workerThreads.parentPort?.postMessage(done));
      });
      const ended = events.once(worker, 'message');
      sigkit.ignoreSignals('SIGUSR2');
      assert.deepEqual(await ended, [true]);
      await until(() => probe.action('SIGUSR2') === 'ignore', 'it is ignored');
      sigkit.resetSignals('SIGUSR2');
      assert.equal(probe.action('SIGUSR2'), 'default');
      await worker.terminate();
    }));

  it('and has left a listener, leaves that', () =>
    scenario(async ({ sigkit, startWorker, events, until }) => {
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      const worker = await startWorker((tools) => {
        const stream = tools.sigkit.signals('SIGUSR2', { ref: false });
        void stream.next().then(({ done }) => tools.workerThreads.parentPort?.postMessage(done));
      });
      const ended = events.once(worker, 'message');
      sigkit.ignoreSignals('SIGUSR2');
      assert.deepEqual(await ended, [true]);
      sigkit.resetSignals('SIGUSR2');
      process.kill(process.pid, 'SIGUSR2');
      await until(() => heard === 1, 'the listener has heard it');
      process.removeAllListeners('SIGUSR2');
      await worker.terminate();
    }));

  it('hands out what an open thread has caught before', () =>
    scenario(({ sigkit, openProbe, bitsOf }) => {
      const probe = openProbe();
      for (let round = 0; round < 50; round += 1) {
        const actor = probe.start('asleep');
        const stream = sigkit.signals('SIGUSR2');
        actor.release();
        assert.equal(actor.mask() & bitsOf('SIGUSR2'), 0n);
        actor.raise('SIGUSR2');
        sigkit.resetSignals('SIGUSR2');
        assert.equal(stream.poll()?.signal, 'SIGUSR2');
        actor.finish();
      }
    }));
});

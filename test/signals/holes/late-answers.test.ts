import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';

describe('a thread that has followed a request after the claim that made it', () => {
  withProbe();

  for (const deed of ['claims another signal', 'changes its mask', 'does nothing']) {
    it(`and then ${deed}: it has its own mask when both are closed`, () =>
      scenario(
        async ({ sigkit, openProbe, startWorker, events, signalState, until }) => {
          const probe = openProbe();
          // With a handler of somebody else below, a request cannot be recalled.
          for (const signal of ['SIGFPE', 'SIGILL', 'SIGSYS', 'SIGBUS', 'SIGTRAP'] as const) probe.install(signal);
          const worker = await startWorker(({ sigkit: kit, openProbe: open, workerThreads }) => {
            const streams: { close(): void }[] = [];
            const deeds: Record<string, () => unknown> = {
              block: () => open().blockHere('running'),
              'claims another signal': () => streams.push(kit.signals('SIGWINCH')),
              'changes its mask': () => kit.pthreadSigmask('SIG_UNBLOCK', 'SIGWINCH'),
              'does nothing': () => {},
              close: () => streams.pop()?.close(),
            };
            workerThreads.parentPort?.on('message', (text: string) => {
              deeds[text]?.();
              workerThreads.parentPort?.postMessage(text);
            });
          });
          const ask = (text: string): Promise<unknown> => {
            worker.postMessage(text);
            return events.once(worker, 'message');
          };
          await ask('does nothing');
          const before = signalState();
          // It answers, and is not looked at from now on before it is asked.
          sigkit.signals('SIGHUP').close();
          const blocked = ask('block');
          await until(() => probe.blockedHere() === 1, 'the Worker blocks everything');
          const stream = sigkit.signals('SIGHUP');
          probe.openHere();
          await blocked;
          await ask(process.env['SIGKIT_TEST_DEED'] ?? '');
          stream.close();
          await ask('close');
          const same = (): boolean => JSON.stringify(signalState()) === JSON.stringify(before);
          await until(same, 'all is as before').catch(() => assert.deepEqual(signalState(), before));
          await worker.terminate();
        },
        { wrapper: ['env', `SIGKIT_TEST_DEED=${deed}`] },
      ));
  }
});

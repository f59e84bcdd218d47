import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';

describe('captureStacks beside a debugger', () => {
  it('tells of a thread that is debugged, also while it is stopped at a breakpoint, which that does not disturb', async () => {
    await scenario(async ({ startWorker, events }) => {
      const worker = await startWorker((tools) => {
        const { parentPort } = tools.workerThreads;
        const main = (timeoutMs: number) =>
          tools.diagnostics.captureStacks({ timeoutMs }).find(({ threadId }) => threadId === 0) ?? assert.fail();
        const spins = () => main(20).frames.some(({ function: name }) => name?.includes('spin'));
        parentPort?.on(
          'message',
          (flag: Int32Array) =>
            void stop()
              .catch((error: unknown) => parentPort.postMessage(error))
              .finally(() => Atomics.store(flag, 0, 1)),
        );
        async function stop(): Promise<void> {
          const session = new tools.inspector.Session();
          session.connectToMainThread();
          const post = async (method: string) =>
            new Promise<void>((resolve, reject) =>
              session.post(method, (error) => (error === null ? resolve() : reject(error))),
            );

          await post('Debugger.enable');
          await tools.until(spins, 'it is debugged, and has no frames');
          const paused = tools.events.once(session, 'Debugger.paused');
          await post('Debugger.pause');
          await paused;
          const { state, frames } = main(20);
          assert.deepEqual([state, frames], ['native', []]);
          await post('Debugger.resume');
          await tools.until(spins, 'it goes on, and has no frames');

          session.disconnect();
          parentPort?.postMessage('done');
        }
      });
      const flag = new Int32Array(new SharedArrayBuffer(4));
      worker.postMessage(flag);
      setImmediate(function spin() {
        while (Atomics.load(flag, 0) === 0);
      });
      assert.deepEqual(await events.once(worker, 'message'), ['done']);
      await worker.terminate();
    });
  });
});

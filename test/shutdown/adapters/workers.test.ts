import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { endWorkers } from 'sigkit/shutdown';

import { until } from '../../support/child.js';
import { contextOf } from '../../support/hooks.js';

const obedient = `parentPort.on('message', (message) => { parentPort.postMessage({ got: message }); parentPort.close(); })`;
const deaf = `parentPort.on('message', () => {})`;

async function start(code: string): Promise<Worker> {
  const worker = new Worker(`const { parentPort } = require('node:worker_threads'); ${code}`, { eval: true });
  await once(worker, 'online');
  return worker;
}

describe('endWorkers', () => {
  it('sends each a message, and awaits its end', async () => {
    const workers = new Set([await start(obedient)]);
    const hook = endWorkers(workers);
    // Those that are there when it runs.
    workers.add(await start(obedient));
    const messages: unknown[] = [];
    for (const worker of workers) worker.on('message', (message) => messages.push(message));
    await hook(contextOf('stop-work'));
    assert.deepEqual(messages, [{ got: 'shutdown' }, { got: 'shutdown' }]);
    for (const worker of workers) assert.equal(worker.threadId, -1);
    await hook(contextOf('stop-work'));
  });

  it('sends the message that it is given, or calls', async () => {
    const worker = await start(obedient);
    const message = once(worker, 'message');
    await endWorkers(worker, { message: { type: 'end' } })(contextOf('stop-work'));
    assert.deepEqual(await message, [{ got: { type: 'end' } }]);
    const other = await start(deaf);
    await assert.rejects(
      async () => endWorkers(other, { tell: (told) => void told.terminate() })(contextOf('stop-work')),
      AggregateError,
    );
  });

  it('terminates those that have not ended when its time is over, in an endless loop too', async () => {
    const workers = [await start(deaf), await start('for (;;);'), await start(obedient)];
    const controller = new AbortController();
    const ended = endWorkers(workers)(contextOf('stop-work', controller)) as Promise<void>;
    await until(() => workers[2]?.threadId === -1, 'one has ended by itself');
    controller.abort();
    await assert.rejects(ended, ({ errors }: AggregateError) => errors.length === 2);
    for (const worker of workers) assert.equal(worker.threadId, -1);
  });

  it('fails with those that could not be told; that they fail later, too, harms nobody', async () => {
    const worker = await start(`parentPort.on('message', () => { throw new Error('unwell'); })`);
    for (const tell of [() => Promise.reject(new Error('untold')), () => assert.fail('untold')]) {
      await assert.rejects(
        async () => endWorkers(worker, { tell })(contextOf('stop-work')),
        ({ errors: [error] }: AggregateError) => (error as Error).message === 'untold',
      );
    }
    const ended = once(worker, 'exit');
    worker.postMessage('fail');
    await assert.rejects(ended, { message: 'unwell' });
  });

  it('fails with those that fail, after the others have ended', async () => {
    const throwing = await start(`parentPort.on('message', () => { throw new Error('unwell'); })`);
    const exiting = await start(`parentPort.on('message', () => process.exit(3))`);
    const fine = await start(obedient);
    await assert.rejects(
      async () => endWorkers([throwing, exiting, fine])(contextOf('stop-work')),
      ({ errors }: AggregateError) => {
        const [thrown, exited] = errors as [Error, Error];
        assert.equal(thrown.message, 'unwell');
        assert.match(exited.message, /^worker \d+ has exited with code 3$/);
        return errors.length === 2;
      },
    );
    assert.equal(fine.threadId, -1);
  });

  it('says what is wrong with its arguments', async () => {
    for (const workers of [null, 1, {}])
      assert.throws(() => endWorkers(workers as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => endWorkers([], { tell: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    await assert.rejects(async () => endWorkers([{} as Worker])(contextOf('stop-work')), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
});

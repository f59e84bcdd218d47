import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Closable, closeResource } from 'sigkit/shutdown';

import { contextOf } from '../../support/hooks.js';

async function close(resource: Closable, controller?: AbortController): Promise<void> {
  await closeResource(resource)(contextOf('release', controller));
}

describe('closeResource, a stream of the Web', () => {
  const taken: unknown[] = [];
  const slow = (): WritableStream =>
    new WritableStream({
      async write(chunk) {
        await nextTurn();
        taken.push(chunk);
      },
      close: () => void taken.push('closed'),
    });

  beforeEach(() => void (taken.length = 0));

  it('has taken all that was written, by the stream or by the writer that has it', async () => {
    const stream = slow();
    const writer = stream.getWriter();
    for (const chunk of [1, 2, 3]) void writer.write(chunk);
    await close(writer);
    assert.deepEqual(taken, [1, 2, 3, 'closed']);
    const released = slow();
    const other = released.getWriter();
    void other.write(4);
    other.releaseLock();
    await close(released);
    assert.deepEqual(taken.slice(4), [4, 'closed']);
  });

  it('is done where somebody has closed it', async () => {
    const closing = slow();
    void closing.close();
    await close(closing);
    assert.deepEqual(taken, ['closed']);
    const closed = slow();
    await closed.close();
    await close(closed);
  });

  it('fails as the stream does, and where a writer has it', async () => {
    const error = new Error('no space');
    const failing = new WritableStream({ write: () => Promise.reject(error) });
    const writer = failing.getWriter();
    writer.closed.catch(() => {});
    await assert.rejects(writer.write(1), error);
    await assert.rejects(close(writer), error);
    await assert.rejects(close(failing), { code: 'ERR_INVALID_STATE' });
  });

  it('is aborted when the hook is given up', async () => {
    let cut: (error: Error) => void = () => {};
    const stuck = new WritableStream({
      write: () => new Promise((_, reject) => (cut = reject)),
      abort: () => {},
    });
    const writer = stuck.getWriter();
    writer.write(1).catch(() => {});
    const controller = new AbortController();
    const closing = close(writer, controller);
    controller.abort();
    cut(new Error('cut'));
    await assert.rejects(closing, { name: 'AbortError' });
  });

  it('is cancelled if it is one that is read', async () => {
    let cancelled = false;
    await close(new ReadableStream({ cancel: () => void (cancelled = true) }));
    assert.equal(cancelled, true);
  });
});

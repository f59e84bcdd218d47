import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSocket } from 'node:dgram';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Closable, type CloseOptions, closeResource } from 'sigkit/shutdown';

import { contextOf } from '../../support/hooks.js';

async function close(resource: Closable, options?: CloseOptions): Promise<void> {
  await closeResource(resource, options)(contextOf('release'));
}

describe('closeResource', () => {
  it('awaits the callback of a server, of a datagram socket and of a port', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    // It would be ready for use in `await using`, and take that way.
    Object.defineProperty(server, Symbol.asyncDispose, { value: undefined });
    await close(server, { callback: true });
    assert.equal(server.listening, false);
    const socket = createSocket('udp4');
    let closed = false;
    socket.once('close', () => (closed = true));
    Object.defineProperty(socket, Symbol.asyncDispose, { value: undefined });
    await close(socket, { callback: true });
    assert.equal(closed, true);
    const { port1, port2 } = new MessageChannel();
    Object.defineProperty(port1, Symbol.asyncDispose, { value: undefined });
    const told = once(port2, 'close');
    await close(port1, { callback: true });
    await told;
    await close(
      { close: (callback: (hadError: unknown) => void) => setImmediate(callback, false) },
      { callback: true },
    );
  });

  it('awaits the promise of a file', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sigkit-closable-'));
    const file = await open(path.join(folder, 'file'), 'w');
    await close(file);
    assert.equal(file.fd, -1);
    await rm(folder, { recursive: true });
  });

  it('prefers Symbol.asyncDispose to close, and close to Symbol.dispose', async () => {
    const calls: string[] = [];
    const all = {
      async [Symbol.asyncDispose]() {
        await nextTurn();
        calls.push('asyncDispose');
      },
      close: () => calls.push('close'),
      [Symbol.dispose]: () => calls.push('dispose'),
    };
    await close(all);
    await close({ close: all.close, [Symbol.dispose]: all[Symbol.dispose] });
    await close({ [Symbol.dispose]: all[Symbol.dispose] });
    assert.deepEqual(calls, ['asyncDispose', 'close', 'dispose']);
  });

  it('calls close as its method, without an argument, whatever parameters it has', async () => {
    const given: unknown[] = [];
    const consumer = {
      name: 'queue',
      // As that of a queue whose parameter says whether to leave its jobs.
      close(this: { readonly name: string }, ...rest: readonly unknown[]) {
        given.push(this.name, rest.length);
        return nextTurn();
      },
    };
    await close(consumer);
    const jobs = ['one', 'two'];
    const queue = {
      async close(doNotWaitJobs?: boolean) {
        while (doNotWaitJobs !== true && jobs.length > 0) {
          await nextTurn();
          jobs.pop();
        }
      },
    };
    await close(queue);
    const old = { close: (doNotWaitJobs?: boolean) => (given.push(doNotWaitJobs), nextTurn()) };
    await close(old);
    assert.deepEqual([given, jobs], [['queue', 0, undefined], []]);
  });

  it('passes a callback if asked for, also to one that shows no parameter; a promise counts for more', async () => {
    const calls: string[] = [];
    const pool = { close: (done: () => void) => void setImmediate(() => (calls.push('pool'), done())) };
    await close(pool, { callback: true });
    // As instrumentation wraps it.
    const wrapped = { close: (...args: [() => void]) => pool.close.apply(pool, args) };
    assert.equal(wrapped.close.length, 0);
    await close(wrapped, { callback: true });
    await close({ close: (_callback: unknown) => nextTurn().then(() => calls.push('promise')) }, { callback: true });
    await close({ [Symbol.asyncDispose]: () => assert.fail('it would be another way'), ...pool }, { callback: true });
    assert.deepEqual(calls, ['pool', 'pool', 'promise', 'pool']);
  });

  it('fails as the resource does: by a throw, a rejection or a callback', async () => {
    const error = new Error('busy');
    const fail = (): never => {
      throw error;
    };
    const resources: [Closable, CloseOptions?][] = [
      [{ close: fail }],
      [{ close: () => Promise.reject(error) }],
      [{ close: (callback: (error: unknown) => void) => setImmediate(callback, error) }, { callback: true }],
      [{ close: (_callback: unknown) => Promise.reject(error) }, { callback: true }],
      [{ [Symbol.dispose]: fail }],
    ];
    for (const [resource, options] of resources) await assert.rejects(close(resource, options), error);
  });

  it('says what is wrong with its arguments', () => {
    for (const resource of [{}, null, 1, { close: true }])
      assert.throws(() => closeResource(resource as never), { code: 'ERR_INVALID_ARG_TYPE' });
    const disposable = { [Symbol.dispose]() {} };
    assert.throws(() => closeResource(disposable, { callback: true }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => closeResource(disposable, { callback: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

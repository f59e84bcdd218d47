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
    await close(server);
    assert.equal(server.listening, false);
    const socket = createSocket('udp4');
    let closed = false;
    socket.once('close', () => (closed = true));
    Object.defineProperty(socket, Symbol.asyncDispose, { value: undefined });
    await close(socket);
    assert.equal(closed, true);
    const { port1, port2 } = new MessageChannel();
    Object.defineProperty(port1, Symbol.asyncDispose, { value: undefined });
    const told = once(port2, 'close');
    await close(port1);
    await told;
    await close({ close: (callback: (hadError: unknown) => void) => setImmediate(callback, false) });
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

  it('calls close as its method, without arguments if it takes none', async () => {
    const resource = {
      given: [] as unknown[],
      close(...given: unknown[]) {
        this.given = [given.length];
      },
    };
    await close(resource);
    assert.deepEqual(resource.given, [0]);
  });

  it('takes an async function with a parameter for what it is, and a promise for more than a callback', async () => {
    const given: unknown[] = [];
    await close({ close: async (force?: unknown) => void given.push(force) });
    assert.deepEqual(given, [undefined]);
    await close({ close: (_callback: unknown) => nextTurn() });
  });

  it('fails as the resource does: by a throw, a rejection or a callback', async () => {
    const error = new Error('busy');
    const fail = (): never => {
      throw error;
    };
    const resources: Closable[] = [
      { close: fail },
      { close: () => Promise.reject(error) },
      { close: (callback: (error: unknown) => void) => setImmediate(callback, error) },
      { close: (_callback: unknown) => Promise.reject(error) },
      { [Symbol.dispose]: fail },
    ];
    for (const resource of resources) await assert.rejects(close(resource), error);
  });

  it('does as it is told about the callback', async () => {
    let given: unknown = 'nothing';
    await close({ close: (code?: unknown) => void (given = code) }, { callback: false });
    assert.equal(given, undefined);
    await close(
      {
        close(...callbacks: (() => void)[]) {
          setImmediate(() => callbacks[0]?.());
        },
      },
      { callback: true },
    );
  });

  it('says what is wrong with its arguments', () => {
    for (const resource of [{}, null, 1, { close: true }])
      assert.throws(() => closeResource(resource as never), { code: 'ERR_INVALID_ARG_TYPE' });
    const disposable = { [Symbol.dispose]() {} };
    assert.throws(() => closeResource(disposable, { callback: true }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => closeResource(disposable, { callback: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { closeServer } from 'sigkit/shutdown';

import { makeCertificate } from '../../support/certificate.js';
import { until } from '../../support/child.js';
import { contextOf, runStages } from '../../support/hooks.js';
import { RawClient } from '../../support/raw-client.js';

describe('closeServer, a server of node:net', () => {
  const sockets: Socket[] = [];
  let server: Server;

  const start = async (made: Server): Promise<number> => {
    server = made.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const client = async (port: number): Promise<RawClient> => {
    const before = sockets.length;
    const made = await RawClient.connect(port);
    await until(() => sockets.length > before, 'it is accepted');
    return made;
  };

  afterEach(() => {
    server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('a connection on which the server alone writes lives until the server ends it', async () => {
    const made = createServer();
    const closer = closeServer(made);
    const listener = await client(await start(made));
    const ended = runStages(closer);
    // Beyond the time in which a connection of HTTP is idle.
    for (let part = 0; part < 6; part += 1) {
      await delay(210);
      sockets[0]?.write(`${part} `);
    }
    sockets[0]?.end('end\n');
    assert.equal(await listener.text('\n'), '0 1 2 3 4 5 end\n');
    await ended;
    assert.equal(made.listening, false);
  });

  it('each is told, and may end its own side while the other one goes on', async () => {
    const made = createServer();
    const closer = closeServer(made, { connected: (socket) => socket.end('bye\n') });
    const port = await start(made);
    const received: string[] = [];
    const clients = [await client(port), await client(port)];
    for (const socket of sockets) socket.setEncoding('latin1').on('data', (text: string) => received.push(text));
    const ended = runStages(closer);
    for (const { socket } of clients) Object.assign(socket, { allowHalfOpen: true });
    for (const each of clients) {
      assert.equal(await each.text('bye\n'), 'bye\n');
      assert.equal(await each.closed(), 'end');
      each.socket.end('last words');
    }
    await ended;
    assert.deepEqual(received, ['last words', 'last words']);
  });

  it('those that were made before are known, and those that come before it listens no more', async () => {
    const made = createServer();
    const port = await start(made);
    const early = await client(port);
    const told: unknown[] = [];
    const closer = closeServer(made, { connected: (socket) => (told.push(socket), socket.end()) });
    const late = await client(port);
    await closer['stop-accepting'](contextOf('stop-accepting'));
    await assert.rejects(RawClient.connect(port), { code: 'ECONNREFUSED' });
    await closer.drain(contextOf('drain'));
    for (const each of [early, late]) assert.equal(await each.closed(), 'end');
    assert.deepEqual(told, sockets);
    assert.ok(!Object.hasOwn(made, 'emit'));
  });

  it('those that are left are destroyed when the time of the hook is over, or their own', async () => {
    for (const connectedTimeoutMs of [undefined, 20]) {
      const made = createServer();
      const closer = closeServer(made, { connectedTimeoutMs });
      const stuck = await client(await start(made));
      await closer['stop-accepting'](contextOf('stop-accepting'));
      const controller = new AbortController();
      const drained = closer.drain(contextOf('drain', controller));
      if (connectedTimeoutMs === undefined) controller.abort();
      await drained;
      await stuck.closed();
    }
  });

  it('fails where telling one does, once all have ended', async () => {
    const made = createServer();
    const error = new Error('untold');
    const closer = closeServer(made, { connected: (socket) => (socket.end(), Promise.reject(error)) });
    await client(await start(made));
    await assert.rejects(runStages(closer), ({ errors }: AggregateError) => {
      assert.deepEqual(errors, [error]);
      return true;
    });
  });

  it('of node:tls, the secured connection is told, and who has not begun the handshake is awaited', async function () {
    const certificate = makeCertificate();
    if (certificate === null) return this.skip();
    const made = createTlsServer(certificate);
    const told: unknown[] = [];
    const closer = closeServer(made, {
      connected: (socket) => (told.push(socket instanceof TLSSocket), socket.end('bye\n')),
    });
    const port = await start(made);
    const secured = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(made, 'secureConnection');
    const silent = await client(port);
    const controller = new AbortController();
    const ended = runStages(closer, controller);
    assert.equal(await new RawClient(secured).text('bye\n'), 'bye\n');
    await once(secured, 'close');
    assert.equal(silent.over, null);
    controller.abort();
    await ended;
    await silent.closed();
    assert.deepEqual(told, [true]);
  });

  it('has options of its own, and a server of HTTP others', async () => {
    const made = createServer();
    await start(made);
    const unknown = { code: 'ERR_SIGKIT_UNKNOWN_OPTION' };
    for (const options of [{ idleTimeoutMs: 0 }, { upgraded: () => {} }, { upgradedTimeoutMs: 1 }])
      assert.throws(() => closeServer(made, options), unknown);
    for (const options of [{ connected: () => {} }, { connectedTimeoutMs: 1 }])
      assert.throws(() => closeServer(createHttpServer(), options), unknown);
    assert.throws(() => closeServer(made, { connected: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => closeServer(made, { connectedTimeoutMs: -1 }), { code: 'ERR_OUT_OF_RANGE' });
    closeServer([made, createHttpServer()], { connectedTimeoutMs: 1, idleTimeoutMs: 1 })[Symbol.dispose]();
    assert.ok(!Object.hasOwn(made, 'emit'));
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createPlainServer, type Server as PlainServer, type Socket } from 'node:net';
import { closeServer } from 'sigkit/shutdown';

import { until } from '../../support/child.js';
import { contextOf, runStages } from '../../support/hooks.js';
import { RawClient } from '../../support/raw-client.js';
import { scenario } from '../../support/scenario.js';

const close = /^connection: close$/im;

describe('closeServer, several servers', () => {
  const servers: PlainServer[] = [];
  const sockets: Socket[] = [];
  const pending: ServerResponse[] = [];
  const handler: RequestListener = (request, response) =>
    request.url === '/slow' ? void pending.push(response) : response.end('fine');

  const listen = async (server: PlainServer): Promise<number> => {
    servers.push(server.on('connection', (socket: Socket) => sockets.push(socket)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  // As Fastify does for each further address of localhost.
  const listenToo = (main: Server): Promise<number> => {
    const second = createServer(handler);
    second.on('upgrade', main.emit.bind(main, 'upgrade'));
    main.on('close', () => second.close(() => {}));
    return listen(second);
  };
  const slow = async (port: number): Promise<RawClient> => {
    const client = await RawClient.connect(port);
    const before = pending.length;
    client.get('/slow');
    await until(() => pending.length > before, 'the request has arrived');
    return client;
  };

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    pending.length = 0;
  });

  it('ends all that it is given, of whatever kind, and those of an application', async () => {
    const [server, plain] = [createServer(handler), createPlainServer()];
    const closer = closeServer(new Set([{ server }, plain]), { connected: (socket) => socket.end('bye\n') });
    const client = await slow(await listen(server));
    const other = await RawClient.connect(await listen(plain));
    const ended = runStages(closer);
    assert.equal(await other.text('\n'), 'bye\n');
    assert.deepEqual([server.listening, plain.listening], [false, false]);
    other.socket.destroy();
    pending[0]?.end('late');
    assert.equal((await client.response()).body, 'late');
    await ended;
  });

  it('takes all who have connected, though libuv accepts one in a turn of the event loop', async () => {
    const [server, plain] = [createServer(handler), createPlainServer((socket) => socket.resume())];
    const closer = closeServer([server, plain], { connected: (socket) => socket.end('bye\n') });
    const ports = [await listen(server), await listen(plain)];
    const clients = await Promise.all(
      ports.flatMap((port) => Array.from({ length: 100 }, () => RawClient.connect(port))),
    );
    for (const client of clients.slice(0, 100)) client.get('/');
    const ended = runStages(closer);
    const answers = await Promise.all(clients.slice(0, 100).map((client) => client.response()));
    const words = await Promise.all(clients.slice(100).map((client) => client.text('\n')));
    assert.deepEqual([...new Set([...answers.map(({ body }) => body), ...words])], ['fine', 'bye\n']);
    for (const { socket } of clients) socket.destroy();
    await ended;
  });

  it('ends a second one of the same service that begins to listen later, and one that has before', async () => {
    for (const before of [false, true]) {
      const main = createServer(handler);
      const early = before ? await listenToo(main) : 0;
      const closer = closeServer({ server: main });
      await listen(main);
      const port = before ? early : await listenToo(main);
      const client = await slow(port);
      const ended = runStages(closer);
      await once(main, 'close');
      await assert.rejects(RawClient.connect(port), { code: 'ECONNREFUSED' });
      pending.shift()?.end('late');
      const { head, body } = await client.response();
      assert.match(head, close);
      assert.equal(body, 'late');
      await ended;
    }
  });

  it('answers what comes on an idle connection of the second one after somebody has closed it', async () => {
    const main = createServer(handler);
    const closer = closeServer(main, { idleTimeoutMs: 60_000 });
    await listen(main);
    const client = await RawClient.connect(await listenToo(main));
    client.get('/');
    await client.response();
    const ended = runStages(closer);
    await once(main, 'close');
    client.get('/');
    assert.match((await client.response()).head, close);
    await ended;
  });

  it('tells an upgraded connection once that one hands on to the other', async () => {
    const main = createServer(handler);
    main.on('upgrade', (_request: IncomingMessage, socket: Socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    );
    const told: unknown[] = [];
    const closer = closeServer(main, { upgraded: (socket) => (told.push(socket), socket.end('bye\n')) });
    await listen(main);
    const client = await RawClient.connect(await listenToo(main));
    client.get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
    await client.text('\r\n\r\n');
    const ended = runStages(closer);
    assert.equal(await client.text('\n'), 'bye\n');
    client.socket.destroy();
    await ended;
    assert.equal(told.length, 1);
  });

  it('leaves one alone that has another listener, or an adapter of its own', async () => {
    const [main, own, foreign] = [createServer(handler), createServer(handler), createServer(() => {})];
    const closer = closeServer(main);
    for (const server of [main, own, foreign]) await listen(server);
    const other = closeServer(own);
    await runStages(closer);
    assert.deepEqual([own.listening, foreign.listening], [true, true]);
    await runStages(other);
    assert.equal(own.listening, false);
    closeServer(foreign)[Symbol.dispose]();
    for (const server of [main, own, foreign]) assert.ok(!Object.hasOwn(server, 'emit'));
  });

  it('fails as its servers do', async () => {
    const [main, plain] = [createServer(handler), createPlainServer()];
    const failing = { connected: () => Promise.reject(new Error('untold')), connectedTimeoutMs: 0 };
    const closer = closeServer([main, plain], failing);
    const client = await RawClient.connect(await listen(plain));
    await until(() => sockets.length === 1, 'it is accepted');
    await closer['stop-accepting'](contextOf('stop-accepting'));
    await assert.rejects(closer.drain(contextOf('drain')), { message: 'a connection was not told' });
    await client.closed();
  });

  it('says what is wrong with its arguments', () => {
    for (const wrong of [[], [createServer(), {}], { server: 1 }, null, 'server'])
      assert.throws(() => closeServer(wrong as never), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

describe('a server that nobody ends', () => {
  it('is named when the drain is over; a request on it makes the status 1', async () => {
    await scenario(
      async ({ shutdown, net, http, timers }) => {
        const warnings: string[] = [];
        process.on('warning', ({ message }) => warnings.push(message));
        const known = http.createServer();
        const forgotten = http.createServer(() => {}).listen(0, '127.0.0.1');
        const later = http.createServer().listen(0, '127.0.0.1');
        const plain = net.createServer().listen(0, '127.0.0.1');
        const course = shutdown.createShutdown({ exit: 'zero' });
        course
          .add('known', shutdown.closeServer(known))
          .add('later', shutdown.closeResource(later), { stage: 'flush' });
        known.listen(0, '127.0.0.1');
        while (![known, forgotten, later, plain].every(({ listening }) => listening)) await timers.setImmediate();
        const port = (server: { address(): unknown }): number => (server.address() as { port: number }).port;
        const names = [forgotten, plain].map((server) => `127.0.0.1:${port(server)}`).sort();
        const client = net.connect(port(forgotten), '127.0.0.1').on('error', () => {});
        client.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
        await new Promise((resolve) => forgotten.once('request', resolve));
        void course.done.then(({ listening, exitCode }) => {
          assert.deepEqual([...listening].sort(), names);
          assert.equal(exitCode, 1);
          assert.equal(warnings.length, 2);
          for (const name of names) assert.ok(warnings.some((warning) => warning.includes(name)));
          process.exitCode = 0;
          console.log('looked');
        });
        await course.shutdown();
      },
      { code: 1 },
    ).then((stdout) => assert.equal(stdout, 'looked\n'));
  });

  it('is no failure where it only listens, or has been closed in a hook', () =>
    scenario(async ({ shutdown, net }) => {
      const idle = net.createServer();
      await new Promise<void>((resolve) => void idle.listen(0, '127.0.0.1', resolve));
      const closed = net.createServer();
      await new Promise<void>((resolve) => void closed.listen(0, '127.0.0.1', resolve));
      const course = shutdown.createShutdown({ exit: 'zero' });
      course.add('closed', () => closed.close(), { stage: 'stop-accepting' });
      void course.done.then(({ listening, exitCode }) => {
        assert.deepEqual([listening.length, exitCode], [1, 0]);
      });
      await course.shutdown();
    }));

  it('is named, too, where nobody knows its address: a local socket that was given as a descriptor has none', () =>
    scenario(async ({ shutdown, net }) => {
      const open = (address: () => null): Promise<void> =>
        new Promise((resolve) => void Object.assign(net.createServer(), { address }).listen(0, '127.0.0.1', resolve));
      await open(() => null);
      await open(() => {
        throw new Error('getsockname EBADF');
      });
      const course = shutdown.createShutdown({ exit: 'zero' });
      course.add('database', () => console.log('closed'));
      void course.done.then(({ listening, hooks }) => {
        const unknown = 'a server of unknown address';
        assert.deepEqual([listening, hooks.length], [[unknown, unknown], 1]);
      });
      await course.shutdown();
    }));

  it('is left alone where nothing exits', () =>
    scenario(async ({ shutdown, net }) => {
      const server = net.createServer();
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      process.on('warning', () => assert.fail());
      const { listening } = await shutdown.createShutdown({ exit: 'none' }).shutdown();
      assert.deepEqual(listening, []);
      server.close();
    }));
});

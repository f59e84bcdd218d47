import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer as createFront, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { closeServer } from 'sigkit/shutdown';

import { BlockingClient, holdUp } from '../../support/blocking-client.js';
import { until } from '../../support/child.js';
import { contextOf, runStages } from '../../support/hooks.js';
import { RawClient } from '../../support/raw-client.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server, and what has come to it. */
class Service {
  readonly server: Server;
  readonly sockets: Socket[] = [];
  readonly responses: ServerResponse[] = [];
  readonly port: Promise<number>;

  constructor(handler: Handler = () => {}) {
    this.server = createServer((request, response) => {
      this.responses.push(response);
      handler(request, response);
    });
    this.server.on('connection', (socket) => this.sockets.push(socket));
    this.port = once(this.server.listen(0, '127.0.0.1'), 'listening').then(
      () => (this.server.address() as AddressInfo).port,
    );
  }

  /** One that the server has accepted. */
  async client(): Promise<RawClient> {
    const before = this.sockets.length;
    const client = await RawClient.connect(await this.port);
    await until(() => this.sockets.length > before, 'it is accepted');
    return client;
  }

  /** The response that the next request waits for. */
  async next(): Promise<ServerResponse> {
    await until(() => this.responses.length > 0, 'a request has arrived');
    return this.responses.shift() ?? assert.fail();
  }
}

const answer: Handler = (request, response) => void request.resume().on('end', () => response.end('fine'));
const close = /^connection: close$/im;
const stop = (): ReturnType<typeof contextOf> => contextOf('stop-accepting');
const drain = (): ReturnType<typeof contextOf> => contextOf('drain');

describe('closeServer, HTTP/1.1', () => {
  const services: Service[] = [];
  const start = (handler?: Handler): Service => {
    const service = new Service(handler);
    services.push(service);
    return service;
  };

  afterEach(() => {
    for (const { server, sockets } of services.splice(0)) {
      server.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  it('answers what is under way, with Connection: close, and refuses whoever comes later', async () => {
    const service = start();
    const closer = closeServer(service.server);
    const client = await service.client();
    client.get('/');
    const response = await service.next();
    await closer['stop-accepting'](stop());
    await assert.rejects(service.client(), { code: 'ECONNREFUSED' });
    const drained = closer.drain(drain());
    response.end('late');
    const { head, body } = await client.response();
    assert.match(head, close);
    assert.equal(body, 'late');
    assert.equal(await client.closed(), 'end');
    await drained;
  });

  it('waits for the next request of a connection that has just been used', async () => {
    const service = start(answer);
    const closer = closeServer(service.server, { idleTimeoutMs: 60_000 });
    const client = await service.client();
    client.get('/');
    assert.doesNotMatch((await client.response()).head, close);
    const ended = runStages(closer);
    await until(() => !service.server.listening, 'it has stopped listening');
    assert.equal(client.over, null);
    client.get('/');
    assert.match((await client.response()).head, close);
    await ended;
  });

  it('closes each once it has been idle for so long, and no other with it', async () => {
    // On a machine that halts the time of the other one is over, too: once more, with more of it.
    for (let idleTimeoutMs = 250; idleTimeoutMs < 10_000; idleTimeoutMs *= 2) {
      const service = start(answer);
      const closer = closeServer(service.server, { idleTimeoutMs });
      const old = await service.client();
      await delay(idleTimeoutMs);
      const fresh = await service.client();
      const since = performance.now();
      const ended = runStages(closer);
      await old.closed();
      fresh.get('/');
      const answered = fresh.response().then(
        ({ body }) => body === 'fine',
        () => false,
      );
      await ended;
      if (await answered) return;
      assert.ok(performance.now() - since > idleTimeoutMs, 'it was closed before its time');
    }
    assert.fail('too slow a machine');
  });

  it('closes those that are idle: used before, never used, and made before it was called', async () => {
    const service = start(answer);
    const [unknown, old] = [await service.client(), await service.client()];
    const closer = closeServer(service.server, { idleTimeoutMs: 0 });
    const [fresh, used] = [await service.client(), await service.client()];
    for (const client of [old, used]) {
      client.get('/');
      await client.response();
    }
    // node:http takes one without a request for busy until its first request has been answered.
    unknown.get('/');
    await unknown.response();
    await runStages(closer);
    for (const client of [unknown, old, fresh, used]) assert.equal(await client.closed(), 'end');
  });

  it('closes what was idle before it was called, when no other is idle any more', async () => {
    const service = start(answer);
    const unknown = await service.client();
    unknown.get('/');
    await unknown.response();
    await runStages(closeServer(service.server, { idleTimeoutMs: 0 }));
    assert.equal(await unknown.closed(), 'end');
  });

  it('answers a request of which a part has come', async () => {
    const service = start(answer);
    const closer = closeServer(service.server, { idleTimeoutMs: 0 });
    const [half, idle] = [await service.client(), await service.client()];
    half.socket.write('GET / HT');
    await until(() => service.sockets[0]?.bytesRead === 8, 'its first bytes are there');
    const ended = runStages(closer);
    await idle.closed();
    half.socket.write('TP/1.1\r\nHost: test\r\n\r\n');
    assert.equal((await half.response()).body, 'fine');
    await ended;
  });

  it('answers who has connected while the event loop was held up', async () => {
    const service = start(answer);
    const closer = closeServer(service.server);
    const client = new BlockingClient(await service.port);
    client.run('connect');
    client.run('ask');
    await runStages(closer);
    assert.match(await client.received, /^HTTP.1.1 200 .*Connection: close.*fine$/s);
  });

  it('answers a request that has come while the event loop was held up beyond the time-out of the idle', async () => {
    const service = start(answer);
    const closer = closeServer(service.server, { idleTimeoutMs: 20 });
    const client = new BlockingClient(await service.port);
    client.run('connect');
    client.run('ask');
    const first = await service.next();
    await until(() => first.closed, 'it has been answered');
    const ended = runStages(closer);
    // After this, timers come next.
    await nextTurn();
    client.run('ask');
    holdUp(40);
    await ended;
    assert.match(await client.received, /^HTTP.1.1 200 .*fineHTTP.1.1 200 .*fine$/s);
  });

  it('waits for a slow upload', async () => {
    const service = start(answer);
    const closer = closeServer(service.server, { idleTimeoutMs: 0 });
    const client = await service.client();
    client.socket.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\nabc');
    await service.next();
    const ended = runStages(closer);
    await until(() => !service.server.listening, 'it has stopped listening');
    client.socket.write('def');
    assert.match((await client.response()).head, close);
    await ended;
  });

  it('waits for a client that reads slowly', async () => {
    const large = 'x'.repeat(2 ** 25);
    const service = start((_request, response) => void response.end(large));
    const closer = closeServer(service.server, { idleTimeoutMs: 0 });
    const [client, idle] = [await service.client(), await service.client()];
    client.socket.pause();
    client.get('/');
    const response = await service.next();
    const ended = runStages(closer);
    await idle.closed();
    await until(() => !service.server.listening, 'it has stopped listening');
    // More than its connections need to be looked at once more.
    await delay(50);
    assert.deepEqual([response.writableEnded, response.writableFinished], [true, false]);
    client.socket.resume();
    assert.equal((await client.response()).body.length, large.length);
    await ended;
  });

  it('closes a connection whose upload has gone on after its answer', async () => {
    const service = start((_request, response) => void response.end('too much'));
    const closer = closeServer(service.server, { idleTimeoutMs: 0 });
    const [client, idle] = [await service.client(), await service.client()];
    client.socket.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\nabc');
    assert.equal((await client.response()).body, 'too much');
    const ended = runStages(closer);
    await idle.closed();
    assert.equal(service.sockets[0]?.writable, true);
    client.socket.write('def');
    assert.equal(await client.closed(), 'end');
    await ended;
  });

  it('answers each of several pipelined requests, and only the last says close', async () => {
    const service = start();
    const closer = closeServer(service.server);
    const client = await service.client();
    for (const path of ['/1', '/2']) client.get(path);
    const first = await service.next();
    const second = await service.next();
    await closer['stop-accepting'](stop());
    first.write('begun, ');
    client.get('/3');
    const third = await service.next();
    const drained = closer.drain(drain());
    for (const response of [third, second, first]) response.end('x');
    const heads = [await client.response(), await client.response(), await client.response()].map(({ head }) => head);
    assert.deepEqual(
      heads.map((head) => close.test(head)),
      [false, false, true],
    );
    await drained;
  });

  it('withholds what a client has pipelined after a request whose answer says close already', async () => {
    const service = start();
    const closer = closeServer(service.server);
    const client = await service.client();
    client.get('/1');
    const first = await service.next();
    await closer['stop-accepting'](stop());
    first.write('begun, ');
    assert.match(await client.text('\r\n\r\n'), close);
    client.get('/2');
    client.get('/3', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
    await until(() => (service.sockets[0]?.bytesRead ?? 0) > 100, 'they have come');
    assert.equal(service.responses.length, 0);
    const drained = closer.drain(drain());
    first.end('ended');
    assert.match(await client.text('0\r\n\r\n'), /begun,.*ended/s);
    assert.equal(await client.closed(), 'end');
    await drained;
  });

  it('keeps a connection whose response began before for one more request, or closes it when it is idle', async () => {
    const service = start();
    const closer = closeServer(service.server, { idleTimeoutMs: 50 });
    const [asking, quiet] = [await service.client(), await service.client()];
    const responses: ServerResponse[] = [];
    for (const client of [asking, quiet]) {
      client.get('/');
      const response = await service.next();
      responses.push(response);
      response.write('begun, ');
    }
    const ended = runStages(closer);
    await until(() => !service.server.listening, 'it has stopped listening');
    asking.get('/again');
    const again = await service.next();
    again.end('again');
    for (const response of responses) response.end('ended');
    assert.equal((await asking.response()).body, 'begun, ended');
    assert.equal((await asking.response()).body, 'again');
    assert.equal((await quiet.response()).body, 'begun, ended');
    assert.equal(await quiet.closed(), 'end');
    await ended;
  });

  const upgrade = 'Connection: Upgrade\r\nUpgrade: echo\r\n';
  const echo = (_request: IncomingMessage, socket: Duplex): void => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.on('data', (text) => socket.write(text)).on('end', () => socket.end());
  };

  it('tells upgraded sockets, those of the drain too, and waits for their end', async () => {
    const service = start();
    service.server.on('upgrade', echo);
    const closer = closeServer(service.server, {
      idleTimeoutMs: 60_000,
      upgraded: (socket) => socket.write('bye\n'),
      upgradedTimeoutMs: 60_000,
    });
    const [early, late] = [await service.client(), await service.client()];
    early.get('/', upgrade);
    await early.text('\r\n\r\n');
    const ended = runStages(closer);
    await early.text('bye\n');
    early.socket.write('still there\n');
    await early.text('still there\n');
    late.get('/', upgrade);
    assert.match(await late.text('bye\n'), /^HTTP.1.1 101/);
    for (const client of [early, late]) {
      client.socket.end();
      assert.equal(await client.closed(), 'end');
    }
    await ended;
  });

  it('cuts upgraded sockets when their time is over, those that come later at once', async () => {
    const service = start();
    service.server.on('upgrade', echo);
    const closer = closeServer(service.server, { idleTimeoutMs: 60_000, upgradedTimeoutMs: 50 });
    const [upgraded, tooLate, slow] = [await service.client(), await service.client(), await service.client()];
    slow.get('/');
    const response = await service.next();
    upgraded.get('/', upgrade);
    await upgraded.text('\r\n\r\n');
    const ended = runStages(closer);
    assert.equal(await upgraded.closed(), 'end');
    tooLate.get('/', upgrade);
    assert.equal(await tooLate.closed(), 'end');
    response.end('slow');
    await ended;
  });

  it('fails where telling an upgraded socket does, now or later, once all have been told and have ended', async () => {
    const service = start();
    service.server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    const failures = [new Error('now'), new Error('later')];
    const told: unknown[] = [];
    const closer = closeServer(service.server, {
      upgraded: (socket) => {
        told.push(socket);
        socket.end('bye\n');
        if (told.length === 1) throw failures[0];
        return Promise.reject(failures[1] ?? assert.fail());
      },
    });
    const clients = [await service.client(), await service.client()];
    for (const client of clients) {
      client.get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
      await client.text('\r\n\r\n');
    }
    const ended = assert.rejects(runStages(closer), ({ errors }: AggregateError) => {
      assert.deepEqual(errors, failures);
      return true;
    });
    for (const client of clients) {
      assert.equal(await client.text('bye\n'), 'bye\n');
      client.socket.destroy();
    }
    await ended;
    assert.deepEqual(told, service.sockets);
  });

  it('leaves an upgrade that nobody listens to an ordinary request', async () => {
    const service = start(answer);
    const closer = closeServer(service.server);
    const client = await service.client();
    client.get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
    assert.equal((await client.response()).status, 200);
    const echo = (): void => {};
    service.server.on('upgrade', echo);
    service.server.on('upgrade', echo);
    assert.equal(service.server.listenerCount('upgrade'), 2);
    service.server.off('upgrade', echo);
    service.server.off('upgrade', echo);
    assert.equal(service.server.listenerCount('upgrade'), 0);
    closer[Symbol.dispose]();
  });

  it('knows a request that expects 100-continue', async () => {
    const service = start();
    const closer = closeServer(service.server);
    service.server.on('checkContinue', (request, response) => {
      response.writeContinue();
      service.server.emit('request', request, response);
    });
    const client = await service.client();
    client.socket.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n');
    await client.text('100 Continue\r\n\r\n');
    const response = await service.next();
    const ended = runStages(closer);
    await until(() => !service.server.listening, 'it has stopped listening');
    client.socket.write('x');
    response.end('fine');
    assert.match((await client.response()).head, close);
    await ended;
  });

  it('drains though the stage before was over before its turn', async () => {
    const service = start();
    const closer = closeServer(service.server, { idleTimeoutMs: 20 });
    const [client, idle] = [await service.client(), await service.client()];
    client.get('/');
    const response = await service.next();
    const drained = closer.drain(drain());
    response.end('fine');
    assert.match((await client.response()).head, close);
    assert.equal(await idle.closed(), 'end');
    await drained;
  });

  it('drains to the end where its hook is removed meanwhile', async () => {
    const service = start(answer);
    const closer = closeServer(service.server, { idleTimeoutMs: 20 });
    const client = await service.client();
    await closer['stop-accepting'](stop());
    const drained = closer.drain(drain());
    closer[Symbol.dispose]();
    assert.equal(await client.closed(), 'end');
    await drained;
  });

  it('destroys what is left when its time is over', async () => {
    const service = start();
    const unknown = await service.client();
    unknown.get('/');
    await service.next();
    const closer = closeServer(service.server);
    const stuck = await service.client();
    stuck.get('/');
    await service.next();
    await closer['stop-accepting'](stop());
    const controller = new AbortController();
    const drained = closer.drain(contextOf('drain', controller));
    controller.abort();
    await drained;
    for (const client of [unknown, stuck]) await client.closed();
  });

  it('awaits connections that were handed to the server, whatever they are', async () => {
    const service = start();
    const closer = closeServer(service.server, { idleTimeoutMs: 20 });
    const front = createFront((socket) => service.server.emit('connection', socket));
    await once(front.listen(0, '127.0.0.1'), 'listening');
    const client = await RawClient.connect((front.address() as AddressInfo).port);
    const [end, other] = duplexPair();
    const stream = new RawClient(end);
    service.server.emit('connection', other);
    const [silent, third] = duplexPair();
    service.server.emit('connection', third);
    silent.on('end', () => silent.end()).resume();
    stream.get('/');
    (await service.next()).end('fine');
    await stream.response();
    client.get('/');
    const response = await service.next();
    const ended = runStages(closer);
    assert.equal(await stream.closed(), 'end');
    response.end('fine');
    assert.equal((await client.response()).body, 'fine');
    front.close();
    await ended;
  });

  it('ends a server of a Unix socket', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sigkit-http-'));
    const local = createServer(answer).listen(path.join(folder, 'socket'));
    await once(local, 'listening');
    await runStages(closeServer(local));
    assert.equal(local.listening, false);
    await rm(folder, { recursive: true });
  });

  it('leaves no listener on the server, and ends one that never listened', async () => {
    const server = createServer(answer);
    const names = [...server.eventNames()];
    const counts = names.map((name) => server.listenerCount(name));
    const closer = closeServer(server);
    assert.ok(Object.hasOwn(server, 'emit'));
    const timers = (): string[] => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    // The first await has mocha start a timer of its own.
    await nextTurn();
    const before = timers();
    await runStages(closer);
    assert.deepEqual(timers(), before);
    closeServer(server)[Symbol.dispose]();
    assert.deepEqual(server.eventNames(), names);
    assert.deepEqual(
      names.map((name) => server.listenerCount(name)),
      counts,
    );
    for (const method of ['emit', 'closeIdleConnections']) assert.equal(Object.hasOwn(server, method), false);
  });

  it('is no failure for a client of node:http that keeps connections', async () => {
    const service = start(answer);
    const closer = closeServer(service.server, { idleTimeoutMs: 20 });
    const agent = new Agent({ keepAlive: true });
    await service.client();
    const { port } = service.server.address() as AddressInfo;
    const [response] = (await once(get({ port, agent }), 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    await runStages(closer);
    agent.destroy();
  });

  it('says what is wrong with its arguments', () => {
    const { server } = start();
    assert.throws(() => closeServer({} as Server), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => closeServer(server, { idleTimeoutMs: -1 }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => closeServer(server, { upgraded: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => closeServer(server, { upgradedTimeoutMs: '1' as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  createSecureServer,
  createServer as createHttp2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { closeServer } from 'sigkit/shutdown';

import { BlockingClient } from '../../support/blocking-client.js';
import { type Certificate, makeCertificate } from '../../support/certificate.js';
import { until } from '../../support/child.js';
import { contextOf, runStages } from '../../support/hooks.js';
import { RawClient } from '../../support/raw-client.js';

const certificate = makeCertificate();
const close = /^connection: close$/im;
const maxStream = 2 ** 31 - 1;
const trusting = { rejectUnauthorized: false };

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

function secured(context: Mocha.Context): Certificate {
  if (certificate === null) {
    console.log('      (openssl is not installed)');
    return context.skip();
  }
  return certificate;
}

async function secureClient(port: number): Promise<RawClient> {
  const socket = connectTls({ ...trusting, port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'] });
  await once(socket, 'secureConnect');
  return new RawClient(socket);
}

async function answerTo(stream: ClientHttp2Stream): Promise<string> {
  let body = '';
  stream.setEncoding('utf8').on('data', (text: string) => (body += text));
  await once(stream, 'close');
  return body;
}

describe('closeServer, TLS', () => {
  it('answers what is under way, closes what is idle, and whoever has not begun the handshake', async function () {
    const server = createHttpsServer(secured(this), (request, response) => {
      if (request.url === '/slow') pending.push(() => response.end('slow'));
      else response.end('quick');
    });
    const pending: (() => void)[] = [];
    const closer = closeServer(server, { idleTimeoutMs: 0 });
    const port = await listen(server);
    const [busy, idle, unused] = [await secureClient(port), await secureClient(port), await secureClient(port)];
    const silent = await RawClient.connect(port);
    idle.get('/');
    await idle.response();
    busy.get('/slow');
    await until(() => pending.length === 1, 'it is under way');
    const ended = runStages(closer);
    for (const client of [idle, unused, silent]) assert.equal(await client.closed(), 'end');
    pending[0]?.();
    const { head, body } = await busy.response();
    assert.match(head, close);
    assert.equal(body, 'slow');
    await ended;
  });

  it('destroys what is left when its time is over, a handshake under way too', async function () {
    const server = createHttpsServer(secured(this), () => {});
    const closer = closeServer(server);
    const port = await listen(server);
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));
    const half = await RawClient.connect(port);
    // The first bytes of a TLS record.
    half.socket.write(Buffer.from([22, 3, 1]));
    await until(() => sockets[0]?.bytesRead === 3, 'its first bytes are there');
    const stuck = await secureClient(port);
    stuck.get('/');
    await once(server, 'request');
    const controller = new AbortController();
    await closer['stop-accepting'](contextOf('stop-accepting', controller));
    const drained = closer.drain(contextOf('drain', controller));
    controller.abort();
    await drained;
    for (const client of [half, stuck]) await client.closed();
  });
});

describe('closeServer, HTTP/2', () => {
  const clients: ClientHttp2Session[] = [];
  const open = async (url: string): Promise<ClientHttp2Session> => {
    const client = connectHttp2(url, trusting);
    clients.push(client);
    await once(client, 'connect');
    return client;
  };

  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });

  for (const kind of ['plain', 'secure'] as const)
    it(`${kind}: sends GOAWAY, and completes the streams that are open`, async function () {
      const server = kind === 'plain' ? createHttp2Server() : createSecureServer(secured(this));
      const streams: ServerHttp2Stream[] = [];
      server.on('stream', (stream: ServerHttp2Stream) => streams.push(stream));
      const closer = closeServer(server, { idleTimeoutMs: 0 });
      const port = await listen(server);
      const url = `http${kind === 'plain' ? '' : 's'}://127.0.0.1:${port}`;
      const [busy, idle] = [await open(url), await open(url)];
      const answers = [busy.request(), busy.request()].map(answerTo);
      await until(() => streams.length === 2, 'both are under way');
      const goaways = [busy, idle].map((client) => once(client, 'goaway'));
      const ended = runStages(closer);
      const first = kind === 'plain' ? [maxStream, maxStream] : [3, 0];
      assert.deepEqual(
        (await Promise.all(goaways)).map(([code, last]) => [code, last] as unknown),
        first.map((last) => [0, last]),
      );
      for (const stream of streams) stream.end('complete');
      assert.deepEqual(await Promise.all(answers), ['complete', 'complete']);
      await ended;
      await until(() => busy.destroyed && idle.destroyed, 'the clients are gone');
    });

  it('refuses no stream silently: each is answered, or known not to have been begun', async () => {
    const server = createHttp2Server();
    let begun = 0;
    server.on('stream', (stream: ServerHttp2Stream) => {
      begun += 1;
      stream.end('x');
    });
    const closer = closeServer(server);
    const port = await listen(server);
    const client = await open(`http://127.0.0.1:${port}`);
    const outcomes: string[] = [];
    let sent = 0;
    const ask = (): void => {
      if (client.closed || client.destroyed) return;
      sent += 1;
      const stream = client.request();
      stream.once('error', () => outcomes.push(String(stream.rstCode)));
      stream.once('end', () => outcomes.push('answered'));
      stream.resume();
      setImmediate(ask);
    };
    client.on('error', () => {});
    ask();
    await until(() => begun > 100, 'it is busy');
    await runStages(closer);
    await until(() => outcomes.length === sent, 'each has an end');
    const answered = outcomes.filter((outcome) => outcome === 'answered').length;
    // 7 is REFUSED_STREAM: RFC 9113, section 8.7, which says that it may be sent again.
    assert.deepEqual(
      [...new Set(outcomes)].filter((outcome) => outcome !== '7'),
      ['answered'],
    );
    assert.equal(answered, begun);
  });

  it('sends GOAWAY to a session that begins while it ends', async () => {
    const server = createHttp2Server();
    const sessions: ServerHttp2Session[] = [];
    server.on('session', (session) => sessions.push(session));
    const closer = closeServer(server, { idleTimeoutMs: 0 });
    const client = new BlockingClient(await listen(server));
    client.run('connect');
    await runStages(closer);
    // A frame of eight bytes, of type 7, for stream 0: RFC 9113, section 6.8.
    assert.ok((await client.received).includes('\0\0\x08\x07\0\0\0\0\0'));
    assert.equal(sessions.length, 1);
  });

  it('destroys sessions that are left when its time is over', async () => {
    const server = createHttp2Server();
    const closer = closeServer(server);
    const client = await open(`http://127.0.0.1:${await listen(server)}`);
    client.on('error', () => {});
    const stream = client.request();
    stream.on('error', () => {});
    await once(server, 'stream');
    const controller = new AbortController();
    await closer['stop-accepting'](contextOf('stop-accepting', controller));
    const drained = closer.drain(contextOf('drain', controller));
    controller.abort();
    await drained;
    await until(() => client.destroyed, 'the client has noticed');
  });

  it('leaves a server of streams without the compatible requests that a listener would bring', async () => {
    const server = createHttp2Server();
    const closer = closeServer(server);
    assert.equal(server.listenerCount('request'), 0);
    await runStages(closer);
    assert.deepEqual(server.eventNames().includes('session'), createHttp2Server().eventNames().includes('session'));
  });

  it('ends a server of both: HTTP/1.1 with Connection: close, HTTP/2 with GOAWAY', async function () {
    const ends: (() => void)[] = [];
    const server = createSecureServer({ ...secured(this), allowHTTP1: true }, (_request, response) => {
      ends.push(() => response.end('x'));
    });
    const closer = closeServer(server, { idleTimeoutMs: 0 });
    const port = await listen(server);
    const one = await secureClient(port);
    const two = await open(`https://127.0.0.1:${port}`);
    one.get('/');
    const answer = answerTo(two.request());
    await until(() => ends.length === 2, 'both are under way');
    const goaway = once(two, 'goaway');
    const ended = runStages(closer);
    await goaway;
    for (const end of ends) end();
    assert.match((await one.response()).head, close);
    assert.equal(await answer, 'x');
    await ended;
  });
});

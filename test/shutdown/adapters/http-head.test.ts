import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from 'sigkit/shutdown';

import { contextOf } from '../../support/hooks.js';
import { RawClient } from '../../support/raw-client.js';

const close = /^connection: close$/im;

/** How services write what comes before the body. */
const writers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  'nothing of it': (response) => response.end('x'),
  'a header': (response) => response.setHeader('connection', 'keep-alive').end('x'),
  'a header, and more with the status': (response) =>
    response.setHeader('Connection', 'keep-alive').writeHead(200, { 'X-More': 'more' }).end('x'),
  'an object with more': (response) => response.writeHead(200, { Connection: 'keep-alive', 'X-More': 'more' }).end('x'),
  'an object, with a reason': (response) => response.writeHead(200, 'Fine', { connection: 'keep-alive' }).end('x'),
  'an array with more': (response) => response.writeHead(200, ['X-More', 'more', 'Connection', 'keep-alive']).end('x'),
  'an array of pairs, with more': (response) => {
    const pairs = Object.entries({ 'X-More': 'more', Connection: 'keep-alive' });
    response.writeHead(200, pairs as unknown as string[]).end('x');
  },
  'a stream': (response) => {
    response.writeHead(200, { Connection: 'keep-alive', 'Content-Type': 'text/event-stream' }).flushHeaders();
    response.end('data: x\n\n');
  },
  'a header that is removed': (response) => {
    response.removeHeader('Connection');
    response.end('x');
  },
};

describe('closeServer, the head of a response', () => {
  const servers: Server[] = [];
  /** A client whose request has been handed out, and its response. */
  const ask = async (server: Server, request: string): Promise<readonly [RawClient, ServerResponse]> => {
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = await RawClient.connect((server.address() as AddressInfo).port);
    client.socket.write(request);
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    return [client, response];
  };

  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  for (const [how, write] of Object.entries(writers))
    for (const began of ['before', 'during'] as const)
      it(`says close, once, where the service writes ${how}, in a request that came ${began} the drain`, async () => {
        const server = createServer();
        const closer = closeServer(server, { idleTimeoutMs: 60_000 });
        const get = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
        let [client, response] = await ask(server, get);
        if (began === 'before') await closer['stop-accepting'](contextOf('stop-accepting'));
        else {
          response.end('before');
          assert.doesNotMatch((await client.response()).head, close);
          await closer['stop-accepting'](contextOf('stop-accepting'));
          client.socket.write(get);
          [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
        }
        write(response);
        const { head, body } = await client.response();
        assert.deepEqual(
          head.match(/^connection: .*$/gim)?.map((line) => line.toLowerCase()),
          ['connection: close'],
        );
        assert.equal(head.includes('X-More: more'), how.includes('more'));
        assert.ok(body.includes('x'));
        assert.equal(await client.closed(), 'end');
        await closer.drain(contextOf('drain'));
      });

  for (const [what, request, status] of [
    ['a HEAD', 'HEAD / HTTP/1.1\r\nHost: test\r\n\r\n', 200],
    ['what has not changed', 'GET / HTTP/1.1\r\nHost: test\r\n\r\n', 304],
    ['a client of HTTP/1.0 that would keep its connection', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 200],
  ] as const)
    it(`says close in the answer to ${what}`, async () => {
      const server = createServer();
      const closer = closeServer(server);
      const [client, response] = await ask(server, request);
      await closer['stop-accepting'](contextOf('stop-accepting'));
      response.writeHead(status).end();
      assert.match(await client.text('\r\n\r\n'), /^connection: close$/im);
      assert.equal(await client.closed(), 'end');
      await closer.drain(contextOf('drain'));
    });

  it('is as the service writes it while nothing ends, and wrong ones are errors as ever', async () => {
    const server = createServer();
    const closer = closeServer(server);
    const [client, response] = await ask(server, 'GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    assert.equal(Object.hasOwn(response, 'writeHead'), false);
    await closer['stop-accepting'](contextOf('stop-accepting'));
    assert.throws(() => response.writeHead(99), { code: 'ERR_HTTP_INVALID_STATUS_CODE' });
    response.end('x');
    assert.throws(() => response.writeHead(200), { code: 'ERR_HTTP_HEADERS_SENT', message: /write/ });
    assert.match((await client.response()).head, close);
    await closer.drain(contextOf('drain'));
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { closeServer, type ServerCloser } from 'sigkit/shutdown';

import { until } from '../../support/child.js';
import { contextOf } from '../../support/hooks.js';
import { RawHttp2Client } from '../../support/raw-http2.js';

const maxStream = 2 ** 31 - 1;
const stopAccepting = (closer: ServerCloser): Promise<void> => closer['stop-accepting'](contextOf('stop-accepting'));
const drain = (closer: ServerCloser): Promise<void> => closer.drain(contextOf('drain'));

describe('closeServer, requests of HTTP/2 on their way', () => {
  const clients: RawHttp2Client[] = [];
  const serve = async (answer: (stream: ServerHttp2Stream) => void): Promise<[ServerCloser, RawHttp2Client]> => {
    const server = createServer();
    server.on('stream', answer);
    const closer = closeServer(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = await RawHttp2Client.connect((server.address() as AddressInfo).port);
    clients.push(client);
    return [closer, client];
  };

  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.destroy();
  });

  it('are answered, all that the client sends before it can know', async () => {
    const [closer, client] = await serve((stream) => stream.end('x'));
    client.ask(10);
    await until(() => client.answered.length === 10, 'it is served');
    client.socket.pause();
    await stopAccepting(closer);
    // What the server has said so far is on the way to it.
    client.ask(40);
    client.socket.resume();
    client.ask(1);
    const drained = drain(closer);
    await until(() => client.goaways.length > 0, 'it is told');
    await drained;
    await until(() => client.socket.closed, 'the client has noticed');
    assert.deepEqual(client.answered, client.sent);
    assert.deepEqual(client.reset, []);
    assert.deepEqual(client.goaways.slice(0, 2), [maxStream, 101]);
  });

  it('are answered, those that a new client sends at once', async () => {
    const [closer, client] = await serve((stream) => stream.end('x'));
    client.ask(5);
    await stopAccepting(closer);
    client.ask(5);
    await drain(closer);
    await until(() => client.socket.closed, 'the client has noticed');
    assert.deepEqual(client.answered, client.sent);
  });

  it('find frames that are whole, while a client reads slowly', async () => {
    const large = Buffer.alloc(2 ** 20, 'x');
    const [closer, client] = await serve((stream) => {
      stream.respond();
      for (let part = 0; part < 8; part += 1) stream.write(large);
      stream.end();
    });
    client.socket.pause();
    client.ask(2);
    await stopAccepting(closer);
    const drained = drain(closer);
    const reading = setInterval(() => {
      client.socket.resume();
      setImmediate(() => client.socket.pause());
    }, 1);
    await once(client.socket, 'end').finally(() => clearInterval(reading));
    await drained;
    assert.deepEqual(client.answered.sort(), client.sent);
    assert.deepEqual([...client.types].sort(), [0, 1, 4, 6, 7]);
  });
});

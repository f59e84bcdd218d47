import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { closeServer, endWorkers } from 'sigkit/shutdown';

import { until } from '../../support/child.js';
import { contextOf, runStages } from '../../support/hooks.js';
import { RawClient } from '../../support/raw-client.js';
import { scenario } from '../../support/scenario.js';

const upgrade = 'Connection: Upgrade\r\nUpgrade: echo\r\n';

describe('what an adapter sees of objects of the program', () => {
  let server: Server;
  const sockets: Socket[] = [];
  const connect = async (): Promise<RawClient> => RawClient.connect((server.address() as AddressInfo).port);

  beforeEach(async () => {
    server = createServer().on('connection', (socket: Socket) => sockets.push(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(() => {
    server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('it sees as no listener: none is counted, and no warning comes early', async () => {
    const counts: unknown[] = [];
    const count = (emitter: EventEmitter): void =>
      void counts.push(emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]));
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    const fill = (emitter: EventEmitter, event: string): void => {
      while (emitter.listenerCount(event) < EventEmitter.defaultMaxListeners) emitter.on(event, () => {});
    };
    const visit = async (closes: boolean): Promise<unknown> => {
      counts.length = 0;
      server.removeAllListeners('request');
      const closer = closes ? closeServer(server) : undefined;
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        for (const emitter of [server, request, response, request.socket]) count(emitter);
        for (const emitter of [request, response, request.socket]) fill(emitter, 'close');
        response.end('fine');
      });
      for (const event of ['connection', 'request', 'upgrade', 'checkContinue']) fill(server, event);
      const client = await connect();
      client.get('/');
      assert.equal((await client.response()).body, 'fine');
      client.socket.destroy();
      closer?.[Symbol.dispose]();
      return structuredClone(counts);
    };
    process.on('warning', warn);
    try {
      // For the listeners that the first visit leaves on the server.
      await visit(false);
      const alone = await visit(false);
      assert.deepEqual(await visit(true), alone);
      await nextTurn();
      assert.deepEqual(warnings, []);
    } finally {
      process.off('warning', warn);
    }
  });

  it('it sees whatever the program removes: of a response, a request and an upgraded connection', async () => {
    const closer = closeServer(server, { idleTimeoutMs: 0 });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      request.removeAllListeners();
      response.removeAllListeners('close');
      response.end('fine');
    });
    server.on('upgrade', (_request: IncomingMessage, socket: Socket) => {
      socket.removeAllListeners('close');
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    const [kept, upgraded] = [await connect(), await connect()];
    kept.get('/');
    assert.equal((await kept.response()).body, 'fine');
    upgraded.get('/', upgrade);
    assert.equal(await upgraded.closed(), 'end');
    upgraded.socket.destroy();
    await until(() => sockets.some(({ destroyed }) => destroyed), 'the upgraded connection is gone');
    const late = setTimeout(() => assert.fail('the drain waits for what has ended'), 10_000);
    await runStages(closer);
    clearTimeout(late);
    assert.equal(await kept.closed(), 'end');
  });

  it('nor does the line about a foreign end of the process count as a listener', () =>
    scenario(async ({ shutdown, timers }) => {
      const warnings: Error[] = [];
      process.on('warning', (warning) => warnings.push(warning));
      while (process.listenerCount('exit') < 10) process.on('exit', () => {});
      const seen: unknown[] = [];
      const course = shutdown.createShutdown({ exit: 'none' }).add('look', async () => {
        seen.push(process.listenerCount('exit'), Object.hasOwn(process, 'emit'));
        await timers.setImmediate();
      });
      await course.shutdown();
      assert.deepEqual(seen, [10, true]);
      assert.ok(!Object.hasOwn(process, 'emit'));
      assert.deepEqual(warnings, []);
    }));

  it("an 'error' of a Worker is the program's again once the hook is over", async () => {
    const code = `require('node:worker_threads').parentPort.on('message', () => { throw new Error('unwell'); })`;
    const worker = new Worker(code, { eval: true });
    await once(worker, 'online');
    const tell = (): never => assert.fail('untold');
    await assert.rejects(async () => endWorkers(worker, { tell })(contextOf('stop-work')), AggregateError);
    assert.equal(worker.listenerCount('error'), 0);
    await worker.terminate();
  });
});

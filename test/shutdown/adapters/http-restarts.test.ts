import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

import { type Child, startChild, until } from '../../support/child.js';
import { RawClient } from '../../support/raw-client.js';

const fixture = fileURLToPath(new URL('../../fixtures/shutdown/http-service.js', import.meta.url));
// With a sanitizer each takes seconds, and nothing of it is native but its end, which other tests have.
const sanitized = process.env['SIGKIT_SANITIZER'] !== undefined;
const restarts = sanitized ? 4 : 20;

/** Clients of one run of the service, which stop when it lets them go. */
class Load {
  readonly #port: number;
  readonly #healthPort: number;
  ready = true;
  sent = 0;
  answered = 0;
  /** Connections that were made after the service was known not to be ready. */
  madeLate = 0;
  readonly lost: string[] = [];

  constructor(port: number, healthPort: number) {
    this.#port = port;
    this.#healthPort = healthPort;
  }

  /** As a load balancer: looks whether it is ready, and tells the others. */
  async balancer(): Promise<void> {
    const probe = await RawClient.connect(this.#healthPort);
    while (this.ready) {
      probe.get('/readyz');
      this.ready = (await probe.response()).status === 200;
    }
    // Readiness has ended before the listener: who is late is served still.
    await this.#visit('/', true);
    this.madeLate += 1;
    probe.socket.destroy();
  }

  /** Keeps its connection, and makes a new one when it is told that the old one ends. */
  async keepAlive(path: string): Promise<void> {
    while (this.ready) await this.#visit(path, false);
  }

  /** Makes a new connection for each request, while the service is ready. */
  async visitor(): Promise<void> {
    while (this.ready) await this.#visit('/', true);
  }

  /** Makes a new connection for each request, until it is refused. */
  async newcomer(): Promise<void> {
    for (;;) {
      try {
        await this.#visit('/', true);
      } catch {
        return;
      }
    }
  }

  /** Keeps its connection, and sends two requests at a time. */
  async pipeline(): Promise<void> {
    const client = await RawClient.connect(this.#port);
    for (let open = true; open;) {
      this.sent += 2;
      client.socket.write('GET /1 HTTP/1.1\r\nHost: test\r\n\r\nGET /2 HTTP/1.1\r\nHost: test\r\n\r\n');
      open = await this.#receive(client);
      // What comes after a response that says close has not been begun, and a client knows it.
      if (open) open = await this.#receive(client);
      else this.sent -= 1;
    }
    await client.closed();
  }

  /** Leaves its connection idle after one request. */
  async idle(): Promise<void> {
    const client = await RawClient.connect(this.#port);
    await this.#ask(client, '/');
    await client.closed();
  }

  /** Talks over an upgraded connection until it is told to end. */
  async upgraded(): Promise<void> {
    const client = await RawClient.connect(this.#port);
    client.get('/', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
    await client.text('\r\n\r\n');
    for (let text = ''; text !== 'bye\n'; text = await client.text('\n')) {
      client.socket.write('hello\n');
      await delay(1);
    }
    client.socket.end();
    assert.equal(await client.closed(), 'end');
  }

  async #visit(path: string, once: boolean): Promise<void> {
    const client = await RawClient.connect(this.#port);
    while ((await this.#ask(client, path, once ? 'Connection: close\r\n' : '')) && !once);
    await client.closed();
  }

  /** Whether the connection may be used again. */
  async #ask(client: RawClient, path: string, headers: string = ''): Promise<boolean> {
    this.sent += 1;
    client.get(path, headers);
    return this.#receive(client);
  }

  async #receive(client: RawClient): Promise<boolean> {
    try {
      const { status, head, body } = await client.response();
      assert.equal(status, 200);
      assert.ok(body.endsWith('whole'));
      this.answered += 1;
      return !/^connection: close$/im.test(head);
    } catch (error) {
      this.lost.push(String(error));
      return false;
    }
  }
}

function startLoad(load: Load): Promise<unknown> {
  const four = [1, 2, 3, 4];
  return Promise.all([
    load.balancer(),
    ...four.map(() => load.keepAlive('/')),
    ...four.map(() => load.keepAlive('/slow')),
    ...four.map(() => load.keepAlive('/stream')),
    ...four.map(() => load.visitor()),
    load.pipeline(),
    load.idle(),
    load.upgraded(),
  ]);
}

async function startService(mode: string = ''): Promise<{ readonly child: Child; readonly load: Load }> {
  const child = startChild(fixture, { args: [mode] });
  const [port = 0, healthPort = 0] = (await child.line(/^\d+ \d+$/)).split(' ').map(Number);
  return { child, load: new Load(port, healthPort) };
}

describe('an HTTP service that is restarted under load', () => {
  it(`answers every request that it has accepted, over ${restarts} restarts`, async function () {
    this.timeout(120_000);
    let all = 0;
    for (let restart = 1; restart <= restarts; restart += 1) {
      const { child, load } = await startService();
      const clients = startLoad(load);
      await until(() => load.answered > 200, 'the load is there');
      process.kill(child.pid, 'SIGTERM');
      await clients;
      const { code, stdout, stderr } = await child.ended;
      assert.equal(code, 0, stderr);
      const [begun, answered] = (stdout.split('\n')[1] ?? '').split(' ').map(Number);
      assert.deepEqual(load.lost, [], `restart ${restart}`);
      assert.deepEqual(
        { begun, answered, received: load.answered },
        { begun: load.sent, answered: load.sent, received: load.sent },
      );
      assert.equal(load.madeLate, 1);
      all += load.sent;
    }
    console.log(`      ${all} requests sent, ${all} answered`);
  });

  it('resets next to no connection that a client has made before it was refused', async function () {
    if (sanitized) this.skip();
    this.timeout(120_000);
    const lost = { ours: 0, plain: 0 };
    for (let round = 1; round <= 8; round += 1)
      for (const mode of ['ours', 'plain'] as const) {
        const { child, load } = await startService(mode);
        const clients = Promise.all(Array.from({ length: 16 }, () => load.newcomer()));
        await until(() => load.answered > 50, 'the load is there');
        process.kill(child.pid, 'SIGTERM');
        await clients;
        assert.equal((await child.ended).code, 0);
        lost[mode] += load.lost.length;
      }
    console.log(`      of closeServer ${lost.ours}, of server.close() ${lost.plain}`);
    assert.ok(lost.plain > 0);
    assert.ok(lost.ours <= lost.plain / 10);
  });
});

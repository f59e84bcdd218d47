import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Child } from '../support/child.js';
import { run, scratch, startCommand } from '../support/init.js';
import { FakeManager } from '../support/notify-socket.js';
import { statOf } from '../support/processes.js';
import { isRefused, RawClient } from '../support/raw-client.js';

const example = fileURLToPath(new URL('../../examples/service.js', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const withManager = path.join(root, 'test/fixtures/systemd/user-manager.sh');
const clients = 8;
// Without a drain delay the first few of them would be served as well.
const lateVisitors = 40;

/** The example, with a configuration of its own, under a manager that hears what it tells. */
class Service implements AsyncDisposable {
  readonly child: Child;
  readonly #file: string;
  readonly #manager: FakeManager;
  port = 0;
  healthPort = 0;
  helper = 0;

  private constructor(manager: FakeManager, config: object) {
    this.#file = path.join(mkdtempSync(path.join(scratch(), 'service-')), 'service.json');
    this.#manager = manager;
    this.configure({ greeting: 'first', ...config });
    const env = { ...manager.environment, WATCHDOG_USEC: '200000' };
    this.child = startCommand([process.execPath, example, this.#file], { env });
  }

  static async start(config: object = {}): Promise<Service> {
    const service = new Service(await FakeManager.start(), config);
    const numbers = (await service.child.line(/^process /)).match(/\d+/g)?.map(Number) ?? [];
    [, service.port = 0, service.healthPort = 0, service.helper = 0] = numbers;
    return service;
  }

  configure(config: object): void {
    writeFileSync(this.#file, JSON.stringify({ port: 0, healthPort: 0, drainDelayMs: 1000, ...config }));
  }

  /** The lines of the next message but signs of life. */
  async told(): Promise<readonly string[]> {
    for (;;) {
      const { lines } = await this.#manager.next();
      if (lines[0] !== 'WATCHDOG=1') return lines;
    }
  }

  /** Waits for the next sign of life. */
  async signOfLife(): Promise<void> {
    while ((await this.#manager.next()).lines[0] !== 'WATCHDOG=1');
  }

  async probe(page: string): Promise<number> {
    const client = await RawClient.connect(this.healthPort);
    client.get(page, 'Connection: close\r\n');
    const { status } = await client.response();
    client.socket.destroy();
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.process.kill('SIGKILL');
    await this.child.ended;
    // Who is killed ends nobody; who has ended in order has ended that.
    try {
      process.kill(-this.helper, 'SIGKILL');
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
    }
    await this.#manager[Symbol.asyncDispose]();
  }
}

const answerTo = (text: string, greeting: string): string =>
  `${greeting}: ${createHash('sha256').update(text).digest('hex')}\n`;

/** Asks on connections that it keeps, until it is told that they end. Gives the answers. */
async function load(service: Service): Promise<string[]> {
  const client = await RawClient.connect(service.port);
  const answers: string[] = [];
  for (let isOpen = true; isOpen;) {
    client.get('/');
    const { head, body } = await client.response();
    answers.push(body);
    isOpen = !/^connection: close$/im.test(head);
  }
  return answers;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

describe('examples/service.ts', () => {
  it('stops in order under load: not ready, then no listener, then all answered, then the helper, then itself', async () => {
    await using service = await Service.start();
    assert.deepEqual(await service.told(), ['READY=1', `STATUS=Serving on port ${service.port}`]);
    assert.equal(await service.probe('/readyz'), 200);
    const busy = Promise.all(Array.from({ length: clients }, () => load(service)));
    const slow = await RawClient.connect(service.port);
    slow.socket.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf ');

    process.kill(service.child.pid, 'SIGTERM');
    await service.child.line(/^draining$/);
    assert.deepEqual([await service.probe('/readyz'), await service.probe('/livez')], [503, 200]);
    for (let visitor = 1; visitor <= lateVisitors; visitor += 1) {
      const late = await RawClient.connect(service.port);
      late.get('/', 'Connection: close\r\n');
      assert.equal((await late.response()).body, answerTo('', 'first'));
    }

    while (!(await isRefused(service.port)));
    const answers = (await busy).flat();
    assert.ok(answers.length > clients);
    assert.deepEqual([...new Set(answers)], [answerTo('', 'first')]);
    assert.equal(statOf(service.helper)?.group, service.helper);
    slow.socket.write('done');
    const { head, body } = await slow.response();
    assert.match(head, /^connection: close$/im);
    assert.equal(body, answerTo('half done', 'first'));

    const { code, signal, stdout, stderr } = await service.child.ended;
    assert.deepEqual([code, signal, stderr], [null, 'SIGTERM', '']);
    assert.deepEqual(stdout.split('\n').slice(1), ['draining', 'stopping', 'exited', '']);
    const helper = statOf(service.helper);
    assert.ok(helper === null || helper.state === 'Z');
    assert.equal((await service.told())[0], 'STOPPING=1');
    let last: readonly string[] = [];
    while (last[0] !== 'STATUS=Stopped') last = await service.told();
  });

  it('cuts off a client that never finishes, and stops the rest in order', async () => {
    await using service = await Service.start({ budgetMs: 8000, drainDelayMs: 0 });
    await service.told();
    const endless = await RawClient.connect(service.port);
    endless.socket.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf ');
    process.kill(service.child.pid, 'SIGTERM');
    const { code, stdout, stderr } = await service.child.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^http timed-out .*: the stage 'drain' has not ended within 4000 ms$/m);
    assert.deepEqual(stdout.split('\n').slice(1), ['draining', 'stopping', 'exited', '']);
    await endless.closed();
    let last: readonly string[] = [];
    while (last[0]?.startsWith('STATUS=Stopped') !== true) last = await service.told();
    assert.deepEqual(last, ['STATUS=Stopped: http (timed-out)']);
  });

  it('reads its configuration again on SIGHUP, and keeps it if the new one is wrong', async () => {
    await using service = await Service.start();
    await service.told();
    const client = await RawClient.connect(service.port);
    const greeting = async (): Promise<string | undefined> => {
      client.get('/');
      return (await client.response()).body.split(':')[0];
    };
    const reload = async (): Promise<string | undefined> => {
      process.kill(service.child.pid, 'SIGHUP');
      assert.equal((await service.told())[0], 'RELOADING=1');
      const [first, status] = await service.told();
      assert.equal(first, 'READY=1');
      return status;
    };
    assert.equal(await greeting(), 'first');
    service.configure({ greeting: 'second' });
    assert.equal(await reload(), 'STATUS=Reloaded: generation 1');
    await service.child.line(/^reloaded: generation 1$/);
    assert.equal(await greeting(), 'second');
    service.configure({ greeting: 3 });
    assert.equal(await reload(), 'STATUS=Reload failed in validate, generation 1 stays: "greeting" is not a string');
    assert.equal(await greeting(), 'second');
  });

  it('ends in order, with its helper, when its port is taken', async () => {
    await using other = createServer().listen(0);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const file = path.join(mkdtempSync(path.join(scratch(), 'service-')), 'service.json');
    writeFileSync(file, JSON.stringify({ port, healthPort: 0, drainDelayMs: 0 }));
    const { code, stdout, stderr } = await startCommand([process.execPath, example, file]).ended;
    assert.deepEqual([code, stdout.trim().split('\n')], [1, ['draining', 'stopping', 'exited']], stderr);
    assert.match(stderr, /EADDRINUSE/);
    // It tells of each hook that has not done its work.
    assert.doesNotMatch(stderr, /helper/);
  });

  it('gives signs of life, and is not ready without its helper', async () => {
    await using service = await Service.start();
    await service.signOfLife();
    await service.signOfLife();
    process.kill(-service.helper, 'SIGKILL');
    while ((await service.probe('/readyz')) !== 503);
    assert.equal(await service.probe('/livez'), 200);
  });

  it('runs under systemd as its documented unit and a socket say: none who connects is refused, a restart included', async function () {
    const units = mkdtempSync(path.join(scratch(), 'units-'));
    const file = path.join(units, 'service.json');
    const documented = readFileSync(path.join(root, 'docs/example.service'), 'utf8');
    const unit = documented
      .replace('/usr/bin/node', process.execPath)
      .replace('/srv/example/service.js ', `${example} `)
      .replace('/srv/example/service.json', file);
    const port = await freePort();
    writeFileSync(file, JSON.stringify({ healthPort: 0, drainDelayMs: 0 }));
    writeFileSync(path.join(units, 'example.service'), unit);
    writeFileSync(path.join(units, 'example.socket'), `[Socket]\nListenStream=127.0.0.1:${port}\n`);
    writeFileSync(path.join(units, 'empty.target'), '[Unit]\nDefaultDependencies=no\n');
    const ask = `"${process.execPath}" -e 'fetch("http://127.0.0.1:${port}").then((it) => it.text()).then(console.log)'`;
    const show = (name: string): string => `systemctl --user show --value -p ${name} example`;
    const script = `set -eu; export LC_ALL=C
      systemctl --user start example.socket
      ${ask}; ${show('StatusText')}; ${show('MainPID')}
      systemctl --user restart example & ${ask}; wait; ${show('StatusText')}; ${show('MainPID')}
      systemctl --user stop example.socket example; ${show('Result')}`;
    const { code, stdout, stderr } = await run(['sh', withManager, units, 'sh', '-c', script]);
    if (code === 77) return this.skip();
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const [answer, status] = [answerTo('', 'hello').trim(), `Serving on port ${port}`];
    const lines = stdout.split('\n').filter(Boolean);
    assert.deepEqual(lines, [answer, status, lines[2], answer, status, lines[5], 'success']);
    assert.notEqual(lines[2], lines[5]);
  });
});

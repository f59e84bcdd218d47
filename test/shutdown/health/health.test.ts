import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

import {
  health,
  type Health,
  type HealthDetail,
  type HealthOptions,
  type Hook,
  type HookOptions,
  type Shutdown,
  type ShutdownState,
} from 'sigkit/shutdown';

import { startChild, until } from '../../support/child.js';
import { contextOf } from '../../support/hooks.js';
import { RawClient } from '../../support/raw-client.js';
import { startScenario } from '../../support/scenario.js';

const fixture = fileURLToPath(new URL('../../fixtures/shutdown/health.js', import.meta.url));

/** As much of a shutdown as health looks at, in a state of the test's choice. */
class FakeShutdown {
  state: ShutdownState = 'running';
  readonly hooks = new Map<string, { readonly hook: Hook; readonly stage: string | undefined }>();

  add(name: string, hook: Hook, options?: HookOptions): void {
    this.hooks.set(name, { hook, stage: options?.stage });
  }

  remove(name: string): boolean {
    return this.hooks.delete(name);
  }
}

interface Probed {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

describe('health', () => {
  const shutdowns: { close(): unknown }[] = [];
  const start = (options?: HealthOptions): { readonly shutdown: FakeShutdown; readonly probes: Health } => {
    const shutdown = new FakeShutdown();
    return { shutdown, probes: health(shutdown as unknown as Shutdown, options) };
  };
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener).unref();
    shutdowns.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const probe = async (probes: Health, path: string, method: string = 'GET'): Promise<Probed> => {
    const url = await serve((request, response) => {
      if (!probes.handle(request, response)) response.writeHead(418).end('not mine');
    });
    const response = await fetch(`${url}${path}`, { method, headers: { Connection: 'close' } });
    return { status: response.status, body: await response.text(), headers: response.headers };
  };
  const statuses = async (probes: Health): Promise<number[]> => {
    const all = await Promise.all(['/livez', '/readyz', '/healthz'].map((path) => probe(probes, path)));
    return all.map(({ status }) => status);
  };

  afterEach(() => {
    for (const server of shutdowns.splice(0)) server.close();
  });

  it('is live until the shutdown is forced, and ready until it begins', async () => {
    const { shutdown, probes } = start();
    const expected: Record<ShutdownState, number[]> = {
      running: [200, 200, 200],
      draining: [200, 503, 503],
      stopping: [200, 503, 503],
      exited: [200, 503, 503],
      forced: [503, 503, 503],
    };
    for (const [state, wanted] of Object.entries(expected)) {
      shutdown.state = state as ShutdownState;
      assert.deepEqual(await statuses(probes), wanted, state);
    }
    assert.equal((await probe(probes, '/livez')).body, 'forced\n');
    assert.equal((await probe(probes, '/readyz')).body, 'forced\n');
  });

  it('is not ready before it says so, and while a check fails', async () => {
    let ready: boolean | Promise<boolean> = false;
    let failing: unknown = true;
    const checks = {
      disk: () => failing,
      queue() {
        if (failing === 'throw') throw new Error('no queue');
      },
      store: async () => {
        if (failing === 'reject') throw new Error('no store');
      },
    };
    const { probes } = start({ ready: () => ready, checks });
    const readiness = async (): Promise<unknown[]> => {
      const { status, body } = await probe(probes, '/readyz');
      return [status, body];
    };
    assert.deepEqual(await readiness(), [503, 'failed: ready\n']);
    // What a program in JavaScript may give before it has started.
    for (const nothing of [undefined, Promise.resolve(undefined), null, 0]) {
      ready = nothing as never;
      assert.deepEqual(await readiness(), [503, 'failed: ready\n']);
    }
    ready = Promise.resolve(true);
    assert.deepEqual(await readiness(), [200, 'ok\n']);
    failing = false;
    assert.deepEqual(await readiness(), [503, 'failed: disk\n']);
    failing = 'throw';
    assert.deepEqual(await readiness(), [503, 'failed: queue\n']);
    failing = 'reject';
    assert.deepEqual(await readiness(), [503, 'failed: store\n']);
    assert.equal((await probe(probes, '/livez')).status, 200);
  });

  it('the readiness is one line, whatever the checks are called', async () => {
    const { probes } = start({ checks: { 'disk\nok\u001b[0m': () => false } });
    assert.equal((await probe(probes, '/readyz')).body, 'failed: disk\\x0Aok\\x1B[0m\n');
  });

  it('tells all of it as JSON', async () => {
    const { probes } = start({
      checks: {
        fine: () => 0,
        not() {
          throw new Error('why');
        },
      },
    });
    const { status, body, headers } = await probe(probes, '/healthz?verbose');
    assert.equal(status, 503);
    assert.equal(headers.get('content-type'), 'application/json');
    const detail = JSON.parse(body) as HealthDetail;
    assert.deepEqual(
      { ...detail, checks: Object.keys(detail.checks) },
      {
        state: 'running',
        live: true,
        ready: false,
        checks: ['fine', 'not'],
      },
    );
    assert.equal(detail.checks['fine']?.ok, true);
    assert.equal(detail.checks['not']?.error, 'why');
    assert.ok((detail.checks['not']?.durationMs ?? -1) >= 0);
    assert.deepEqual(Object.keys((await probes.detail()).checks), ['fine', 'not']);
  });

  it('tells what a check has thrown, whatever that is', async () => {
    const thrown = [Object.create(null), Symbol('why'), 'why', Object.assign(new Error(), { message: 1n }), undefined];
    for (const value of thrown as readonly unknown[]) {
      const { probes } = start({
        checks: {
          strange() {
            throw value;
          },
        },
      });
      const { status, body } = await probe(probes, '/healthz');
      assert.equal(status, 503);
      const { error } = (JSON.parse(body) as HealthDetail).checks['strange'] ?? assert.fail();
      assert.match(error ?? '', /^(?:\[Object: null prototype\] \{\}|Symbol\(why\)|'why'|1|undefined)$/);
    }
  });

  it('leaves a request alone that its service has answered while the checks are asked', async () => {
    let pass: () => void = () => {};
    const { probes } = start({ checks: { slow: () => new Promise<void>((resolve) => (pass = resolve)) } });
    const url = await serve((request, response) => {
      probes.handle(request, response);
      response.writeHead(504).end('too late');
    });
    const response = await fetch(`${url}/readyz`, { headers: { Connection: 'close' } });
    assert.deepEqual([response.status, await response.text()], [504, 'too late']);
    const rejected: unknown[] = [];
    const onRejection = (reason: unknown): unknown => rejected.push(reason);
    process.on('unhandledRejection', onRejection);
    pass();
    await new Promise(setImmediate);
    process.off('unhandledRejection', onRejection);
    assert.deepEqual(rejected, []);
  });

  it('gives up on a check that hangs, and does not ask it again meanwhile', async () => {
    let asked = 0;
    let end: (value: unknown) => void = () => {};
    const slow = (): Promise<unknown> => {
      asked += 1;
      return new Promise((resolve) => (end = resolve));
    };
    const { probes } = start({ timeoutMs: 20, checks: { slow } });
    for (const _ of [1, 2, 3]) assert.equal((await probe(probes, '/readyz')).status, 503);
    assert.equal((await probes.detail()).checks['slow']?.error, 'no answer within 20 ms');
    assert.equal(asked, 1);
    end(true);
    await new Promise((resolve) => setImmediate(resolve));
    const answered = probes.detail();
    assert.equal(asked, 2);
    end(true);
    assert.equal((await answered).ready, true);
  });

  it('is not ready if the shutdown begins while the checks are asked', async () => {
    let pass: () => void = () => {};
    const { shutdown, probes } = start({
      timeoutMs: 20_000,
      checks: { slow: () => new Promise<void>((resolve) => (pass = resolve)) },
    });
    const asking = probes.detail();
    shutdown.state = 'draining';
    pass();
    assert.deepEqual(await asking, { ...(await asking), state: 'draining', ready: false });
    assert.equal((await asking).checks['slow']?.ok, true);
  });

  it('answers at once while it drains, without a check', async () => {
    let asked = 0;
    const { shutdown, probes } = start({ checks: { counted: () => (asked += 1) } });
    shutdown.state = 'draining';
    assert.deepEqual((await probe(probes, '/readyz')).body, 'draining\n');
    assert.equal(asked, 0);
  });

  it('answers GET and HEAD, is never cached, and leaves other paths alone', async () => {
    const { probes } = start();
    for (const path of ['/livez', '/readyz', '/healthz']) {
      const { status, body, headers } = await probe(probes, path, 'HEAD');
      assert.deepEqual([status, body], [200, '']);
      assert.ok(Number(headers.get('content-length')) > 0);
      assert.equal(headers.get('cache-control'), 'no-store');
    }
    const { status, headers } = await probe(probes, '/livez', 'POST');
    assert.deepEqual([status, headers.get('allow')], [405, 'GET, HEAD']);
    assert.equal((await probe(probes, '/livez/')).body, 'not mine');
    assert.equal((await probe(probes, '/')).status, 418);
  });

  it('listens on a port of its own until flush', async () => {
    const { shutdown, probes } = start();
    const { port, address } = await probes.listen(0, '127.0.0.1');
    assert.equal(address, '127.0.0.1');
    assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
    const [[, { hook, stage }] = assert.fail()] = shutdown.hooks;
    assert.equal(stage, 'flush');
    const unfinished = await RawClient.connect(port);
    unfinished.socket.write('GET /livez HT');
    const flushed = hook(contextOf('flush'));
    // What keeps the last second must outlive that.
    v8.setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let times = 0; times < 5; times += 1) {
      await new Promise(setImmediate);
      collect();
    }
    await flushed;
    await unfinished.closed();
    await assert.rejects(RawClient.connect(port), { code: 'ECONNREFUSED' });
  });

  it('listens on the same port of several addresses', async () => {
    const { shutdown, probes } = start();
    const { port } = await probes.listen(0, '127.0.0.1');
    await probes.listen(port, '127.0.0.2');
    assert.equal(shutdown.hooks.size, 2);
    await probes.close();
    assert.equal(shutdown.hooks.size, 0);
  });

  it('leaves no timer, and keeps no process alive', async () => {
    const { probes } = start({ checks: { fine: () => {} } });
    const timers = (): string[] => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    // The first await has mocha start a timer of its own.
    await probes.detail();
    const before = timers();
    await probes.detail();
    assert.deepEqual(timers(), before);
    const child = startScenario(async ({ shutdown, fs }) => {
      const { port } = await shutdown.health(shutdown.createShutdown()).listen(0, '127.0.0.1');
      fs.writeSync(1, `${port}\n`);
      // Until it is told to go on.
      process.stdin.resume();
    });
    const port = Number(await child.line(/^\d+$/));
    // It is open when the next one is answered, and node:http waits a minute for what it will ask.
    await RawClient.connect(port);
    const client = await RawClient.connect(port);
    client.get('/livez', 'Connection: close\r\n');
    await client.response();
    child.process.stdin?.end();
    await until(() => child.process.exitCode === 0, 'it has ended by itself');
  });

  it('closes its ports when it is told to, and when it comes too late', async () => {
    const { shutdown, probes } = start();
    const { port } = await probes.listen(0, '127.0.0.1');
    await assert.rejects(probes.listen(port, '127.0.0.1'), { code: 'EADDRINUSE' });
    const client = await RawClient.connect(port);
    await probes.close();
    await client.closed();
    assert.equal(shutdown.hooks.size, 0);
    const tooLate = Object.assign(new Error('late'), { code: 'ERR_SIGKIT_SHUTTING_DOWN' });
    shutdown.add = () => {
      throw tooLate;
    };
    await assert.rejects(probes.listen(port, '127.0.0.1'), tooLate);
    await assert.rejects(RawClient.connect(port), { code: 'ECONNREFUSED' });
  });

  it('follows a real shutdown from the first instant to flush', async () => {
    const child = startChild(fixture, { args: ['127.0.0.1'] });
    const port = await child.line(/^\d+$/);
    const ask = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    assert.equal(await ask('/readyz'), 503);
    child.write('\n');
    await child.line(/^started$/);
    assert.equal(await ask('/readyz'), 200);
    process.kill(child.pid, 'SIGTERM');
    for (const stage of ['drain', 'release']) {
      await child.line(new RegExp(`^${stage}$`));
      assert.deepEqual([await ask('/livez'), await ask('/readyz')], [200, 503]);
      child.write('\n');
    }
    child.process.stdin?.end();
    const { code, stderr } = await child.ended;
    assert.equal(code, 0, stderr);
  });

  it('says what is wrong with its arguments', async () => {
    const { shutdown, probes } = start();
    const real = shutdown as unknown as Shutdown;
    assert.throws(() => health(null as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => health(real, { ready: true as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => health(real, { checks: { a: 1 as never } }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => health(real, { checks: { ready() {} }, ready: () => true }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => health(real, { timeoutMs: -1 }), { code: 'ERR_OUT_OF_RANGE' });
    await assert.rejects(probes.listen(70_000), { code: 'ERR_OUT_OF_RANGE' });
    await assert.rejects(probes.listen(0, 1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
    // As other frameworks have them. A rejection that nobody handles fails this test.
    const [request, response] = [{ url: '/livez', method: 'GET' }, {}] as never[];
    for (const [argument, ...given] of [
      ['response', request],
      ['response', request, null],
      ['response', request, response],
      ['request'],
      ['request', null, { writeHead() {} }],
    ] as const)
      assert.throws(() => probes.handle(...(given as unknown as [never, never])), {
        code: 'ERR_INVALID_ARG_TYPE',
        message: new RegExp(`^The "${argument}" argument`),
      });
  });
});

import assert from 'node:assert/strict';

import { everywhere, otherRuntimes, portable } from '../support/backends.js';
import { type Outcome, outcomeOf, scenario } from '../support/scenario.js';

const told = ({ code, signal, stdout }: Outcome): unknown => ({ code, signal, stdout });

for (const { name, ...backend } of everywhere) {
  describe(`a shutdown, ${name}`, () => {
    it('runs its hooks in order, then the listeners of exit, and ends by the signal', async () => {
      const outcome = await outcomeOf(({ shutdown, sigkit }) => {
        const order = shutdown.createShutdown({ budgetMs: 20_000 });
        for (const stage of ['flush', 'release', 'stop-accepting'] as const)
          order.add(stage, ({ reason }) => console.log(stage, reason), { stage });
        process.on('exit', (code) => console.log('exit', code));
        sigkit.kill(process.pid, 'SIGTERM');
        setTimeout(() => {}, 20_000);
      }, backend);
      const stdout = 'stop-accepting SIGTERM\nrelease SIGTERM\nflush SIGTERM\nexit 143\n';
      assert.deepEqual(told(outcome), { code: null, signal: 'SIGTERM', stdout });
    });

    for (const [text, exit, code] of [
      ['with 0', 'zero', 0],
      ['with a code', 7, 7],
    ] as const) {
      it(`ends ${text}, by hand as by a signal`, async () => {
        for (const how of ['hand', 'signal']) {
          const outcome = await outcomeOf(
            ({ shutdown, sigkit }) => {
              const exits = JSON.parse(process.env['EXIT'] ?? '') as 'zero';
              const order = shutdown.createShutdown({ exit: exits });
              if (process.env['HOW'] === 'hand') void order.shutdown('by hand');
              else sigkit.kill(process.pid, 'SIGINT');
              setTimeout(() => {}, 20_000);
            },
            { ...backend, wrapper: [...backend.wrapper, `EXIT=${JSON.stringify(exit)}`, `HOW=${how}`] },
          );
          assert.equal(outcome.code, code, outcome.stderr);
        }
      });
    }

    it('ends with 1 if a hook has failed, and reports it', async () => {
      const outcome = await outcomeOf(({ shutdown, sigkit }) => {
        const report = ({ hooks }: { readonly hooks: readonly { readonly outcome: string }[] }): void =>
          console.log(hooks.map((hook) => hook.outcome).join());
        shutdown.createShutdown({ report }).add('fails', () => Promise.reject(new Error('no')));
        sigkit.kill(process.pid, 'SIGTERM');
        setTimeout(() => {}, 20_000);
      }, backend);
      assert.deepEqual(told(outcome), { code: 1, signal: null, stdout: 'failed\n' });
    });

    it('ends with 124 at its deadline, and says what hung', async () => {
      const { code, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
        const order = shutdown.createShutdown({ budgetMs: 200, reserveMs: 0 });
        order.add('hangs', () => new Promise(() => {}));
        process.on('exit', () => console.log('never'));
        sigkit.kill(process.pid, 'SIGTERM');
        setTimeout(() => {}, 20_000);
      }, backend);
      assert.equal(code, 124, stderr);
      assert.match(stderr, /^sigkit: SIGTERM.*: the deadline after \d+ ms, in stopping: hangs;.* exit 124\n$/);
    });

    it('has its listeners of process.on run as a hook, once, also if they send the signal again', async () => {
      const outcome = await outcomeOf(({ shutdown, sigkit }) => {
        const order = shutdown.createShutdown({ second: 'any', listeners: 'hook', exit: 'zero' });
        process.on('SIGTERM', async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          console.log('listener');
          process.kill(process.pid, 'SIGTERM');
        });
        order.add('after', () => new Promise((resolve) => setTimeout(resolve, 50)), { stage: 'release' });
        order.add('last', () => console.log('last'), { stage: 'flush' });
        sigkit.kill(process.pid, 'SIGTERM');
        setTimeout(() => {}, 20_000);
      }, backend);
      assert.deepEqual(told(outcome), { code: 0, signal: null, stdout: 'listener\nlast\n' }, outcome.stderr);
    });

    it('names listeners that stay silent, and not its own', async () => {
      const { stderr } = await outcomeOf(({ shutdown, sigkit }) => {
        process.on('SIGTERM', function silentOne() {
          console.log('never');
        });
        shutdown.createShutdown({ exit: 'zero' });
        setTimeout(() => sigkit.kill(process.pid, 'SIGTERM'), 5);
        setTimeout(() => {}, 20_000);
      }, backend);
      assert.match(
        stderr,
        /SigkitWarning: 1 listener of process.on stays silent .*: silentOne of SIGTERM, added before/,
      );
    });

    it('is gone when it is closed', () =>
      scenario(
        ({ shutdown, sigkit }) => {
          const before = process.listenerCount('newListener');
          const order = shutdown.createShutdown();
          assert.throws(() => shutdown.createShutdown(), { code: 'ERR_SIGKIT_SHUTDOWN_OPEN' });
          order.close();
          shutdown.createShutdown({ exit: 'none' }).close();
          assert.equal(process.listenerCount('SIGTERM'), 0);
          assert.equal(process.listenerCount('newListener'), before);
          setTimeout(() => {}, 20_000);
          sigkit.kill(process.pid, 'SIGTERM');
        },
        { ...backend, signal: 'SIGTERM' },
      ).then((stdout) => assert.equal(stdout, '')));

    it('ends no process with exit: none, and where nothing exits a Worker may have one', () =>
      scenario(async ({ shutdown, sigkit, startWorker }) => {
        const order = shutdown.createShutdown({ exit: 'none' });
        order.add('hook', () => {});
        sigkit.kill(process.pid, 'SIGTERM');
        const alive = setTimeout(() => {}, 20_000);
        assert.deepEqual(
          (await order.done).hooks.map(({ outcome }) => outcome),
          ['done'],
        );
        clearTimeout(alive);
        const worker = await startWorker(async (tools) => {
          const own = tools.shutdown.createShutdown({ exit: 'none' });
          own.add('hook', () => {});
          assert.equal((await own.shutdown()).hooks.length, 1);
        });
        await worker.terminate();
      }, backend));

    it('ends servers, tells of health, and reloads', async () => {
      const outcome = await outcomeOf(async ({ shutdown, sigkit, http, events, until }) => {
        const answered = (): void => console.log('answered');
        const server = http.createServer((_, response) => setTimeout(() => response.end('answer', answered), 50));
        await events.once(server.listen(0, '127.0.0.1'), 'listening');
        const { port } = server.address() as { readonly port: number };
        const order = shutdown.createShutdown({ exit: 'zero' });
        order.add('server', shutdown.closeServer(server));
        const health = shutdown.health(order);
        const applied: string[] = [];
        shutdown.onReload({ load: () => 'next', apply: (next) => void applied.push(next) });
        sigkit.kill(process.pid, 'SIGHUP');
        await until(() => applied.length === 1, 'it is reloaded');
        console.log(applied.join(), (await health.detail()).ready);
        void fetch(`http://127.0.0.1:${port}`).catch(() => {});
        await events.once(server, 'request');
        sigkit.kill(process.pid, 'SIGTERM');
        await until(() => order.state !== 'running', 'it has begun');
        console.log((await health.detail()).ready);
      }, backend);
      assert.deepEqual(
        told(outcome),
        { code: 0, signal: null, stdout: 'next true\nfalse\nanswered\n' },
        outcome.stderr,
      );
    });

    it('waits for no client that keeps its connection after the answer', () =>
      scenario(async ({ shutdown, http, net, events }) => {
        const order = shutdown.createShutdown({ exit: 'none', budgetMs: 20_000 });
        const server = http.createServer((_, response) => {
          void order.shutdown();
          setTimeout(() => response.end('answer'), 20);
        });
        server.keepAliveTimeout = 60_000;
        await events.once(server.listen(0, '127.0.0.1'), 'listening');
        order.add('server', shutdown.closeServer(server), { timeoutMs: 8000 });
        const client = net.connect((server.address() as { readonly port: number }).port, '127.0.0.1');
        client.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
        let text = '';
        client.on('data', (data) => (text += String(data)));
        const ended = events.once(client, 'close');
        const { hooks } = await order.done;
        assert.deepEqual(
          hooks.map(({ outcome }) => outcome),
          ['done', 'done'],
        );
        await ended;
        assert.match(text, /answer$/);
      }, backend));

    it('cuts a request that has no answer in its time', () =>
      scenario(async ({ shutdown, http, events }) => {
        const server = http.createServer(() => {});
        await events.once(server.listen(0, '127.0.0.1'), 'listening');
        const { port } = server.address() as { readonly port: number };
        const order = shutdown.createShutdown({ exit: 'none' });
        order.add('server', shutdown.closeServer(server), { timeoutMs: 100 });
        const answer = fetch(`http://127.0.0.1:${port}`).then(
          () => 'answered',
          () => 'cut',
        );
        await events.once(server, 'request');
        const { hooks } = await order.shutdown();
        assert.deepEqual(
          hooks.map(({ stage, outcome }) => [stage, outcome]),
          [
            ['stop-accepting', 'done'],
            ['drain', 'timed-out'],
          ],
        );
        assert.equal(await answer, 'cut');
      }, backend));
  });
}

describe('a shutdown over process.on', () => {
  it('ends at its deadline as soon as the event loop goes on', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
      const order = shutdown.createShutdown({ budgetMs: 100, reserveMs: 0 });
      order.add('blocks', () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300));
      order.add('never', () => new Promise(() => {}), { stage: 'flush' });
      sigkit.kill(process.pid, 'SIGTERM');
      setTimeout(() => {}, 20_000);
    }, portable);
    assert.equal(code, 124, stderr);
    assert.match(stderr, /^sigkit: SIGTERM: the deadline after \d+ ms, in .*; exit 124\n$/);
  });

  it('is forced by a second signal that somebody types', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown, sigkit, sendByShell }) => {
      const order = shutdown.createShutdown();
      order.add('hook', () => {
        sendByShell('INT');
        return new Promise(() => {});
      });
      sigkit.kill(process.pid, 'SIGTERM');
      setTimeout(() => {}, 20_000);
    }, portable);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^sigkit: SIGTERM, then SIGINT: a second signal after \d+ ms, in stopping: hook; exit 130\n$/);
  });
});

for (const { name, ...backend } of otherRuntimes.filter((one) => one.name === 'in Bun')) {
  describe(`closeServer, ${name}`, () => {
    it('refuses what would have no effect on a server of HTTP', () =>
      scenario(({ shutdown, http }) => {
        for (const options of [{ upgraded() {} }, { upgradedTimeoutMs: 1 }])
          assert.throws(() => shutdown.closeServer(http.createServer(), options), {
            code: 'ERR_SIGKIT_UNSUPPORTED',
            message: /^the option "upgraded/,
          });
        shutdown.closeServer(http.createServer(), { idleTimeoutMs: 0 })[Symbol.dispose]();
      }, backend));
  });
}

import assert from 'node:assert/strict';

import type { HookContext, Transition } from 'sigkit/shutdown';

import { outcomeOf, scenario } from '../../support/scenario.js';

describe('the hooks of a shutdown', () => {
  it('know the signal and its sender, the reason, the stage and the time that is left', () =>
    scenario(async ({ shutdown, sendByShell }) => {
      const ending = shutdown.createShutdown({ exit: 'none', budgetMs: 400_000 });
      ending.stage('drain', { timeoutMs: 200_000 });
      const told: unknown[] = [];
      const left: number[] = [];
      const tell = ({ signal, info, reason, stage, remainingMs }: HookContext): void => {
        told.push([signal.aborted, info?.signal, info?.code, reason, stage]);
        left.push(remainingMs());
      };
      ending
        .add('one', { drain: tell, flush: tell })
        .add('two', tell, { timeoutMs: 100_000, stage: 'flush', dependsOn: 'one' });
      const alive = setInterval(() => {}, 1000);
      sendByShell('SIGTERM');
      const { info, reason, forced, durationMs, hooks, exitCode, exitSignal } = await ending.done;
      clearInterval(alive);
      const begun = [false, 'SIGTERM', 'SI_USER', 'SIGTERM'];
      assert.deepEqual(told, [
        [...begun, 'drain'],
        [...begun, 'flush'],
        [...begun, 'flush'],
      ]);
      const [inDrain = 0, own = 0, ofBudget = 0] = left;
      assert.ok(inDrain > 100_000 && inDrain <= 200_000, `${inDrain} ms of the stage`);
      assert.ok(own > 0 && own <= 100_000, `${own} ms of its own`);
      assert.ok(ofBudget > 200_000 && ofBudget < 400_000, `${ofBudget} ms of the budget`);
      assert.deepEqual([info?.signal, reason, forced, exitCode, exitSignal], ['SIGTERM', 'SIGTERM', false, null, null]);
      assert.equal(typeof info?.pid, 'number');
      assert.notEqual(info?.pid, process.pid);
      assert.deepEqual(
        hooks.map(({ name, stage, outcome }) => [name, stage, outcome]),
        [
          ['one', 'drain', 'done'],
          ['two', 'flush', 'done'],
          ['one', 'flush', 'done'],
        ],
      );
      assert.ok(hooks.every((hook) => hook.durationMs >= 0 && hook.durationMs <= durationMs && !('error' in hook)));
    }));

  it('that fail, in whatever way, are reported and skip nobody', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none' });
      const error = new Error('thrown');
      const ran: string[] = [];
      ending
        .add('last', () => void ran.push('last'))
        .add(
          'throws',
          () => {
            throw error;
          },
          { dependsOn: 'last' },
        )
        .add('rejects', () => Promise.reject(error), { dependsOn: 'throws' })
        .add(
          'rejects with undefined',
          async () => {
            throw undefined;
          },
          { dependsOn: 'rejects' },
        )
        .add('calls again', () => void ending.shutdown('again'), { dependsOn: 'rejects with undefined' });
      const { hooks, reason, forced } = await ending.shutdown('by hand');
      assert.deepEqual([ran, reason, forced], [['last'], 'by hand', false]);
      assert.deepEqual(
        hooks.map((hook) => Object.fromEntries(Object.entries(hook).filter(([key]) => key !== 'durationMs'))),
        [
          { name: 'calls again', stage: 'release', outcome: 'done' },
          { name: 'rejects with undefined', stage: 'release', outcome: 'failed', error: undefined },
          { name: 'rejects', stage: 'release', outcome: 'failed', error },
          { name: 'throws', stage: 'release', outcome: 'failed', error },
          { name: 'last', stage: 'release', outcome: 'done' },
        ],
      );
    }));

  it('that never end are given up at their own time-out, their signal aborted; what they do later changes nothing', () =>
    scenario(async ({ shutdown, timers }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none' });
      const reasons: unknown[] = [];
      const late: (() => void)[] = [];
      const hang = ({ signal, extend }: HookContext): Promise<void> => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return new Promise((_, reject) => {
          late.push(() => {
            reject(new Error('late'));
            extend(60_000);
          });
        });
      };
      const first = ({ remainingMs }: HookContext): void => {
        for (const end of late) end();
        assert.ok(remainingMs() <= 25_000);
      };
      ending.add('first', first).add('hangs', hang, { timeoutMs: 20, dependsOn: 'first' });
      const { hooks, forced } = await ending.shutdown();
      assert.equal(forced, false);
      const [hung, after] = hooks;
      assert.deepEqual([hung?.outcome, after?.outcome, hooks.length], ['timed-out', 'done', 2]);
      assert.deepEqual(reasons, [hung?.error]);
      assert.match(String(hung?.error), /^TimeoutError: the hook 'hangs' has not ended within 20 ms/);
      assert.ok((hung?.durationMs ?? 0) >= 20);
      await timers.setImmediate();
      assert.equal(hooks.length, 2);
    }));

  it('get more time by extend(), from their time-out, the stage and the budget', () =>
    scenario(async ({ shutdown, timers }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none', budgetMs: 1000 });
      ending.stage('drain', { timeoutMs: 800 });
      const slow = async ({ extend, remainingMs }: HookContext): Promise<void> => {
        extend(100_000.5 - remainingMs());
        assert.ok(remainingMs() > 90_000 && remainingMs() <= 100_002);
        await timers.setTimeout(1200);
      };
      ending.add('slow', slow, { stage: 'drain', timeoutMs: 600 });
      const { hooks, forced } = await ending.shutdown();
      assert.deepEqual([hooks[0]?.outcome, forced], ['done', false]);
    }));

  it('that need more than they have asked for are told the whole time that they had', () =>
    scenario(async ({ shutdown }) => {
      for (const limited of ['hook', 'stage', 'budget']) {
        const short = { budgetMs: 40, reserveMs: 20 };
        const ending = shutdown.createShutdown({ sigs: [], exit: 'none', ...(limited === 'budget' ? short : {}) });
        if (limited === 'stage') ending.stage('release', { timeoutMs: 20 });
        const hook = ({ extend }: HookContext): Promise<void> => {
          extend(10);
          extend(5);
          return new Promise(() => {});
        };
        ending.add('hook', hook, limited === 'hook' ? { timeoutMs: 20 } : {});
        const { hooks, durationMs } = await ending.shutdown();
        const what = limited === 'hook' ? 'hook' : 'stage';
        const pattern = new RegExp(`^TimeoutError: the ${what} '.*' has not ended within (\\d+) ms`);
        const toldMs = Number(pattern.exec(String(hooks[0]?.error))?.[1]);
        // The stage has begun some moment after the shutdown.
        assert.ok(limited === 'budget' ? toldMs >= 15 && toldMs <= 35 : toldMs === 35, String(hooks[0]?.error));
        assert.ok(durationMs >= 34);
      }
    }));

  it('get more time natively as well', async () => {
    const { code, signal } = await outcomeOf(({ shutdown, sigkit }) => {
      const hook = ({ extend }: HookContext): void => {
        extend(20_000);
        const end = performance.now() + 1500;
        while (performance.now() < end);
      };
      shutdown.createShutdown({ budgetMs: 1000 }).add('blocks for a while', hook);
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    assert.deepEqual([code, signal], [null, 'SIGTERM']);
  });

  it('may be added, configured and removed until their stage begins', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none' });
      const ran: string[] = [];
      const late = { code: 'ERR_SIGKIT_SHUTTING_DOWN' };
      const hook = (name: string) => (): void => void ran.push(name);
      ending.add('removed', hook('removed'), { stage: 'flush' });
      ending.add('needed', hook('needed'), { stage: 'drain' });
      const during = (): void => {
        assert.throws(() => ending.add('too late', hook('too late'), { stage: 'drain' }), late);
        assert.throws(() => ending.add('half too late', { drain: hook('x'), flush: hook('x') }), late);
        assert.throws(() => ending.stage('drain', { timeoutMs: 1 }), late);
        assert.throws(() => ending.stage('new', { after: 'stop-accepting' }), late);
        ending.stage('next', { after: 'drain' });
        ending.add('in time', hook('in time'), { stage: 'next' }).add('flushed', hook('flushed'), { stage: 'flush' });
        assert.deepEqual(
          [ending.remove('removed'), ending.remove('needed'), ending.remove('nobody')],
          [true, true, false],
        );
      };
      ending.add('during', during, { stage: 'drain', dependsOn: 'needed' });
      const { hooks } = await ending.shutdown();
      assert.deepEqual(
        hooks.map(({ name, outcome }) => `${name} ${outcome}`),
        ['during done', 'in time done', 'flushed done'],
      );
      assert.deepEqual(ran, ['in time', 'flushed']);
      assert.throws(() => ending.add('after the end', () => {}), late);
      assert.throws(() => ending.stage('after the end'), late);
      assert.deepEqual((await ending.shutdown('again')).hooks, hooks);
    }));

  it('that are removed while their stage runs are left out, and hold up nobody', () =>
    scenario(async ({ shutdown }) => {
      const outcomes: string[][] = [];
      for (const ends of [true, false]) {
        const ending = shutdown.createShutdown({ sigs: [], exit: 'none' }).stage('release', { timeoutMs: 1000 });
        const removes = (): Promise<void> | void => {
          ending.remove('removed');
          if (!ends) return new Promise(() => {});
        };
        ending
          .add('last', () => {})
          .add('removed', () => {}, { dependsOn: 'last' })
          .add('removes', removes, { dependsOn: 'removed' });
        const { hooks } = await ending.shutdown();
        outcomes.push(hooks.map(({ name, outcome }) => `${name} ${outcome}`));
      }
      assert.deepEqual(outcomes, [
        ['removes done', 'last done'],
        ['removes timed-out', 'last skipped'],
      ]);
    }));

  it('keep the process alive while one is awaited, though they wait for what does not', () =>
    scenario(
      ({ shutdown, timers }) => {
        const ending = shutdown.createShutdown({ exit: 5 });
        ending.add('waits', () => timers.setTimeout(100, undefined, { ref: false }));
        void ending.shutdown();
      },
      { code: 5 },
    ));

  it('keep the process alive until the deadline, whatever becomes of the timers of JavaScript', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const usual = setTimeout;
      Object.assign(globalThis, { setTimeout: (...args: Parameters<typeof usual>) => usual(...args).unref() });
      const ending = shutdown.createShutdown({ budgetMs: 300 });
      ending.add('waits', () => new Promise(() => {}));
      void ending.shutdown();
    });
    assert.equal(code, 124, stderr);
  });
});

describe('what never started', () => {
  it('has no hook: a signal amid the start stops what is there, and nothing more is taken', () =>
    scenario(async ({ shutdown, sigkit }) => {
      const ending = shutdown.createShutdown({ exit: 'none' });
      const log: string[] = [];
      const start = async (name: string, dependsOn: string[]): Promise<void> => {
        log.push(`start ${name}`);
        await new Promise(setImmediate);
        ending.add(name, () => void log.push(`stop ${name}`), { dependsOn, stage: 'drain' });
      };
      await start('database', []);
      await start('queue', ['database']);
      sigkit.kill(process.pid, 'SIGTERM');
      const alive = setInterval(() => {}, 1000);
      const { hooks } = await ending.done;
      clearInterval(alive);
      // What has started meanwhile is told so, and can be closed where it stands.
      await assert.rejects(start('http', ['queue']), { code: 'ERR_SIGKIT_SHUTTING_DOWN' });
      assert.deepEqual(log, ['start database', 'start queue', 'stop queue', 'stop database', 'start http']);
      assert.deepEqual(
        hooks.map(({ name }) => name),
        ['queue', 'database'],
      );
    }));
});

describe('the stages of a shutdown', () => {
  it('are gone through in order, new ones in their place, with the states of the whole', () =>
    scenario(async ({ shutdown, diagnosticsChannel }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none' });
      const published: unknown[] = [];
      diagnosticsChannel.subscribe('sigkit:shutdown', (message) => published.push(message));
      ending.stage('before the last').stage('after drain', { after: 'drain' });
      const seen: string[] = [];
      const hook = ({ stage }: HookContext): void => void seen.push(`${stage}: ${ending.state}`);
      const names = ['stop-accepting', 'drain', 'after drain', 'stop-work', 'release', 'before the last', 'flush'];
      ending.add('everywhere', Object.fromEntries(names.toReversed().map((name) => [name, hook])));
      const read: Transition[] = [];
      const reading = (async () => {
        for await (const transition of ending.transitions()) read.push(transition);
      })();
      const left = ending.transitions();
      await left.return?.();
      const stopped = ending.transitions();
      const early: string[] = [];
      const readingOne = (async () => {
        for await (const { to } of ending.transitions()) {
          early.push(to);
          break;
        }
      })();
      assert.equal(ending.state, 'running');
      void ending.shutdown();
      assert.equal(ending.state, 'draining');
      await ending.done;
      await reading;
      await readingOne;
      assert.deepEqual(early, ['draining']);
      // It has not read what is kept for it, and does not want it.
      await stopped.return?.();
      assert.deepEqual(await stopped.next(), { done: true, value: undefined });
      const states = ['draining', 'draining', 'draining', 'stopping', 'stopping', 'stopping', 'stopping'];
      assert.deepEqual(
        seen,
        names.map((name, index) => `${name}: ${states[index]}`),
      );
      assert.deepEqual(
        read.map(({ from, to, stage }) => [from, to, stage]),
        [
          ['running', 'draining', 'stop-accepting'],
          ['draining', 'stopping', 'stop-work'],
          ['stopping', 'exited', null],
        ],
      );
      assert.ok(read.every(({ time }) => time > 0 && time <= performance.now()));
      assert.deepEqual(published, read);
      assert.deepEqual(await left.next(), { done: true, value: undefined });
      assert.deepEqual(await ending.transitions().next(), { done: true, value: undefined });
    }));

  for (const [how, expected] of [
    ['continue', ['hangs timed-out', 'waits skipped', 'later done', 'exited false']],
    ['abort', ['hangs timed-out', 'waits skipped', 'later skipped', 'forced true']],
    ['asks: continue', ['hangs timed-out', 'waits skipped', 'later done', 'exited false', 'hangs']],
    ['asks: abort', ['hangs timed-out', 'waits skipped', 'later skipped', 'forced true', 'hangs']],
    ['throws', ['hangs timed-out', 'waits skipped', 'later done', 'exited false', 'hangs', 'warned']],
    ['throws what has no name', ['hangs timed-out', 'waits skipped', 'later done', 'exited false', 'hangs', 'warned']],
    ['asks: gladly', ['hangs timed-out', 'waits skipped', 'later done', 'exited false', 'hangs', 'warned']],
    ['asks later', ['hangs timed-out', 'waits skipped', 'later done', 'exited false', 'hangs', 'warned']],
  ] as const) {
    it(`at a stage's time-out: ${how}`, async () => {
      const stdout = await scenario(
        async ({ shutdown, timers }) => {
          const how = process.env['HOW'] ?? '';
          const ending = shutdown.createShutdown({ sigs: [], exit: 'none' });
          const asked: string[] = [];
          process.on('warning', () => asked.push('warned'));
          const ask = (running: readonly string[]): 'continue' | 'abort' => {
            asked.push(...running);
            if (how === 'throws') throw new Error('thrown');
            if (how === 'throws what has no name') throw Object.create(null);
            if (how === 'asks later') return Promise.resolve('abort') as never;
            return how.slice('asks: '.length) as 'abort';
          };
          const onTimeout = how === 'continue' || how === 'abort' ? how : ask;
          // What is not given stays as it is.
          ending.stage('drain', { timeoutMs: 20 }).stage('drain', { onTimeout });
          const aborted: boolean[] = [];
          const hang = ({ signal }: HookContext): Promise<void> => {
            signal.addEventListener('abort', () => aborted.push(true));
            return new Promise(() => {});
          };
          ending.add('waits', () => {}, { stage: 'drain' }).add('hangs', hang, { stage: 'drain', dependsOn: 'waits' });
          ending.add('later', () => {});
          const { hooks, forced } = await ending.shutdown();
          await timers.setImmediate();
          assert.deepEqual(aborted, [true]);
          assert.throws(() => ending.add('after the end', () => {}), { code: 'ERR_SIGKIT_SHUTTING_DOWN' });
          const lines = [
            ...hooks.map(({ name, outcome }) => `${name} ${outcome}`),
            `${ending.state} ${forced}`,
            ...asked,
          ];
          process.stdout.write(JSON.stringify(lines));
        },
        { wrapper: ['env', `HOW=${how}`] },
      );
      assert.deepEqual(JSON.parse(stdout), expected);
    });
  }

  it('where nothing exits, the end of a budget without a reserve gives up what runs and skips the rest', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none', budgetMs: 50, reserveMs: 0 });
      const signals: AbortSignal[] = [];
      const hang = ({ signal }: HookContext): Promise<void> => {
        signals.push(signal);
        return new Promise(() => {});
      };
      ending.add('hangs', hang, { stage: 'drain' }).add('later', () => {});
      const transitions = ending.transitions();
      const { hooks, forced, durationMs } = await ending.shutdown();
      assert.equal((await transitions.next()).value?.to, 'draining');
      const { from, to, stage } = (await transitions.next()).value ?? {};
      assert.deepEqual([from, to, stage], ['draining', 'forced', 'drain']);
      assert.deepEqual(
        hooks.map(({ outcome }) => outcome),
        ['timed-out', 'skipped'],
      );
      assert.match(String(hooks[0]?.error), /the shutdown has not ended within 50 ms/);
      assert.deepEqual([forced, ending.state, signals[0]?.aborted], [true, 'forced', true]);
      assert.ok(durationMs >= 50, `${durationMs} ms`);
    }));

  it('begin after the drain delay, which belongs to the budget', () =>
    scenario(async ({ shutdown }) => {
      const ending = shutdown.createShutdown({ sigs: [], exit: 'none', drainDelayMs: 50 });
      const begun: number[] = [];
      ending.add('hook', () => void begun.push(performance.now()), { stage: 'stop-accepting' });
      const transitions = ending.transitions();
      const before = performance.now();
      void ending.shutdown();
      assert.equal((await transitions.next()).value?.stage, null);
      assert.equal(ending.state, 'draining');
      await ending.done;
      assert.ok((begun[0] ?? 0) - before >= 49);
      ending.close();
      const short = shutdown.createShutdown({
        sigs: [],
        exit: 'none',
        drainDelayMs: 1_000_000,
        budgetMs: 30,
        reserveMs: 0,
      });
      short.add('never', () => {});
      const { hooks, forced } = await short.shutdown();
      assert.deepEqual([hooks.map(({ outcome }) => outcome), forced], [['skipped'], true]);
    }));

  it('that cannot fit into the budget are told at the start, and when the sum is another one, once, with the sum', async () => {
    const { code, stderr } = await outcomeOf(async ({ shutdown, timers }) => {
      const ending = shutdown.createShutdown({ budgetMs: 1200, drainDelayMs: 500, exit: 'none' });
      ending.stage('drain', { timeoutMs: 300 }).stage('release', { timeoutMs: 101 });
      ending.add('hook', () => {});
      await timers.setImmediate();
      ending.stage('flush', { parallel: false });
      await timers.setImmediate();
      ending.stage('flush', { timeoutMs: 9 });
      await timers.setImmediate();
      ending.close();
      const fits = shutdown.createShutdown({ budgetMs: 2000, drainDelayMs: 500 }).stage('drain', { timeoutMs: 1000 });
      await timers.setImmediate();
      fits.close();
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stderr.match(/SigkitWarning.*/g),
      [901, 910].map(
        (sum) =>
          `SigkitWarning: The drain delay and the time-outs of the stages add up to ${sum} ms; the budget of the shutdown is 1200 ms, less a reserve of 300 ms.`,
      ),
      stderr,
    );
  });
});

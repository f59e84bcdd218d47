import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reloader } from 'sigkit/shutdown';

import { until } from '../../support/child.js';
import { scratch } from '../../support/init.js';
import { FakeManager, freeAddress } from '../../support/notify-socket.js';
import { scenario, startScenario } from '../../support/scenario.js';
import { Terminal } from '../../support/terminal.js';

const hangup = fileURLToPath(new URL('../../fixtures/shutdown/hangup.js', import.meta.url));

describe('reload', () => {
  it('a signal, or a call, replaces the configuration; sender, generation, outcome and time can be read', () =>
    scenario(async ({ shutdown: { onReload }, diagnosticsChannel, childProcess, until: inside }) => {
      const published: unknown[] = [];
      diagnosticsChannel.subscribe('sigkit:reload', (outcome) => published.push(outcome));
      const steps: unknown[] = [];
      const reloader = onReload({
        initial: 'first',
        load: async ({ current, generation, reason, signal }) => {
          steps.push(['load', current, generation, reason, signal.aborted]);
          return `config ${generation}`;
        },
        validate: (next, { current }) => void steps.push(['validate', next, current]),
        apply: async (next, { current }) => void steps.push(['apply', next, current]),
      });
      assert.deepEqual([reloader.generation, reloader.config, reloader.last], [0, 'first', null]);
      const sender = childProcess.spawn('sh', ['-c', `kill -HUP ${process.pid}`]);
      await inside(() => reloader.generation === 1, 'it has reloaded');
      const { last } = reloader;
      assert.deepEqual(published, [last]);
      assert.deepEqual([last?.info?.signal, last?.info?.code, last?.info?.pid], ['SIGHUP', 'SI_USER', sender.pid]);
      assert.deepEqual([last?.reason, last?.requests, last?.failure, last?.generation], ['SIGHUP', 1, null, 1]);
      assert.ok((last?.time ?? 0) >= (last?.info?.time ?? Infinity) && (last?.durationMs ?? -1) >= 0);
      assert.ok((last?.time ?? 0) + (last?.durationMs ?? 0) <= performance.now());
      const running = reloader.reload('by hand');
      assert.ok(reloader.reloading);
      const outcome = await running;
      assert.equal(reloader.last, outcome);
      assert.deepEqual([outcome.info, outcome.reason, outcome.generation], [null, 'by hand', 2]);
      assert.equal(reloader.config, 'config 2');
      await inside(() => !reloader.reloading, 'it rests');
      assert.deepEqual(steps, [
        ['load', 'first', 1, 'SIGHUP', false],
        ['validate', 'config 1', 'first'],
        ['apply', 'config 1', 'first'],
        ['load', 'config 1', 2, 'by hand', false],
        ['validate', 'config 2', 'config 1'],
        ['apply', 'config 2', 'config 1'],
      ]);
      // It keeps nothing alive: this ends although it is open.
    }));

  it('one at a time; all that ask during one are answered by exactly one more', () =>
    scenario(async ({ shutdown: { onReload }, sendByShell, until: inside, sigkit, timers }) => {
      let goOn = (): void => {};
      let under = 0;
      const reasons: unknown[] = [];
      const reloader = onReload({
        sigs: ['SIGHUP', 'SIGRTMIN+3'],
        async load({ reason }) {
          reasons.push(reason);
          under += 1;
          assert.equal(under, 1);
          await new Promise<void>((resolve) => (goOn = resolve));
          return reasons.length;
        },
        apply: () => void (under -= 1),
      });
      const alive = setInterval(() => {}, 1000);
      sendByShell('HUP');
      await inside(() => reasons.length === 1, 'the first is under way');
      // Real-time signals are queued, each of them.
      for (let sent = 0; sent < 5; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN+3', sent);
      const byHand = [reloader.reload('a'), reloader.reload('b')];
      assert.equal(byHand[0], byHand[1]);
      const probe = sigkit.waitForSignal('SIGRTMIN+4');
      sigkit.sigqueue(process.pid, 'SIGRTMIN+4', 0);
      await probe;
      // What came before it is read in the same turn of the event loop.
      await timers.setImmediate();
      goOn();
      await inside(() => reasons.length === 2, 'the second is under way');
      assert.equal(reloader.last?.requests, 1);
      goOn();
      const outcome = await byHand[0];
      assert.deepEqual(
        [outcome?.reason, outcome?.requests, outcome?.generation, reloader.reloading],
        ['a', 7, 2, false],
      );
      clearInterval(alive);
      assert.deepEqual(reasons, ['SIGHUP', 'a']);
    }));

  it('also where nothing is read meanwhile, as the steps are synchronous', () =>
    scenario(async ({ shutdown: { onReload }, diagnosticsChannel, sigkit, until: inside }) => {
      const requests: number[] = [];
      diagnosticsChannel.subscribe('sigkit:reload', (outcome) =>
        requests.push((outcome as NonNullable<Reloader<unknown>['last']>).requests),
      );
      const marks = sigkit.signals('SIGRTMIN+4');
      const reloader = onReload({
        sigs: 'SIGRTMIN+3',
        load({ generation }) {
          if (generation > 1) return;
          for (let sent = 0; sent < 20; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN+3', sent);
          sigkit.sigqueue(process.pid, 'SIGRTMIN+4', 0);
          while (marks.queued === 0);
        },
        apply() {},
      });
      assert.equal((await reloader.reload()).failure, null);
      await inside(() => requests.reduce((sum, count) => sum + count, 0) === 21, 'all are answered');
      marks.close();
      assert.deepEqual(requests, [1, 20]);
    }));

  it('whichever step fails, the old configuration stays; a failed apply is taken back', () =>
    scenario(async ({ shutdown: { onReload } }) => {
      const broken = new Error('broken');
      const worse = new Error('worse');
      let calls: string[] = [];
      let failing = '';
      const step = (name: string): void => {
        calls.push(name);
        if (failing.split(' ').includes(name)) throw name === 'rollback' ? worse : broken;
      };
      const reloader: Reloader<number> = onReload<number>({
        initial: 7,
        load: ({ generation }) => (step('load'), generation * 10),
        validate(next): boolean {
          assert.equal(next, (reloader.generation + 1) * 10);
          step('validate');
          return failing !== 'refuse';
        },
        apply: async () => step('apply'),
        rollback(next, error, { current }) {
          assert.deepEqual([next, error, current], [(reloader.generation + 1) * 10, broken, reloader.config]);
          step('rollback');
        },
      });
      const attempt = async (how: string): Promise<unknown[]> => {
        calls = [];
        failing = how;
        const { failure, generation } = await reloader.reload();
        assert.equal(generation, reloader.generation);
        return [calls.join(' '), failure, generation, reloader.config];
      };
      const failed = (at: string, error: Error = broken): object => ({ step: at, error, rollbackFailed: false });
      assert.deepEqual(await attempt('load'), ['load', failed('load'), 0, 7]);
      assert.deepEqual(await attempt('validate'), ['load validate', failed('validate'), 0, 7]);
      assert.deepEqual(await attempt(''), ['load validate apply', null, 1, 10]);
      const refused = new Error('the configuration is not valid');
      assert.deepEqual(await attempt('refuse'), ['load validate', failed('validate', refused), 1, 10]);
      const all = 'load validate apply rollback';
      assert.deepEqual(await attempt('apply'), [all, failed('apply'), 1, 10]);
      const both = { step: 'apply', error: broken, rollbackFailed: true, rollbackError: worse };
      assert.deepEqual(await attempt('apply rollback'), [all, both, 1, 10]);
      assert.deepEqual(await attempt(''), ['load validate apply', null, 2, 20]);
      assert.equal((await onReload({ load() {}, apply: () => assert.fail('x') }).reload()).failure?.step, 'apply');
    }));

  it('the manager is told of the beginning and the end, whatever the outcome, in order', async () => {
    await using manager = await FakeManager.start();
    const printed = await scenario(
      async ({ shutdown: { onReload }, systemd: { openNotifier }, sendByShell, until: inside }) => {
        const notifier = openNotifier();
        notifier.ready();
        let failing = '';
        const step = (name: string): void => {
          assert.equal(notifier.status(name), notifier.enabled ? 'sent' : 'disabled');
          if (name === failing) throw new Error(`no\n${name}`);
        };
        const reloader = onReload({
          load: async () => step('load'),
          validate: () => step('validate'),
          apply: () => step('apply'),
          rollback: () => notifier.status('rollback'),
          notifier,
        });
        sendByShell('HUP');
        await inside(() => reloader.last !== null, 'it has reloaded');
        console.log((reloader.last?.info?.time ?? 0) + Number(process.hrtime.bigint()) / 1e6 - performance.now());
        for (failing of ['load', 'validate', 'apply', '']) {
          // Its queue is short.
          assert.equal(await notifier.barrier(), 'passed');
          await reloader.reload();
        }
        // What cannot be sent is no reason to fail.
        notifier.close();
        assert.equal((await reloader.reload()).failure, null);
      },
      { wrapper: ['env', `NOTIFY_SOCKET=${manager.address}`] },
    );
    const messages = (await manager.lines(28)).map((lines) => lines.join(' ')).filter((text) => text !== 'BARRIER=1');
    const reloading = 'RELOADING=1 MONOTONIC_USEC=';
    const times = messages.filter((text) => text.startsWith(reloading)).map((text) => Number(text.split('=')[2]));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok((times[0] ?? 0) / 1000 >= Number(printed) - 1, 'it began after the signal');
    const told = (steps: string, end: string): string[] => [
      reloading,
      ...steps.split(' ').map((step) => `STATUS=${step}`),
      `READY=1 STATUS=${end}`,
    ];
    assert.deepEqual(
      messages.map((text) => text.replace(/(?<=USEC=)\d+/, '')),
      [
        'READY=1',
        ...told('load validate apply', 'Reloaded: generation 1'),
        ...told('load', 'Reload failed in load, generation 1 stays: no load'),
        ...told('load validate', 'Reload failed in validate, generation 1 stays: no validate'),
        ...told('load validate apply rollback', 'Reload failed in apply, generation 1 stays: no apply'),
        ...told('load validate apply', 'Reloaded: generation 2'),
      ],
    );
  });

  it('before ready() the manager is told by STATUS alone how a load ended, which no start is over by', async () => {
    await using manager = await FakeManager.start();
    await scenario(
      async ({ shutdown: { onReload }, systemd: { openNotifier } }) => {
        const [notifier, other] = [openNotifier(), openNotifier()];
        let failing = true;
        let inApply = (): unknown => undefined;
        const reloader = onReload({
          load() {
            if (failing) throw new Error('nothing there');
          },
          apply: () => inApply(),
          notifier,
        });
        const { failure } = await reloader.reload('start');
        assert.equal(failure?.step, 'load');
        failing = false;
        await reloader.reload('start');
        notifier.notify({ ready: false, status: 'not yet' });
        // A start that is over while the load goes on: what began as no reload ends as none.
        inApply = () => other.ready('up');
        await reloader.reload('start');
        inApply = () => notifier.status('applied');
        await reloader.reload('for the second time');
        notifier.close();
        other.close();
      },
      { wrapper: ['env', `NOTIFY_SOCKET=${manager.address}`] },
    );
    assert.deepEqual(
      (await manager.lines(8)).map((lines) => lines.join(' ').replace(/(?<=USEC=)\d+/, '')),
      [
        'STATUS=Reload failed in load, generation 0 stays: nothing there',
        'STATUS=Reloaded: generation 1',
        'STATUS=not yet',
        'READY=1 STATUS=up',
        'STATUS=Reloaded: generation 2',
        'RELOADING=1 MONOTONIC_USEC=',
        'STATUS=applied',
        'READY=1 STATUS=Reloaded: generation 3',
      ],
    );
  });

  it('a ready() that the manager did not take is no less said', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'deaf');
    const child = startScenario(
      async ({ shutdown: { onReload }, systemd: { openNotifier }, events, until: inside }) => {
        const notifier = openNotifier();
        let filled = 0;
        while (notifier.status('') === 'sent') filled += 1;
        assert.equal(notifier.ready(), 'full');
        console.log(`filled ${filled}`);
        await onReload({ load() {}, apply() {}, notifier }).reload();
        await events.once(process.stdin.resume(), 'end');
        await inside(() => notifier.status('end') === 'sent', 'there is room');
      },
      { wrapper: ['env', `NOTIFY_SOCKET=${manager.address}`] },
    );
    const filled = Number((await child.line(/^filled/)).split(' ')[1]);
    manager.hear();
    await manager.lines(filled);
    assert.deepEqual(
      (await manager.lines(2)).map(([first = '']) => first),
      ['RELOADING=1', 'READY=1'],
    );
    child.process.stdin?.end();
    assert.equal((await child.ended).code, 0);
  });

  it('a manager with a full queue gets all, in order, when it reads again', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'deaf');
    const child = startScenario(
      async ({ shutdown: { onReload }, systemd: { openNotifier }, events, until: inside }) => {
        const notifier = openNotifier();
        let filled = 1;
        notifier.ready('');
        while (notifier.status('') === 'sent') filled += 1;
        const reloader = onReload({ load() {}, apply() {}, notifier });
        for (const reason of ['a', 'b']) assert.equal((await reloader.reload(reason)).failure, null);
        const { lastError } = notifier;
        await inside(() => notifier.lastError !== lastError, 'it has been tried again');
        console.log(`filled ${filled}`);
        // Nothing else runs until there is room; then what comes has to wait for what waits.
        while (notifier.status('room') === 'full');
        await reloader.reload('c');
        await events.once(process.stdin.resume(), 'end');
        await inside(() => notifier.status('end') === 'sent', 'there is room');
      },
      { wrapper: ['env', `NOTIFY_SOCKET=${manager.address}`] },
    );
    const filled = Number((await child.line(/^filled/)).split(' ')[1]);
    manager.hear();
    for (const lines of await manager.lines(filled)) assert.equal(lines.at(-1), 'STATUS=');
    assert.deepEqual(await manager.lines(1), [['STATUS=room']]);
    const told = (await manager.lines(6)).map(([first = '', ...rest]) => [first, rest.at(-1)?.split('=')[1]]);
    assert.deepEqual(
      told.map(([first, status]) => (first === 'READY=1' ? `${first} ${status}` : first)),
      [1, 2, 3].flatMap((generation) => ['RELOADING=1', `READY=1 Reloaded: generation ${generation}`]),
    );
    child.process.stdin?.end();
    assert.equal((await child.ended).code, 0);
  });

  for (const [mode, atHangup] of [
    [undefined, []],
    ['ignore', []],
    ['reload', [/^reloaded: SIGHUP SI_KERNEL null$/]],
    ['function', [/^hung up: SIGHUP SI_KERNEL null$/]],
  ] as const) {
    it(`a terminal that hangs up is told apart from kill -HUP: onHangup ${mode ?? 'by default'}`, async () => {
      const file = path.join(mkdtempSync(path.join(scratch(), 'hangup-')), 'events');
      writeFileSync(file, '');
      const lines = (): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);
      const terminal = await Terminal.start([process.execPath, hangup, file, ...(mode === undefined ? [] : [mode])]);
      await terminal.line('ready');
      const ended = terminal.end();
      // One signal that comes while the other is pending would be merged with it.
      await until(() => hangupIsOver(terminal.leader), 'the hang-up is taken');
      if (atHangup.length > 0) await until(() => lines().length > 0, 'the hang-up is seen');
      process.kill(terminal.leader, 'SIGHUP');
      await until(() => lines().length > atHangup.length, 'it reloads');
      process.kill(terminal.leader, 'SIGTERM');
      await ended;
      const expected = [...atHangup, new RegExp(`^reloaded: SIGHUP SI_USER ${process.pid}$`), /^ends$/];
      assert.equal(lines().length, expected.length, lines().join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(lines()[index] ?? '', pattern);
    });
  }

  it('close ends the claim, and the reload under way at its next step; the one that waits is refused', () =>
    scenario(async ({ shutdown: { onReload }, signalState, descriptors, fs, timers }) => {
      // What is started at the first use has been from here on.
      await Promise.all(Array.from({ length: 8 }, () => fs.promises.readFile('/proc/self/stat')));
      onReload({ load() {}, apply() {} }).close();
      const before = [signalState(), descriptors()];
      const listener = (): void => assert.fail('not while it is claimed');
      const loads: (() => void)[] = [];
      const reloader = onReload({
        load: ({ signal }) => new Promise<boolean>((resolve) => loads.push(() => resolve(signal.aborted))),
        apply: () => assert.fail('not after close()'),
      });
      process.on('SIGHUP', listener);
      process.kill(process.pid, 'SIGHUP');
      while (loads.length === 0) await timers.setImmediate();
      process.off('SIGHUP', listener);
      const waiting = reloader.reload();
      reloader.close();
      reloader.close();
      await assert.rejects(waiting, { code: 'ERR_SIGKIT_CLOSED' });
      await assert.rejects(reloader.reload(), { code: 'ERR_SIGKIT_CLOSED' });
      const disposed = reloader[Symbol.asyncDispose]();
      for (const goOn of loads) goOn();
      await disposed;
      const { last } = reloader;
      assert.deepEqual([last?.failure?.step, reloader.generation, reloader.reloading], ['validate', 0, false]);
      assert.deepEqual([signalState(), descriptors()], before);
    }));

  it('after close the signal has its default action', async () => {
    const child = startScenario(({ shutdown: { onReload } }) => {
      onReload({ load() {}, apply() {} }).close();
      console.log('closed');
      setInterval(() => {}, 1000);
    });
    await child.line(/^closed$/);
    process.kill(child.pid, 'SIGHUP');
    assert.equal((await child.ended).signal, 'SIGHUP');
  });

  it('in a Worker as well', () =>
    scenario(async ({ startWorker, sendByShell, events }) => {
      const worker = await startWorker(({ shutdown: { onReload }, workerThreads }) => {
        onReload({ load: () => 'loaded', apply: (next) => workerThreads.parentPort?.postMessage(next) });
      });
      sendByShell('HUP');
      assert.deepEqual(await events.once(worker, 'message'), ['loaded']);
      await worker.terminate();
    }));

  it('wrong arguments are errors that name them, and claim nothing', () =>
    scenario(({ shutdown: { onReload }, signalState }) => {
      // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
      const open = onReload as any;
      const before = signalState();
      const steps = { load() {}, apply() {} };
      const type = 'ERR_INVALID_ARG_TYPE';
      for (const [options, argument, code] of [
        [undefined, 'options', type],
        [1, 'options', type],
        [{ apply() {} }, 'options.load', type],
        [{ load() {} }, 'options.apply', type],
        [{ ...steps, load: 'x' }, 'options.load', type],
        [{ ...steps, validate: true }, 'options.validate', type],
        [{ ...steps, rollback: null }, 'options.rollback', type],
        [{ ...steps, notifier: {} }, 'options.notifier', type],
        [{ ...steps, onHangup: 1 }, 'options.onHangup', type],
        [{ ...steps, onHangup: 'exit' }, 'options.onHangup', 'ERR_OUT_OF_RANGE'],
        [{ ...steps, sigs: 'HUP' }, 'options.sigs', 'ERR_OUT_OF_RANGE'],
        [{ ...steps, sigs: 1.5 }, 'options.sigs', 'ERR_OUT_OF_RANGE'],
        [{ ...steps, sigs: {} }, 'options.sigs', type],
      ] as const) {
        assert.throws(() => open(options), { code, message: new RegExp(`"${argument}"`) }, argument);
      }
      assert.throws(() => open({ ...steps, sigs: 'SIGKILL' }), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
      assert.deepEqual(signalState(), before);
    }));
});

// The kernel takes the terminal away and sends SIGHUP in one step.
function hangupIsOver(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , , , terminal] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return terminal === '0' && /^ShdPnd:\t\w+[02468ace]$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

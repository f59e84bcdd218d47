import assert from 'node:assert/strict';

import type { Tools } from '../fixtures/scenario.js';
import { outcomeOf, scenario } from '../support/scenario.js';

// As Nest's: it closes everything, takes itself away, and sends the signal again, to die of it.
function likeNest({ shutdown, sigkit, timers, fs }: Tools): void {
  const { SECOND, EXIT } = process.env as { SECOND: 'force' | 'any'; EXIT: 'signal' | 'none' };
  const names = ['SIGTERM', 'SIGINT'] as const;
  const cleanup = async (signal: string): Promise<void> => {
    fs.writeSync(1, `${signal} closes\n`);
    await timers.setTimeout(20);
    fs.writeSync(1, 'closed\n');
    for (const name of names) process.removeListener(name, cleanup);
    process.kill(process.pid, signal);
  };
  for (const name of names) process.on(name, cleanup);
  const ending = shutdown.createShutdown({ listeners: 'hook', second: SECOND, exit: EXIT });
  ending.add('database', () => timers.setTimeout(20).then(() => fs.writeSync(1, 'released\n')));
  const alive = setInterval(() => {}, 1000);
  void ending.done.then(({ hooks }) => {
    clearInterval(alive);
    fs.writeSync(1, `${hooks.map(({ name, outcome }) => `${name} ${outcome}`).join(', ')}\n`);
  });
  sigkit.kill(process.pid, 'SIGTERM');
}

describe('listeners of process.on beside a shutdown', () => {
  it('are named by a warning, which does not hear them: those before it and those after it, each once', async () => {
    const stdout = await scenario(async ({ shutdown, fs, timers }) => {
      process.on('warning', ({ name, message }) => fs.writeSync(1, `${name}: ${message}\n`));
      const stop = (): void => {};
      for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, stop);
      const ending = shutdown.createShutdown({ exit: 'none' });
      process.once('SIGTERM', () => 'later');
      (function library() {
        process.prependListener('SIGINT', function stopLater() {});
      })();
      await timers.setImmediate();
      process.on('SIGINT', stop);
      process.on('SIGUSR2', () => {});
      await timers.setImmediate();
      Error.stackTraceLimit = 0;
      process.on('SIGTERM', function bare() {});
      await timers.setImmediate();
      ending.close();
      process.on('SIGTERM', function unheard() {});
      shutdown.createShutdown({ exit: 'none', listeners: 'ignore' }).close();
      await timers.setImmediate();
      shutdown.createShutdown({ exit: 'none' }).close();
      await timers.setImmediate();
    });
    const [first = '', second = '', ...more] = stdout.trimEnd().split('\n');
    const at = String.raw`added at (?:\S+ \()?evalmachine\.<anonymous>:\d+:\d+\)?`;
    const end = "Its option listeners: 'hook' runs them, 'ignore' keeps this quiet.";
    assert.match(
      first,
      new RegExp(
        String.raw`^SigkitWarning: 3 listeners of process\.on stay silent beside createShutdown: stopLater of SIGINT, ${at}; stop of SIGINT, SIGTERM, added before; \(\) => 'later' of SIGTERM, ${at}\. ${end}$`,
      ),
    );
    assert.match(
      second,
      new RegExp(
        `^SigkitWarning: 1 listener of process\\.on stays silent beside createShutdown: bare of SIGTERM, ${at}`,
      ),
    );
    assert.deepEqual(more, []);
  });

  it('leave nothing behind, with or without a warning', () =>
    scenario(({ shutdown }) => {
      const listeners = (): unknown[] => process.eventNames().map((name) => process.rawListeners(name));
      const before = listeners();
      for (const how of ['warn', 'hook', 'ignore'] as const) {
        shutdown.createShutdown({ listeners: how }).close();
        assert.deepEqual(listeners(), before);
      }
    }));

  it('run as a hook of the first stage, with name and number, and are awaited', () =>
    scenario(async ({ shutdown, sigkit, timers }) => {
      const heard: unknown[] = [];
      process.on('warning', (warning) => heard.push(warning));
      process.once('SIGTERM', (...args) => heard.push(['once', ...args]));
      process.on('SIGINT', () => heard.push('another signal'));
      const ending = shutdown.createShutdown({ exit: 'none', listeners: 'hook', drainDelayMs: 1 });
      process.on('SIGTERM', async () => {
        await timers.setTimeout(20);
        heard.push(ending.state, 'done');
      });
      ending.add('drain', () => heard.push('drain'), { stage: 'drain' });
      const alive = setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
      const { hooks } = await ending.done;
      clearInterval(alive);
      assert.deepEqual(heard, [['once', 'SIGTERM', 15], 'draining', 'done', 'drain']);
      assert.deepEqual(
        hooks.map(({ name, stage, outcome }) => [name, stage, outcome]),
        [
          ['process.on', 'stop-accepting', 'done'],
          ['drain', 'drain', 'done'],
        ],
      );
      assert.equal(process.listenerCount('SIGTERM'), 1);
    }));

  it('make that hook fail where they do, and the others still run; by hand none does', () =>
    scenario(async ({ shutdown, sigkit }) => {
      const alive = setInterval(() => {}, 1000);
      let runs = 0;
      const failing = [
        () => {
          throw new Error('thrown');
        },
        () => Promise.reject(new Error('rejected')),
      ];
      for (const listener of [...failing, () => (runs += 1)]) process.on('SIGTERM', listener);
      const signalled = shutdown.createShutdown({ exit: 'none', listeners: 'hook' });
      sigkit.kill(process.pid, 'SIGTERM');
      const [hook] = (await signalled.done).hooks;
      assert.deepEqual([hook?.outcome, runs], ['failed', 1]);
      assert.ok(hook?.error instanceof AggregateError);
      assert.deepEqual(
        hook.error.errors.map(({ message }: Error) => message),
        ['thrown', 'rejected'],
      );
      const byHand = shutdown.createShutdown({ exit: 'none', listeners: 'hook' });
      assert.equal((await byHand.shutdown()).hooks[0]?.outcome, 'done');
      assert.equal(runs, 1);
      clearInterval(alive);
    }));

  it('may have anything under `listener`, where process.once has what it wraps', () =>
    scenario(async ({ shutdown, sigkit, timers }) => {
      const heard: unknown[] = [];
      process.on('warning', ({ message }) => heard.push(...message.matchAll(/\w+ of SIG\w+/g)));
      function text(): void {}
      function object(): void {
        heard.push('called');
      }
      process.on('SIGTERM', Object.assign(text, { listener: 'text' }));
      process.on('SIGINT', Object.assign(object, { listener: {} }));
      const warning = shutdown.createShutdown({ exit: 'none' });
      await timers.setImmediate();
      warning.close();
      const ending = shutdown.createShutdown({ exit: 'none', listeners: 'hook' });
      const alive = setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGINT');
      const [hook] = (await ending.done).hooks;
      clearInterval(alive);
      assert.equal(hook?.outcome, 'done');
      assert.deepEqual(heard.map(String), ['object of SIGINT', 'text of SIGTERM', 'called']);
    }));

  for (const second of ['force', 'any']) {
    for (const exit of ['signal', 'none']) {
      it(`may send the signal again when they are done, with second: ${second} and exit: ${exit}`, async () => {
        const wrapper = ['env', `SECOND=${second}`, `EXIT=${exit}`];
        const { code, signal, stdout, stderr } = await outcomeOf(likeNest, { wrapper });
        assert.equal(stdout, 'SIGTERM closes\nclosed\nreleased\nprocess.on done, database done\n');
        assert.deepEqual([code, signal, stderr], exit === 'none' ? [0, null, ''] : [null, 'SIGTERM', '']);
      });
    }
  }

  it('hear it at once if they ask who else listens, as signal-exit and tsx do, and learn that they are not alone', () =>
    scenario(async ({ shutdown, sigkit, timers }) => {
      const heard: unknown[] = [];
      process.on('warning', (warning) => heard.push(warning));
      process.on('SIGTERM', (signal) => heard.push([signal, process.listeners(signal).length]));
      process.on('SIGTERM', function second(signal: string, number: number) {
        heard.push([number, process.listenerCount(signal)]);
      });
      const ending = shutdown.createShutdown({ exit: 'none', drainDelayMs: 50 });
      const alive = setInterval(() => {}, 1000);
      const later = ending.done.then(() => heard.push('done'));
      sigkit.kill(process.pid, 'SIGTERM');
      while (heard.length < 2) await timers.setImmediate();
      await later;
      clearInterval(alive);
      assert.deepEqual(heard, [['SIGTERM', 3], [15, 3], 'done']);
      assert.equal(process.listenerCount('SIGTERM'), 2);
    }));
});

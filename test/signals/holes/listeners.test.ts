import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';
import { describeTransports } from '../../support/transport.js';

describeTransports('after a close stands what would stand there without sigkit', () => {
  withProbe();

  it('the listener that was there before', () =>
    scenario(async ({ sigkit, openProbe, until }) => {
      const probe = openProbe();
      let heard = 0;
      process.on('SIGUSR2', () => (heard += 1));
      const before = probe.actions();
      sigkit.signals('SIGUSR2').close();
      assert.deepEqual(probe.actions(), before);
      process.kill(process.pid, 'SIGUSR2');
      await until(() => heard === 1, 'the listener has heard it');
    }));

  it('a listener that was added meanwhile', () =>
    scenario(async ({ sigkit, until }) => {
      const stream = sigkit.signals(['SIGUSR2', 'SIGTERM']);
      let heard = 0;
      for (const signal of ['SIGUSR2', 'SIGTERM'] as const) process.on(signal, () => (heard += 1));
      stream.close();
      process.kill(process.pid, 'SIGUSR2');
      process.kill(process.pid, 'SIGTERM');
      await until(() => heard === 2, 'both listeners have heard theirs');
    }));

  for (const signal of ['SIGUSR2', 'SIGTERM', 'SIGINT'] as const) {
    it(`the default action of ${signal}, whose listener has gone meanwhile`, () =>
      scenario(
        async ({ sigkit, openProbe, timers }) => {
          const probe = openProbe();
          const name = process.env['SIGKIT_TEST_SIGNAL'] as 'SIGTERM';
          const listener = (): void => {};
          process.on(name, listener);
          const stream = sigkit.signals(name);
          process.off(name, listener);
          stream.close();
          assert.equal(probe.action(name), 'default');
          process.kill(process.pid, name);
          await timers.setTimeout(20_000);
        },
        { signal, wrapper: ['env', `SIGKIT_TEST_SIGNAL=${signal}`] },
      ));

    it(`an end by ${signal}, whose listener came and went meanwhile`, () =>
      scenario(
        async ({ sigkit, timers }) => {
          const name = process.env['SIGKIT_TEST_SIGNAL'] as 'SIGTERM';
          const stream = sigkit.signals(name);
          const listener = (): void => {};
          process.on(name, listener);
          process.off(name, listener);
          stream.close();
          // Node's own, of SIGINT and SIGTERM, ends the process as the default action does.
          process.kill(process.pid, name);
          await timers.setTimeout(20_000);
        },
        { signal, wrapper: ['env', `SIGKIT_TEST_SIGNAL=${signal}`] },
      ));
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`Node's own handler of ${signal}, which resets the terminal and dies of it`, () =>
      scenario(
        async ({ sigkit, openProbe, timers }) => {
          const probe = openProbe();
          const name = process.env['SIGKIT_TEST_SIGNAL'] as 'SIGTERM';
          const before = probe.actions();
          assert.equal(probe.action(name), 'handler');
          for (let round = 0; round < 3; round += 1) sigkit.signals(['SIGINT', 'SIGTERM']).close();
          assert.deepEqual(probe.actions(), before);
          process.kill(process.pid, name);
          await timers.setTimeout(20_000);
        },
        { signal, wrapper: ['env', `SIGKIT_TEST_SIGNAL=${signal}`] },
      ));
  }

  it('what was ignored is ignored: a real-time signal by inheritance, others by a library', () =>
    scenario(
      async ({ sigkit, openProbe, arrives }) => {
        const probe = openProbe();
        assert.equal(probe.action('SIGRTMIN+3'), 'ignore');
        probe.setIgnored('SIGHUP');
        const before = probe.actions();
        const actor = probe.start('restoring');
        const stream = sigkit.signals(['SIGRTMIN+3', 'SIGHUP']);
        actor.release();
        await arrives(stream, ['SIGRTMIN+3', 'SIGHUP']);
        stream.close();
        assert.deepEqual(probe.actions(), before);
        sigkit.kill(process.pid, 'SIGRTMIN+3');
        sigkit.kill(process.pid, 'SIGHUP');
      },
      {
        wrapper: [
          'python3',
          '-c',
          'import os, signal, sys\nsignal.signal(signal.SIGRTMIN + 3, signal.SIG_IGN)\nos.execvp(sys.argv[1], sys.argv[1:])',
        ],
      },
    ));

  describe("an addon's own uv_signal_t", () => {
    it('that was started before hears again', () =>
      scenario(async ({ sigkit, openProbe, until }) => {
        const probe = openProbe();
        probe.watch('SIGUSR2');
        const before = probe.actions();
        sigkit.signals('SIGUSR2').close();
        assert.deepEqual(probe.actions(), before);
        process.kill(process.pid, 'SIGUSR2');
        await until(() => probe.watched('SIGUSR2') === 1, 'the addon has heard it');
      }));

    it('that was started meanwhile hears', () =>
      scenario(async ({ sigkit, openProbe, until }) => {
        const probe = openProbe();
        const stream = sigkit.signals('SIGUSR2');
        probe.watch('SIGUSR2');
        stream.close();
        process.kill(process.pid, 'SIGUSR2');
        await until(() => probe.watched('SIGUSR2') === 1, 'the addon has heard it');
      }));

    it('that was stopped meanwhile leaves the default action', () =>
      scenario(
        async ({ sigkit, openProbe, timers }) => {
          const probe = openProbe();
          probe.watch('SIGUSR2');
          const stream = sigkit.signals('SIGUSR2');
          probe.unwatch('SIGUSR2');
          stream.close();
          assert.equal(probe.action('SIGUSR2'), 'default');
          process.kill(process.pid, 'SIGUSR2');
          await timers.setTimeout(20_000);
        },
        { signal: 'SIGUSR2' },
      ));
  });
});

describeTransports('a listener that comes or goes during a claim', () => {
  withProbe();

  it('does not make a hole of an open thread, nor takes from the stream what comes through it', () =>
    scenario(async ({ sigkit, openProbe, arrives, until }) => {
      const probe = openProbe();
      let heard = 0;
      const listener = (): void => void (heard += 1);
      process.on('SIGUSR2', listener);
      const stream = sigkit.signals(['SIGUSR2', 'SIGTERM', 'SIGHUP']);
      // libuv sets the default action of one, and its own handler for the other two.
      process.off('SIGUSR2', listener);
      process.on('SIGTERM', listener);
      process.on('SIGHUP', listener);
      process.off('SIGHUP', listener);
      for (const signal of ['SIGUSR2', 'SIGTERM', 'SIGHUP'] as const) {
        const actor = probe.start('opening');
        actor.release();
        await arrives(stream, [signal]);
      }
      await until(() => heard >= 1, 'the listener has heard');
      stream.close();
    }));
});

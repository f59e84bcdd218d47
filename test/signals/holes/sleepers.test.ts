import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';

describe('a thread of another library that waits for signals itself', () => {
  withProbe();

  for (const behaviour of ['sigwait', 'sigtimedwait']) {
    it(`by ${behaviour}, for all that is not claimed: claims succeed, and nothing is taken from either`, () =>
      scenario(
        async ({ sigkit, openProbe, bitsOf, arrives, until }) => {
          const probe = openProbe();
          const claimed = ['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5'] as const;
          const all = 2n ** 64n - 1n;
          const set = all & ~bitsOf(...claimed, 'SIGCHLD');
          const how = process.env['SIGKIT_TEST_BEHAVIOUR'] as 'sigwait';
          const actor = probe.start(how, { set, mask: all });
          const begin = performance.now();
          for (let round = 0; round < 20; round += 1) {
            const stream = sigkit.signals(claimed);
            await arrives(stream, claimed, 5);
            stream.close();
          }
          // As none has waited a second for an answer.
          assert.ok(performance.now() - begin < 15_000);
          // Between two waits it looks as one that will open again: that may be mistaken, but not each time.
          const mistaken = actor.count;
          assert.ok(mistaken <= (how === 'sigwait' ? 0 : 4), `it has taken ${actor.told}, ${mistaken} times`);
          const stream = sigkit.signals(claimed);
          probe.tgkill(actor.tid, 'SIGUSR1');
          const awaited = sigkit.signalNumber('SIGUSR1');
          await until(() => actor.count > mistaken && actor.told === awaited, 'what it waits for has come');
          stream.close();
          actor.finish();
        },
        { wrapper: ['env', `SIGKIT_TEST_BEHAVIOUR=${behaviour}`] },
      ));

    it(`by ${behaviour}, for one signal, and open to all others: it keeps that one, and is no hole`, () =>
      scenario(
        async ({ sigkit, openProbe, bitsOf, arrives, until, masks }) => {
          const probe = openProbe();
          const claimed = ['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5'] as const;
          const how = process.env['SIGKIT_TEST_BEHAVIOUR'] as 'sigwait';
          const before = masks().length;
          const actor = probe.start(how, { set: bitsOf('SIGHUP'), mask: bitsOf('SIGHUP') });
          assert.equal(masks().length, before + 1);
          for (let round = 1; round <= 5; round += 1) {
            const stream = sigkit.signals(claimed);
            await arrives(stream, claimed, 20);
            probe.tgkill(actor.tid, 'SIGHUP');
            await until(() => actor.count === round, 'what it waits for has come');
            stream.close();
          }
          actor.finish();
        },
        { wrapper: ['env', `SIGKIT_TEST_BEHAVIOUR=${behaviour}`] },
      ));
  }
});

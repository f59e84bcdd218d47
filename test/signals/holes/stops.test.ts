import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../support/child.js';
import { withProbe } from '../../support/probe.js';
import { statOf } from '../../support/processes.js';
import { scenario, startScenario } from '../../support/scenario.js';

describe('a claim that takes long', () => {
  withProbe();

  it('goes on after the process was stopped in the middle of it for longer than an answer may take', async function () {
    this.timeout(120_000);
    const child = startScenario(
      async ({ sigkit, openProbe, events, timers }) => {
        const probe = openProbe();
        // So that it is nearly always in the middle of one.
        const actors = Array.from({ length: 200 }, () => probe.start('open'));
        let ends = false;
        void events.once(process.stdin, 'data').then(() => (ends = true));
        console.log('claiming');
        while (!ends) {
          sigkit.signals(['SIGTERM', 'SIGRTMIN']).close();
          sigkit.blockSignals('SIGHUP').unblock();
          await timers.setImmediate();
        }
        for (const actor of actors) actor.finish();
        process.stdin.destroy();
      },
      { deadlineMs: 110_000 },
    );
    await child.line(/claiming/);
    for (let round = 0; round < 10; round += 1) {
      child.process.kill('SIGSTOP');
      await until(() => statOf(child.pid)?.state !== 'R' && statOf(child.pid)?.state !== 'S', 'it is stopped');
      // The time is what is tested: longer than a thread has for its answer.
      await delay(1100);
      child.process.kill('SIGCONT');
      await delay(20 + 7 * round);
    }
    child.write('end\n');
    const outcome = await child.ended;
    assert.deepEqual([outcome.code, outcome.signal], [0, null], outcome.stderr);
  });

  it('is over in the end while threads are born and die without end', function () {
    this.timeout(120_000);
    return scenario(
      async ({ sigkit, openProbe, arrives }) => {
        const probe = openProbe();
        const actors = Array.from({ length: 3 }, () => probe.start('churning'));
        for (let round = 0; round < 10; round += 1) {
          const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
          await arrives(stream);
          stream.close();
        }
        for (const actor of actors) actor.finish();
      },
      { deadlineMs: 110_000 },
    );
  });
});

describe('a thread that is born during a claim', () => {
  withProbe();

  it('of one that blocks the signal by itself, has it blocked after the close; of another, has not', () =>
    scenario(({ sigkit, openProbe, bitsOf, signalState }) => {
      const probe = openProbe();
      const blocking = probe.start('bearing', { mask: bitsOf('SIGUSR2', 'SIGWINCH') });
      const open = probe.start('bearing');
      const before = signalState();
      const stream = sigkit.signals(['SIGUSR2', 'SIGHUP']);
      blocking.release();
      open.release();
      const [born, other] = [blocking.born(), open.born()];
      stream.close();
      assert.equal(blocking.mask(), bitsOf('SIGUSR2', 'SIGWINCH'));
      assert.equal(open.mask(), 0n);
      assert.equal(born.mask(), bitsOf('SIGUSR2', 'SIGWINCH'));
      assert.equal(other.mask(), 0n);
      for (const actor of [born, other]) actor.finish();
      assert.deepEqual(signalState(), before);
      for (const actor of [blocking, open]) actor.finish();
    }));
});

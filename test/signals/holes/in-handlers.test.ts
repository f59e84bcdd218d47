import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';
import { describeTransports } from '../../support/transport.js';

describeTransports('what a thread blocks only inside a handler of another library', () => {
  withProbe();

  it('is not taken for its own, where the claim comes meanwhile', () =>
    scenario(async ({ sigkit, openProbe, until, bitsOf }) => {
      const probe = openProbe();
      const actor = probe.start('open');
      probe.install('SIGUSR2', { mode: 'holds', mask: bitsOf('SIGHUP') });
      probe.tgkill(actor.tid, 'SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 1, 'it is in the handler');
      const stream = sigkit.signals(['SIGUSR2', 'SIGHUP']);
      probe.letOut('SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 0, 'it has left the handler');
      stream.close();
      actor.release();
      assert.equal(actor.mask() & bitsOf('SIGUSR2', 'SIGHUP'), 0n);
    }));

  it('nor where the hole that it leaves has been closed since', () =>
    scenario(async ({ sigkit, openProbe, until, bitsOf }) => {
      const probe = openProbe();
      const actor = probe.start('open');
      probe.install('SIGUSR2', { mode: 'holds' });
      probe.tgkill(actor.tid, 'SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 1, 'it is in the handler');
      const stream = sigkit.signals('SIGUSR2');
      probe.letOut('SIGUSR2');
      await until(() => probe.inside('SIGUSR2') === 0, 'it has left the handler');
      probe.tgkill(actor.tid, 'SIGUSR2');
      await until(() => stream.poll() !== null, 'what was sent to the thread has come');
      stream.close();
      actor.release();
      assert.equal(actor.mask() & bitsOf('SIGUSR2'), 0n);
    }));
});

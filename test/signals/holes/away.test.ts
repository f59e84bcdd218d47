import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';

describe('a thread that blocks everything while claims end and others come', () => {
  withProbe();

  for (const behaviour of ['asleep', 'running']) {
    for (const meanwhile of ['nothing', 'a claim of one of them', 'claims that come and go']) {
      it(`"${behaviour}", and meanwhile ${meanwhile}: it has its own mask in the end`, () =>
        scenario(
          ({ sigkit, openProbe, bitsOf }) => {
            const probe = openProbe();
            const [how = '', what = ''] = (process.env['SIGKIT_TEST_AWAY'] ?? '').split(';');
            const keeper = sigkit.signals('SIGTERM');
            const ended = sigkit.signals(['SIGPROF', 'SIGHUP']);
            // It has what is claimed blocked when it goes, and will put that back.
            const actor = probe.start(how as 'asleep');
            ended.close();
            const again = what === 'a claim of one of them' ? sigkit.signals('SIGPROF') : null;
            if (what === 'claims that come and go')
              for (let round = 0; round < 2; round += 1) sigkit.signals('SIGPROF').close();
            actor.release();
            again?.close();
            sigkit.signals('SIGUSR2').close();
            assert.equal(actor.mask() & ~bitsOf('SIGTERM'), 0n);
            keeper.close();
            assert.equal(actor.mask(), 0n);
            actor.finish();
          },
          { wrapper: ['env', `SIGKIT_TEST_AWAY=${behaviour};${meanwhile}`] },
        ));
    }
  }
});

import assert from 'node:assert/strict';

import { until } from '../../support/child.js';
import { fixture, init, long, output, startCommand } from '../../support/init.js';
import type { Place } from './place.js';
import { childOf, statOf } from '../../support/processes.js';

const handful = 8;

/** All that is adopted is reaped, and what is not the command has no say in the end. */
export function reaping(place: Place): void {
  for (const [verb, what] of [
    ['pile', 'reaps 2,000 zombies that have piled up while it was stopped'],
    ['leave', 'finds the command among 2,000 zombies'],
  ] as const) {
    it(what, async () => {
      const started = startCommand(place.enter([init, '-s', fixture('probe-orphans'), verb, '2000']));
      await started.line(/^ready$/);
      const pid = place.asPid1 ? await childOf(started.pid) : started.pid;
      process.kill(pid, 'SIGSTOP');
      await until(() => statOf(pid)?.state === 'T', 'the init is stopped');
      started.write('go\n');
      await started.line(/^piled$/);
      process.kill(pid, 'SIGCONT');
      const { code, stdout, stderr } = await started.ended;
      const wanted = verb === 'pile' ? 'ready\npiled\nreaped\n' : 'ready\npiled\n';
      assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: wanted, stderr: '' });
    });
  }

  it(`a storm of orphans for ${long ? 10 : 2} s leaves a handful of zombies at any moment`, async () => {
    // The init first, then those that make orphans and count: what is measured is not how this machine shares its cores.
    const prior = process.getuid?.() === 0 ? ['nice', '-n', '-20'] : [];
    const storm = [fixture('probe-orphans'), 'storm', long ? '10' : '2'];
    const text = await output([...prior, ...place.enter([init, '-s', 'nice', '-n', '39', ...storm])], { code: 7 });
    const [, usual, most, made] = /^usual (\d+) most (\d+) of \d+ looks\norphans (\d+)\n$/.exec(text) ?? [];
    // Nine looks of ten; in the tenth the init may have waited for a core.
    assert.ok(Number(usual) <= handful && Number(most) <= Math.max(handful, Number(made) / 4), text);
  });
}

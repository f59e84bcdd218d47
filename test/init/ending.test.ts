import assert from 'node:assert/strict';

import type { Child } from '../support/child.js';
import { asPid1, init, output, shell, startReady } from '../support/init.js';
import { namespace } from './places/place.js';
import { childOf } from '../support/processes.js';

// Longer than any deadline: whoever is left holds stdout open, and fails the test.
const sleep = 'sleep 1000';
const stubborn = shell(`trap "" TERM INT QUIT HUP USR1; setsid ${sleep} & echo ready; while :; do sleep 1000; done`);

async function graceOf(child: Child, pid: number, signal: NodeJS.Signals, wantedMs: number): Promise<void> {
  const sent = performance.now();
  process.kill(pid, signal);
  const { code, signal: end, stderr } = await child.ended;
  const wanted = pid === child.pid ? { code: null, end: 'SIGKILL' } : { code: 137, end: null };
  assert.deepEqual({ code, end }, wanted, stderr);
  assert.ok(performance.now() - sent >= wantedMs);
}

describe('sigkit-init: --grace and --drain', () => {
  it('--grace kills everything so long after the first termination signal, as received or as forwarded', async () => {
    for (const [options, signal] of [
      [['-t', '0.2'], 'SIGTERM'],
      [['-t0.2'], 'SIGINT'],
      [['--grace=0.2'], 'SIGQUIT'],
      [['-t', '0.2', '-r', 'HUP:TERM'], 'SIGHUP'],
      [['-t', '0.2', '-r', 'TERM:USR1'], 'SIGTERM'],
    ] as const) {
      const child = await startReady(options, stubborn);
      await graceOf(child, child.pid, signal, 200);
    }
  });

  it('--grace after --delay', async () => {
    const child = await startReady(['-t', '0.1', '--delay', '0.2'], stubborn);
    await graceOf(child, child.pid, 'SIGTERM', 300);
  });

  it('--grace as PID 1 ends with 137', async function () {
    if (namespace.missing !== undefined) this.skip();
    const child = await startReady([], [], [...asPid1, init, '-t', '0.2', ...stubborn]);
    await graceOf(child, await childOf(child.pid), 'SIGTERM', 200);
  });

  it('--grace does not begin with another signal', async () => {
    const script = 'trap "" USR1 HUP; echo ready; read line; sleep 0.3; exit 5';
    const other = await startReady(['-t', '0.1'], shell(script));
    for (const signal of ['SIGUSR1', 'SIGHUP'] as const) process.kill(other.pid, signal);
    other.write('go\n');
    assert.equal((await other.ended).code, 5);
  });

  it('--grace leaves in peace what ends in time', async () => {
    const script = 'trap "exit 6" TERM; echo ready; while :; do sleep 0.01; done';
    const child = await startReady(['-t', '100'], shell(script));
    process.kill(child.pid, 'SIGTERM');
    assert.equal((await child.ended).code, 6);
  });

  for (const [where, enter] of [
    ['', []],
    [', as PID 1, too', asPid1],
  ] as const) {
    it(`--drain ends all that is left, stopped ones too, and says so with --verbose only${where}`, async function () {
      if (enter.length > 0 && namespace.missing !== undefined) this.skip();
      const others = `${sleep} & setsid ${sleep} & ${sleep} & kill -STOP $!`;
      const script = `${others}; (trap "" TERM; echo ready; exec ${sleep}) & read line; exit 3`;
      for (const [options, said] of [
        [[], /^$/],
        [['-v'], /^sigkit-init: drained 4 processes, 1 of them by SIGKILL$/m],
      ] as const) {
        const child = await startReady([], [], [...enter, init, ...options, '--drain', '-t', '0.2', ...shell(script)]);
        child.write('go\n');
        const { code, stderr } = await child.ended;
        assert.equal(code, 3);
        assert.match(stderr, said);
      }
    });
  }

  it('--drain does not wait where nothing is left', () =>
    output([init, '--drain', '-t', '1000', 'sh', '-c', 'exit 3'], { code: 3 }));
});

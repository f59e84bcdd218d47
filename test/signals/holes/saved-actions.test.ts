import assert from 'node:assert/strict';

import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';

describe('while a signal is claimed, what is said of it goes by the action from before', () => {
  withProbe();

  it('disposition and threads name what was ignored; a stream counts as a handler', () =>
    scenario(({ sigkit, openProbe }) => {
      const probe = openProbe();
      probe.setIgnored('SIGHUP');
      const before = [sigkit.threads().ignored, sigkit.threads().caught].map((set) => [...set]);
      const stream = sigkit.signals(['SIGHUP', 'SIGUSR2', 'SIGTERM', 'SIGRTMIN']);
      assert.deepEqual(
        [sigkit.threads().ignored, sigkit.threads().caught].map((set) => [...set]),
        before,
      );
      for (const signal of ['SIGHUP', 'SIGUSR2'] as const) assert.equal(sigkit.disposition(signal), 'handler');
      stream.close();
      assert.equal(sigkit.disposition('SIGHUP'), 'ignore');
      assert.equal(sigkit.disposition('SIGUSR2'), 'default');
    }));

  it('a child of spawn inherits what was ignored, where it is to', () =>
    scenario(async ({ sigkit, processes, openProbe }) => {
      const probe = openProbe();
      probe.setIgnored('SIGHUP');
      probe.setIgnored('SIGUSR2');
      const ignoredBy = async (): Promise<string> => {
        const child = processes.spawn('grep', ['SigIgn', '/proc/self/status'], {
          defaultSignals: ['SIGUSR2'],
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let text = '';
        for await (const chunk of child.stdout ?? []) text += String(chunk);
        await child.exited;
        return text;
      };
      const before = await ignoredBy();
      const stream = sigkit.signals(['SIGHUP', 'SIGUSR2', 'SIGTERM']);
      assert.equal(await ignoredBy(), before);
      stream.close();
      assert.equal(await ignoredBy(), before);
    }));

  it('a child that other code forks and execs ignores what is ignored and not claimed, and handles nothing', async () => {
    const output = await scenario(async ({ sigkit, openProbe }) => {
      const probe = openProbe();
      probe.setIgnored('SIGHUP');
      const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
      for (const start of [probe.forkExec, probe.vforkExec])
        assert.equal(await probe.statusOf(start('/bin/cat', '/proc/self/status')), 0);
      stream.close();
    });
    assert.equal(output.match(/^SigIgn:\t[0-9a-f]{15}1$/gm)?.length, 2, output);
    assert.equal(output.match(/^SigCgt:\t0{16}$/gm)?.length, 2, output);
  });
});

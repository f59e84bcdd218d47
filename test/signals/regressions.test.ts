import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

describeTransports('what was once wrong', () => {
  it('poll() leaves a reader that waits its signal and its wake-up', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals('SIGRTMIN');
      const next = stream.next();
      assert.equal(stream.poll(), null);
      sigkit.sigqueue(process.pid, 'SIGRTMIN', 1);
      assert.equal((await next).value?.value, 1);
      stream.close();
    }));

  it('what tgkill sends to a claimed signal outlives the claim that did not take it', () =>
    scenario(async ({ sigkit }) => {
      sigkit.sigprocmask('SIG_BLOCK', 'SIGRTMIN');
      const first = sigkit.waitForSignal('SIGRTMIN');
      sigkit.tgkill(process.pid, 'SIGRTMIN');
      sigkit.tgkill(process.pid, 'SIGRTMIN');
      assert.equal((await first)?.code, 'SI_TKILL');
      assert.ok(sigkit.sigpending().has('SIGRTMIN'));
      assert.equal((await sigkit.waitForSignal('SIGRTMIN', { timeoutMs: 0 }))?.signal, 'SIGRTMIN');
    }));

  it('a claim of nothing leaves no thread behind', () =>
    scenario(async ({ sigkit, until }) => {
      sigkit.signals([]).close();
      await until(() => !sigkit.threads().some(({ name }) => name === 'sigkit'), 'the waiter has ended');
    }));

  it('resetSignals hands out what was pending behind a full queue', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals('SIGRTMIN', { capacity: 1 });
      for (let sent = 0; sent < 5; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
      sigkit.resetSignals('SIGRTMIN');
      let expected = 0;
      for await (const { value } of stream) {
        assert.equal(value, expected);
        expected += 1;
      }
      assert.equal(expected, 5);
    }));

  it('resetSignals does not bring back a listener that has gone meanwhile', () =>
    scenario(({ sigkit }) => {
      const listener = (): void => {};
      process.on('SIGHUP', listener);
      sigkit.ignoreSignals('SIGHUP');
      process.off('SIGHUP', listener);
      sigkit.ignoreSignals('SIGHUP');
      sigkit.resetSignals('SIGHUP');
      assert.equal(sigkit.disposition('SIGHUP'), 'default');
    }));

  it("setting a returned mask again does not spread the thread's own blocks", () =>
    scenario(({ sigkit, masks }) => {
      sigkit.pthreadSigmask('SIG_BLOCK', 'SIGHUP');
      const old = sigkit.sigprocmask('SIG_BLOCK', 'SIGUSR2');
      sigkit.sigprocmask('SIG_SETMASK', old);
      assert.equal(masks().filter((blocked) => blocked.includes('SIGHUP')).length, 1);
    }));
});

import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

describeTransports('behaviours of libuv', () => {
  it('[uv-01a] [uv-01b] kill with 0 probes; -1 and NSIG are refused as signals', () =>
    scenario(({ sigkit }) => {
      sigkit.kill(process.pid, 0);
      assert.throws(() => sigkit.kill(2 ** 22 + 7, 0), {
        code: 'ESRCH',
        errno: -3,
        syscall: 'kill',
        message: 'kill ESRCH',
      });
      for (const signal of [-1, 65])
        assert.throws(() => sigkit.kill(process.pid, signal), { code: 'ERR_OUT_OF_RANGE' });
    }));

  it('[uv-02] one-shot and lasting subscribers may mix on one signal', () =>
    scenario(async ({ sigkit }) => {
      const lasting = sigkit.signals('SIGUSR2');
      const once = sigkit.waitForSignal('SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal((await once)?.signal, 'SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal((await lasting.next()).value?.signal, 'SIGUSR2');
      assert.equal((await lasting.next()).value?.signal, 'SIGUSR2');
      lasting.close();
    }));
});

import assert from 'node:assert/strict';

import { otherRuntimes } from '../support/backends.js';
import { outcomeOf } from '../support/scenario.js';

for (const { name, runtime = [] } of otherRuntimes) {
  describe(`sigkit, ${name}`, () => {
    it('falls back by itself, says so, and names what it cannot do', async () => {
      const { code, stderr } = await outcomeOf(
        ({ sigkit }) => {
          assert.equal(sigkit.capabilities.backend, 'portable');
          assert.ok(sigkit.capabilities.unsupported.includes('sigqueue'));
          assert.throws(() => sigkit.sigqueue(process.pid, 'SIGTERM', 1), { code: 'ERR_SIGKIT_UNSUPPORTED' });
          sigkit.signals('all').close();
        },
        { runtime, wrapper: ['env', '-u', 'SIGKIT_BACKEND'] },
      );
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^sigkit: on (?:Bun|Deno) on linux signals come by process\.on: .*\n$/);
    });

    it('refuses where the native backend is wanted, and does not abort', async () => {
      const { code, stderr } = await outcomeOf(
        ({ sigkit }) => {
          assert.equal(sigkit.capabilities.reason, 'ERR_SIGKIT_UNSUPPORTED_PLATFORM');
          assert.throws(() => sigkit.signals('SIGTERM'), { code: 'ERR_SIGKIT_UNSUPPORTED_PLATFORM' });
        },
        { runtime, wrapper: ['env', 'SIGKIT_BACKEND=native'] },
      );
      assert.equal(code, 0, stderr);
    });
  });
}

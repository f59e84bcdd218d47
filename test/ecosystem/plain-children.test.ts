import assert from 'node:assert/strict';

import { alike, program } from './support/beside.js';
import { needs } from './support/installed.js';

describe('cross-spawn beside sigkit', () => {
  needs('cross-spawn');

  it('children end as without it', async () => {
    const { code, stderr } = await alike(program('cross-spawn.mjs'), { orphans: 0 });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });
});

describe('tree-kill beside sigkit', () => {
  needs('tree-kill');

  for (const signal of ['SIGTERM', 'SIGKILL']) {
    it(`${signal} ends the whole tree, and nobody else loses an exit code`, async () => {
      const { code, stdout } = await alike(program('tree-kill.mjs'), { args: [signal] });
      assert.equal(code, 0, stdout);
      assert.match(stdout, /null, 'SIG/);
    });
  }
});

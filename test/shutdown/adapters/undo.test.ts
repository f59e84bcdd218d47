import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { startChild } from '../../support/child.js';

describe('what adapters hold', () => {
  it('goes when their hook is removed, and when the shutdown is closed or over', async () => {
    const child = startChild(fileURLToPath(new URL('../../fixtures/shutdown/attached.js', import.meta.url)));
    const { code, stderr } = await child.ended;
    assert.equal(code, 0, stderr);
  });
});

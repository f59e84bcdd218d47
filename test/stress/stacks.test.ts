import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { startChild } from '../support/child.js';

// 10,000 is the long run. Under a sanitizer each takes ten times as long.
const usual = process.env['SIGKIT_SANITIZER'] === undefined ? 1000 : 100;
const wanted = Number(process.env['SIGKIT_STACKS'] ?? usual);
const storm = fileURLToPath(new URL('../fixtures/diagnostics/storm.js', import.meta.url));

describe('stacks under stress', () => {
  it(`${wanted} captures under a storm of signals, with Workers that come and go and collect their heaps`, async function () {
    this.timeout(60_000 + wanted * 200);
    const { code, signal, stderr } = await startChild(storm, { args: [String(wanted)], nodeOptions: ['--expose-gc'] })
      .ended;
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  });
});

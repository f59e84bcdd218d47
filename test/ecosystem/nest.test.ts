import assert from 'node:assert/strict';

import type { Outcome } from '../support/child.js';
import { startCommand } from '../support/init.js';
import { program } from './support/beside.js';
import { needs } from './support/installed.js';

const shutdown = new URL('../../lib/shutdown/index.js', import.meta.url).href;

async function ends(...options: readonly string[]): Promise<Outcome> {
  const child = startCommand([process.execPath, program('nest.mjs'), shutdown, ...options]);
  await child.line(/^ready$/);
  process.kill(child.pid, 'SIGTERM');
  return child.ended;
}

describe("Nest's shutdown hooks beside a shutdown", () => {
  needs('@nestjs/core');

  for (const second of ['force', 'any']) {
    it(`run as a hook before what they use is closed, with second: ${second}`, async () => {
      const { signal, stdout, stderr } = await ends('hook', second);
      assert.deepEqual([signal, stderr], ['SIGTERM', '']);
      assert.equal(stdout, 'ready\nNest has ended, by SIGTERM\nthe database is closed\n');
    });
  }

  it('are named by a warning where they do not', async () => {
    const { signal, stdout, stderr } = await ends('warn', 'force');
    assert.deepEqual([signal, stdout], ['SIGTERM', 'ready\nthe database is closed\n']);
    assert.match(
      stderr,
      /SigkitWarning: 1 listener of process\.on stays silent .* of SIGINT, SIGTERM, added at .*nest-application-context\.js/,
    );
  });
});

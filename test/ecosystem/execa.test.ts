import assert from 'node:assert/strict';

import { alike, program } from './support/beside.js';
import { sends } from './support/drive.js';
import { needs } from './support/installed.js';

describe('execa beside sigkit', () => {
  needs('execa');

  it('children end and say as without it, and only an orphan is reaped', async () => {
    const { code, stdout, stderr } = await alike(program('execa-children.mjs'), { orphans: 1 });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`a service that stops in order at ${signal} gets one, and its children stay until it ends`, async () => {
      const { code, stdout } = await alike(program('execa-service.mjs'), sends(signal));
      assert.equal(code, 3);
      assert.equal(stdout, `ready\n${signal}: stopping\nthen undefined\n4 up\nworked on\nstopped null\n`);
    });
  }

  it('a signal that nobody listens for ends the program and its children', async () => {
    const { signal } = await alike(program('execa-service.mjs'), sends('SIGHUP'));
    assert.equal(signal, 'SIGHUP');
  });
});

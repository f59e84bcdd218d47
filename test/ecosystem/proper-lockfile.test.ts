import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';

import { alike, type Options, program } from './support/beside.js';
import { sends } from './support/drive.js';
import { needs } from './support/installed.js';

describe('proper-lockfile beside sigkit', () => {
  needs('proper-lockfile');

  const holds = 'locked true true\nELOCKED\n';
  const ends = (options: Options) =>
    alike(program('proper-lockfile.mjs'), {
      ...options,
      after: ({ folder }) => assert.equal(existsSync(path.join(folder, 'state.lock')), false, 'no lock is left'),
    });

  for (const way of ['return', 'exit', 'throw']) {
    it(`no lock is left where the program ends by ${way}`, async () => {
      assert.equal((await ends({ args: [way] })).stdout, holds);
    });
  }

  it('no lock is left after a signal that nobody heeds', async () => {
    assert.equal((await ends({ args: ['unheeded'], ...sends('SIGTERM') })).signal, 'SIGTERM');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`a program that stops in order at ${signal} has its lock until it ends`, async () => {
      const { stdout } = await ends({ args: ['stop'], ...sends(signal) });
      assert.equal(stdout, `${holds}ready\n${signal}: stopping\nstill locked true\nstopped\n`);
    });
  }
});

import assert from 'node:assert/strict';

import { command } from '../support/command.js';
import { run, scratch } from '../support/init.js';
import { needs } from './support/installed.js';
import { fileOf } from './support/recipe.js';

const env = { SIGKIT: new URL('../../lib/shutdown/index.js', import.meta.url).href };

interface Told {
  readonly trials: readonly { readonly untried: string | null }[];
  readonly findings: readonly unknown[];
}

// Each in a process of its own, one at a time: they are measured.
describe('sigkit doctor, of services with the recipes of docs/shutdown-with.md', () => {
  for (const name of ['express', 'fastify', 'koa', 'nest', 'socket.io'])
    describe(name, () => {
      needs({ nest: '@nestjs/core' }[name] ?? name);

      it('nothing found', async () => {
        const service = [process.execPath, fileOf(name)];
        const asked = ['doctor', '--json', '--try', 'term,load', '--path', '/fast', '--', ...service];
        const { code, stdout, stderr } = await run([process.execPath, command, ...asked], { cwd: scratch(), env });
        const { findings, trials } = JSON.parse(stdout) as Told;
        assert.deepEqual({ code, stderr, findings }, { code: 0, stderr: '', findings: [] });
        assert.deepEqual(
          trials.map(({ untried }) => untried),
          [null, null],
        );
      });
    });
});

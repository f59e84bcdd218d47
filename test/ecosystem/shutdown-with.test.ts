import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { needs, root } from './support/installed.js';
import { fileOf, runRecipe } from './support/recipe.js';

const text = readFileSync(fileURLToPath(new URL('../../../docs/shutdown-with.md', import.meta.url)), 'utf8');
const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const sections = text
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [, name = '', recipe = ''] = /^```js (\S+)\n([^]*?)^```$/m.exec(section) ?? assert.fail(section);
    return { name, recipe, packages: [...section.matchAll(/((?:@[\w-]+\/)?[\w.-]+) (\d+\.\d+\.\d+)/g)] };
  });
// What a recipe needs that no package brings.
const commands: Readonly<Record<string, string>> = { bullmq: 'redis-server' };
// The service of Sentry has a hook that fails.
const statusOf = (name: string): object =>
  name === 'sentry' ? { code: 1, signal: null } : { code: null, signal: 'SIGTERM' };

describe('docs/shutdown-with.md', () => {
  it('has a recipe for each service in recipes/, and names the versions that are installed', () => {
    const services = readdirSync(path.join(root, 'recipes')).filter((file) => file.endsWith('.client.mjs'));
    assert.deepEqual(sections.map(({ name }) => `${name}.client.mjs`).sort(), services.sort());
    for (const [, name = '', version] of sections.flatMap(({ packages }) => packages))
      assert.equal(dependencies[name], version, name);
  });

  for (const { name, recipe, packages } of sections) {
    describe(name, () => {
      for (const [, dependency = ''] of packages) needs(dependency);

      it('is what its service has', () => {
        const [, inService] =
          /^\/\/ The recipe:\n([^]*?)^\/\/ Its end\.$/m.exec(readFileSync(fileOf(name), 'utf8')) ?? [];
        assert.equal(recipe, inService);
      });

      it('loses nothing at SIGTERM', async function () {
        const command = commands[name];
        if (command !== undefined && spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) {
          process.stdout.write(`skipped: ${command} is not installed\n`);
          this.skip();
        }
        const { code, signal, stderr } = await runRecipe(name);
        assert.deepEqual({ code, signal, stderr }, { ...statusOf(name), stderr: '' });
      });
    });
  }
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as sigkit from 'sigkit';

import { sigkitErrorCodes } from '../lib/errors.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
];
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');

function headings(name: string, level: string): string[] {
  return [...read(name).matchAll(new RegExp(`^${level} (.+)$`, 'gm'))].map(([, title = '']) => title);
}

function anchors(name: string): string[] {
  return headings(name, '#+').map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documents', () => {
  it('README stays under 150 lines', () => {
    assert.ok(read('README.md').split('\n').length < 150);
  });

  it('api.md has one heading for each export', () => {
    assert.deepEqual(headings('docs/api.md', '###').sort(), Object.keys(sigkit).sort());
  });

  it('errors.md has one heading for each code', () => {
    const codes = headings('docs/errors.md', '##').filter((title) => title.startsWith('ERR_SIGKIT_'));
    assert.deepEqual(codes.sort(), [...sigkitErrorCodes].sort());
  });

  it('every code in the list is used by the code', () => {
    const files = readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const text = files
      .filter((name) => name !== 'errors.ts')
      .map((name) => read(`lib/${name}`))
      .join('\n');
    for (const code of sigkitErrorCodes) assert.ok(text.includes(`'${code}'`), code);
  });

  it('links lead somewhere', () => {
    for (const name of documents) {
      for (const [, target = ''] of read(name).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const linked = file === '' ? name : path.join(path.dirname(name), file);
        assert.ok(existsSync(path.join(root, linked)), `${name}: ${target}`);
        if (anchor !== undefined) assert.ok(anchors(linked).includes(anchor), `${name}: ${target}`);
      }
    }
  });

  for (const name of documents) {
    for (const [index, [, code = '']] of [...read(name).matchAll(/^```js\n([^]*?)^```$/gm)].entries()) {
      it(`program ${index + 1} of ${name} runs`, () => {
        const folder = path.join(root, 'dist', 'programs');
        mkdirSync(folder, { recursive: true });
        const file = path.join(folder, `${path.basename(name, '.md')}-${index + 1}.mjs`);
        writeFileSync(file, code);
        const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 30_000 });
        rmSync(file);
        assert.equal(status, 0, stderr);
      });
    }
  }
});

describe('the examples', () => {
  const folder = path.join(root, 'dist', 'examples');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.js') && file !== 'demo.js')) {
    it(`${name} runs`, () => {
      const { status, stderr } = spawnSync(process.execPath, [path.join(folder, name)], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      assert.equal(status, 0, stderr);
    });
  }
});

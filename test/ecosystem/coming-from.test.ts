import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { initPath } from '../../lib/process/init-path.js';

import { needs, root } from './support/installed.js';

const text = readFileSync(fileURLToPath(new URL('../../../docs/coming-from.md', import.meta.url)), 'utf8');
const blocks = [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, language = '', code = '']) => ({
  language,
  code,
}));
const deadlineMs = 30_000;

interface Pair {
  readonly theirs: string;
  readonly code: string;
  readonly expected: string;
}

/** What is theirs stands before what is ours, and that before what both print. Ours runs with the other documents. */
function pairs(language: string, ours: string): Pair[] {
  return blocks.flatMap(({ language: named, code }, index) => {
    const [, theirs] = named.split(' ');
    if (!named.startsWith(`${language} `) || theirs === undefined || named === ours) return [];
    assert.deepEqual(
      blocks.slice(index + 1, index + 3).map((block) => block.language),
      [ours, 'text'],
      code,
    );
    return [{ theirs, code, expected: blocks[index + 2]?.code ?? '' }];
  });
}

describe('docs/coming-from.md', () => {
  const programs = pairs('js', 'js');

  it('has a pair for each package', () => {
    const packages = new Set(programs.map(({ theirs }) => theirs));
    assert.deepEqual(packages, new Set(['child_process', 'execa', 'tree-kill', 'signal-exit']));
  });

  for (const [index, { theirs, code, expected }] of programs.entries()) {
    describe(theirs, () => {
      if (theirs !== 'child_process') needs(theirs);

      it(`program ${index + 1} prints what sigkit's does`, () => {
        const file = path.join(root, `coming-from-${index + 1}-${process.pid}.mjs`);
        writeFileSync(file, code);
        try {
          const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: deadlineMs });
          assert.equal(stdout, expected, stderr);
        } finally {
          rmSync(file);
        }
      });
    });
  }

  for (const { language, code } of blocks.filter((block) => block.language.startsWith('sh ')))
    it(`the command line of ${language.slice(3)} prints what is shown`, function () {
      const PATH = `${path.dirname(initPath)}:${process.env['PATH'] ?? ''}`;
      const env = { ...process.env, PATH };
      const tool = language.slice(3);
      if (spawnSync('sh', ['-c', `command -v ${tool}`], { env }).status !== 0) {
        process.stdout.write(`skipped: ${tool} is not installed\n`);
        this.skip();
      }
      const [{ expected } = assert.fail()] = pairs('sh', 'sh sigkit-init');
      assert.equal(execFileSync('sh', ['-c', code], { encoding: 'utf8', env, timeout: deadlineMs }), expected);
    });
});

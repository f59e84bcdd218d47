import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { init } from '../support/init.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const prebuilt = `prebuilds/linux-${process.arch}/sigkit-init`;

// A package as it is installed, in a folder whose name has a space.
let place = '';
let packaged = '';
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'sigkit launcher '));
  packaged = path.join(place, 'node_modules/sigkit');
  cpSync(path.join(root, 'bin'), path.join(packaged, 'bin'), { recursive: true });
  cpSync(init, path.join(packaged, prebuilt));
});
afterEach(() => rmSync(place, { recursive: true }));

function start(file: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(file, args, { cwd: place, encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } });
}

/** Which executable its command has as its parent. */
const program = (file: string, env: Readonly<Record<string, string>> = {}): string =>
  start(file, ['-s', '--', 'sh', '-c', 'readlink /proc/$PPID/exe'], env).stdout.trim();

/** An executable that tells its name. */
function fake(name: string): string {
  const file = path.join(packaged, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${name}" "$@"\n`, { mode: 0o755 });
  return file;
}

describe('bin/sigkit-init.bin', () => {
  it('becomes the prebuilt one: the same pid, no shell stays', () => {
    const file = path.join(packaged, 'bin/sigkit-init.bin');
    const { pid, status, stdout } = start(file, ['-s', '--', 'sh', '-c', 'echo $PPID; exit 3']);
    assert.deepEqual([Number(stdout), status], [pid, 3]);
    assert.equal(program(file), path.join(packaged, prebuilt));
  });

  it('is found through links, and by a shell that is given its path', () => {
    mkdirSync(path.join(place, 'node_modules/.bin'));
    const link = path.join(place, 'node_modules/.bin/sigkit-init');
    symlinkSync('../sigkit/bin/sigkit-init.bin', link);
    assert.equal(program(link), path.join(packaged, prebuilt));
    assert.equal(program('node_modules/.bin/sigkit-init'), path.join(packaged, prebuilt));
    const PATH = `${path.dirname(link)}:${process.env['PATH'] ?? ''}`;
    assert.match(start('sh', ['-c', 'sigkit-init --version'], { PATH }).stdout, /^sigkit-init \d/);
    assert.match(start('sh', [link, '--version']).stdout, /^sigkit-init \d/);
  });

  it('arguments stay as they are', () => {
    fake('build/Release/sigkit-init');
    assert.equal(
      start(path.join(packaged, 'bin/sigkit-init.bin'), ['a b', '', '*']).stdout,
      'build/Release/sigkit-init a b  *\n',
    );
  });

  it('takes what is named, then what was built, then what is prebuilt; and so does initPath', () => {
    const [file, named] = [path.join(packaged, 'bin/sigkit-init.bin'), fake('named')];
    cpSync(path.join(root, 'dist/lib'), path.join(packaged, 'dist/lib'), { recursive: true });
    cpSync(path.join(root, 'package.json'), path.join(packaged, 'package.json'));
    const url = pathToFileURL(path.join(packaged, 'dist/lib/process/index.js'));
    const read = `import(${JSON.stringify(url)}).then(({ initPath }) => console.log(initPath))`;
    const initPath = (env: Readonly<Record<string, string>> = {}): string =>
      start(process.execPath, ['-e', read], env).stdout.trim();

    assert.equal(initPath(), path.join(packaged, prebuilt));
    const built = fake('build/Release/sigkit-init');
    assert.match(start(file).stdout, /^build\/Release\/sigkit-init/);
    assert.equal(initPath(), built);
    assert.match(start(file, [], { SIGKIT_INIT: named }).stdout, /^named/);
    assert.equal(initPath({ SIGKIT_INIT: named }), named);
    assert.equal(initPath({ SIGKIT_INIT: './named' }), path.join(place, 'named'));
    assert.equal(initPath({ SIGKIT_INIT: '' }), built);
  });

  it('says what is missing, with 125', () => {
    rmSync(path.join(packaged, 'prebuilds'), { recursive: true });
    const file = path.join(packaged, 'bin/sigkit-init.bin');
    for (const env of [{}, { SIGKIT_INIT: '/no/such/init' }]) {
      const { status, stderr } = start(file, ['true'], env);
      assert.equal(status, 125);
      const missing = env.SIGKIT_INIT ?? path.join(packaged, prebuilt);
      assert.ok(
        stderr.startsWith(`sigkit-init: ${missing} is not there: `) && stderr.includes('npx sigkit build'),
        stderr,
      );
    }
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

import { needNoSanitizer } from '../fixtures/process/means.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Built {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const scripts = ['archive', 'build', 'headers', 'progress', 'sources'].map((name) => `native/${name}.mjs`);

function* sources(): Generator<readonly [name: string, text: string]> {
  const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
  for (const room of ['posix', 'hub', 'addon', 'init']) {
    for (const file of readdirSync(path.join(root, 'native', room)))
      yield [`native/${room}/${file}`, textOf(`native/${room}/${file}`)];
  }
  for (const name of ['napi.h', 'package.json'])
    yield [`build/vendor/node-addon-api/${name}`, textOf(`node_modules/node-addon-api/${name}`)];
  yield ['build/vendor/binding.gyp', textOf('binding.gyp')];
}

let place = '';
let packaged = '';

/** The package as it is installed, without what is prebuilt. */
function install(folder = ''): void {
  packaged = path.join(place, folder, 'node_modules/sigkit');
  for (const part of ['package.json', 'dist/lib/base', 'dist/lib/cli', ...scripts]) {
    cpSync(path.join(root, part), path.join(packaged, part), { recursive: true });
  }
  mkdirSync(path.join(packaged, 'vendor'));
  const quickly = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
  writeFileSync(
    path.join(packaged, 'vendor/sources.br'),
    brotliCompressSync([...sources()].map((one) => `${one.join('\0')}\0`).join(''), quickly),
  );
}

/** Stands for node-gyp, which takes minutes: compiles three files, and leaves what is given. */
function fakeNodeGyp(outcome: string): string {
  const file = path.join(place, 'node-gyp.js');
  const compile = `for (const name of ['a', 'b', 'c']) console.log('  CXX(target) Release/obj.target/' + name + '.o');`;
  writeFileSync(file, `if (process.argv[2] === 'build') { ${compile} ${outcome} }`);
  return file;
}

function build(env: Readonly<Record<string, string>> = {}, uid?: number): Built {
  const args = [path.join(packaged, 'dist/lib/cli/main.js'), 'build'];
  const given = { PATH: process.env['PATH'], ...env };
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: given, ...(uid === undefined ? {} : { uid }) });
}

const leave = (addon: string): string => `const fs = require('node:fs');
  fs.cpSync(${JSON.stringify(path.join(root, 'build/Release'))}, 'build/Release', { recursive: true, filter: (name) => !/obj|deps/.test(name) });
  ${addon}`;

describe('sigkit build', () => {
  beforeEach(() => {
    place = mkdtempSync(path.join(tmpdir(), 'sigkit-build-'));
    // Of another user, too.
    chmodSync(place, 0o755);
  });
  afterEach(() => rmSync(place, { recursive: true }));

  it('tells how far it is, and tries what came of it', function () {
    needNoSanitizer(this);
    install();
    const { status, stdout, stderr } = build({ npm_config_node_gyp: fakeNodeGyp(leave('')) });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^sigkit: compiling \d+ files\nsigkit: compiled 3 files in \d+ s\n$/);
    assert.equal(stdout, `sigkit: built in ${packaged}/build; the addon loads, and sigkit-init starts\n`);
    assert.equal(existsSync(path.join(packaged, 'binding.gyp')), false, 'which Yarn would find');
  });

  it('an unpacking that was interrupted is done again', function () {
    needNoSanitizer(this);
    install();
    const file = 'native/posix/escape.cc';
    mkdirSync(path.join(packaged, 'native/posix'));
    writeFileSync(path.join(packaged, file), 'half');
    const { status, stderr } = build({ npm_config_node_gyp: fakeNodeGyp(leave('')) });
    assert.equal(status, 0, stderr);
    assert.deepEqual(readFileSync(path.join(packaged, file)), readFileSync(path.join(root, file)));
  });

  it('what does not load is no success', () => {
    install();
    const broken = leave(`fs.writeFileSync('build/Release/sigkit.node', 'broken')`);
    const { status, stderr } = build({ npm_config_node_gyp: fakeNodeGyp(broken) });
    assert.equal(status, 1);
    assert.match(stderr, /sigkit: .*\/sigkit\.node has been built, but cannot be loaded:\n.*ERR_DLOPEN_FAILED/s);
  });

  it('a compilation that fails shows its output', () => {
    install();
    const failing = `console.error('no such header'); process.exitCode = 1;`;
    const { status, stderr } = build({ npm_config_node_gyp: fakeNodeGyp(failing) });
    assert.equal(status, 1);
    assert.match(stderr, /no such header\n[^]*sigkit: node-gyp build failed: its output is above/);
    assert.doesNotMatch(stderr, /compiled 3/);
  });

  it('names the tools that are missing', () => {
    install();
    const { status, stderr } = build({ PATH: place });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^sigkit: cannot build the native addon without g\+\+, make, python3: install a C\+\+20 compiler/,
    );
  });

  it('node-gyp is asked of npm, and said to be missing where there is none', () => {
    install();
    for (const tool of ['g++', 'make', 'python3']) symlinkSync('/bin/true', path.join(place, tool));
    const { status, stderr } = build({ PATH: place });
    assert.equal(status, 1);
    assert.match(stderr, /^sigkit: cannot find node-gyp: npm brings one; else add the package node-gyp/);
    const nodeGyp = path.join(place, 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');
    mkdirSync(path.dirname(nodeGyp), { recursive: true });
    writeFileSync(nodeGyp, readFileSync(fakeNodeGyp(`console.error('was found'); process.exitCode = 1`)));
    mkdirSync(path.join(place, 'lib/node_modules/npm/bin'));
    writeFileSync(path.join(place, 'lib/node_modules/npm/bin/npm-cli.js'), '', { mode: 0o755 });
    symlinkSync('lib/node_modules/npm/bin/npm-cli.js', path.join(place, 'npm'));
    assert.match(build({ PATH: place }).stderr, /was found/);
  });

  it('a folder that cannot be written to, an archive, sources that were left out: what to do', () => {
    install();
    if (process.getuid?.() !== 0) chmodSync(packaged, 0o555);
    const other = build({}, process.getuid?.() === 0 ? 65_534 : undefined);
    assert.equal(other.status, 1);
    assert.match(other.stderr, /^sigkit: cannot build: .*\/sigkit cannot be written to: build as its owner/);
    chmodSync(packaged, 0o755);
    rmSync(path.join(packaged, 'native'), { recursive: true });
    assert.match(build().stderr, /^sigkit: cannot build: .*native\/build\.mjs is not there: the sources were left out/);
    install('cache/sigkit.zip');
    assert.match(build().stderr, /^sigkit: cannot build: .* is in an archive: run `yarn unplug sigkit`/);
    assert.ok(!existsSync(path.join(packaged, 'build')));
  });
});

describe('the progress of a compilation', () => {
  interface Progress {
    file(): void;
    end(succeeded: boolean): void;
  }
  const written: string[] = [];
  const to = (isTTY: boolean): unknown => ({ isTTY, write: (text: string) => written.push(text) });
  let show: (all: number | undefined, output: unknown) => Progress;
  before(async () => {
    const loaded: unknown = await import(path.join(root, 'native/progress.mjs'));
    show = (loaded as { readonly showProgress: typeof show }).showProgress;
  });
  beforeEach(() => (written.length = 0));

  it('is a line that changes on a terminal', () => {
    const progress = show(2, to(true));
    progress.file();
    progress.file();
    progress.end(true);
    const line = '\r\u001b[Ksigkit: compiling, ';
    assert.deepEqual(written, [
      `${line}1/2 files, 0 s`,
      `${line}2/2 files, 0 s`,
      '\r\u001b[K',
      'sigkit: compiled 2 files in 0 s\n',
    ]);
  });

  it('is nothing where nothing is compiled, and ends with a failure', () => {
    show(undefined, to(true)).end(true);
    assert.deepEqual(written, []);
    const progress = show(undefined, to(false));
    progress.file();
    progress.end(false);
    assert.deepEqual(written, ['sigkit: compiling\n']);
  });
});

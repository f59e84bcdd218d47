import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Attempt, loadErrorOf } from '../../lib/base/load-error.js';
import { type Machine, thisMachine } from '../../lib/base/machine.js';
import { need, needNoSanitizer } from '../fixtures/process/means.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const addon = path.join(root, 'build/Release/sigkit.node');
const machine = thisMachine(root);
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

let folder = '';
before(() => (folder = mkdtempSync(path.join(tmpdir(), 'sigkit-load-'))));
after(() => rmSync(folder, { recursive: true }));

/** A file made of the addon, by a change of its bytes. */
function made(name: string, change: (bytes: Buffer<ArrayBuffer>) => Buffer | void): string {
  const bytes = readFileSync(addon);
  const file = path.join(folder, name);
  writeFileSync(file, change(bytes) ?? bytes);
  return file;
}

// How it is loaded, and what comes of that, in a process of its own: a library whose loading has failed may stay in part.
const load = `try { process.dlopen({ exports: {} }, process.argv[1]) } catch ({ code, message }) {
  console.log(JSON.stringify({ code, message }));
}`;

function attempt(file: string, flags: readonly string[] = [], before: readonly string[] = []): Attempt {
  const command = [...before, process.execPath, ...flags, '-e', load, file];
  const { stdout, stderr } = spawnSync('env', command, { encoding: 'utf8' });
  assert.notEqual(stdout, '', `it was loaded, or could not be tried: ${stderr}`);
  const { code, message } = JSON.parse(stdout) as { readonly code: string; readonly message: string };
  return { file, cause: Object.assign(new Error(message), { code }) };
}

function told(tried: readonly Attempt[], around: Partial<Machine> = {}): string {
  const error = loadErrorOf(tried, { ...machine, glibc: machine.glibc, command: 'npx sigkit build', ...around });
  assert.equal(error.cause, tried.at(-1)?.cause);
  return `${error.code}: ${error.message}`;
}

/** elf(5) hashes the names of versions. */
function elfHash(name: string): Buffer {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = (hash * 16 + byte) >>> 0;
    hash = (hash ^ ((hash >>> 28) << 4) ^ (hash & 0xf0000000)) >>> 0;
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(hash);
  return bytes;
}

function replaceAll(bytes: Buffer, from: Buffer, to: Buffer): void {
  assert.ok(bytes.includes(from));
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + 1)) to.copy(bytes, at);
}

describe('an addon that cannot be loaded says why', () => {
  // The sanitizer's runtime stands between these and the loader.
  beforeEach(function () {
    needNoSanitizer(this);
  });

  it('a file that is not there', () => {
    const file = path.join(folder, 'nothing.node');
    assert.match(
      told([attempt(file)]),
      /^ERR_SIGKIT_NOT_BUILT: .*nothing\.node is not there: it was left out .*npx sigkit build.*SIGKIT_ADDON/,
    );
    assert.match(
      told([{ ...attempt(file), named: true }]),
      /^ERR_SIGKIT_NOT_BUILT: SIGKIT_ADDON names .*nothing\.node, which is not there$/,
    );
  });

  it('a processor that nothing is prebuilt for', () => {
    assert.match(
      told([], { architecture: 'riscv64' }),
      /^ERR_SIGKIT_NOT_BUILT: .*no prebuilt addon for linux-riscv64: run `npx sigkit build`/,
    );
  });

  it('addons that are disabled, and by which flag', () => {
    const disabled = attempt(addon, ['--no-addons']);
    assert.match(
      told([disabled]),
      /^ERR_SIGKIT_ADDONS_DISABLED: this process may load no addon: as by --no-addons, or by --permission/,
    );
    const bare = path.join(folder, 'not-looked-for.node');
    assert.match(told([{ ...disabled, file: bare }]), /^ERR_SIGKIT_ADDONS_DISABLED/);
  });

  for (const [flags, expected] of [
    [['--no-addons'], '--no-addons was given'],
    [[permission, '--allow-fs-read=*'], `${permission} was given without --allow-addons`],
  ] as const) {
    it(`the flag is ${flags[0]}`, () => {
      const program = `const { thisMachine } = await import(${JSON.stringify(new URL('../../lib/base/machine.js', import.meta.url))});
        console.log(thisMachine('/').addonsForbiddenBy);`;
      const args = [...flags, '--no-warnings', '--input-type=module', '-e', program];
      assert.equal(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout, `${expected}\n`);
    });
  }

  it('a glibc that is too old, found and needed', function () {
    const [known = ''] = /GLIBC_2\.\d\d(?=\0)/.exec(readFileSync(addon, 'latin1')) ?? [];
    need(this, known !== '', 'an addon for glibc');
    const file = made('later.node', (bytes) => {
      replaceAll(bytes, Buffer.from(`${known}\0`), Buffer.from('GLIBC_9.99\0'));
      replaceAll(bytes, elfHash(known), elfHash('GLIBC_9.99'));
    });
    const found = new RegExp(
      `^ERR_SIGKIT_OLD_LIBRARY: .*later.node needs glibc 9\\.99, and this is ${machine.glibc}: run \`npx sigkit build\``,
    );
    assert.match(told([attempt(file)]), found);
  });

  it('a libstdc++ that is too old', () => {
    const message = `/lib/libstdc++.so.6: version \`GLIBCXX_3.4.99' not found (required by ${addon})`;
    assert.match(
      told([{ file: addon, cause: new Error(message) }]),
      /^ERR_SIGKIT_OLD_LIBRARY: .* needs a libstdc\+\+ with GLIBCXX_3\.4\.99/,
    );
  });

  it('a file system mounted noexec', function () {
    const mounted = path.join(folder, 'mounted');
    mkdirSync(mounted);
    const mount = `mount -t tmpfs -o noexec tmpfs '${mounted}' && cp '${addon}' '${mounted}/a.node' && exec "$@"`;
    const isolated = ['unshare', '--mount', 'sh', '-c', mount, 'sh'];
    need(this, spawnSync(isolated[0] ?? '', [...isolated.slice(1), 'true']).status === 0, 'a mount namespace');
    const tried = attempt(path.join(mounted, 'a.node'), [], isolated);
    assert.match(
      told([tried], { exists: () => true }),
      /^ERR_SIGKIT_NOEXEC: .*mounted\/a\.node is on a file system .*noexec.*SIGKIT_ADDON/,
    );
  });

  it('no memory is not taken for that', () => {
    const message = `${addon}: failed to map segment from shared object: Cannot allocate memory`;
    assert.match(
      told([{ file: addon, cause: new Error(message) }]),
      /^ERR_SIGKIT_NOT_LOADED: .*Cannot allocate memory/,
    );
  });

  it('another processor, of the same class and of another', () => {
    const other = process.arch === 'arm64' ? { number: 62, name: 'x64' } : { number: 183, name: 'arm64' };
    const file = made('other.node', (bytes) => void bytes.writeUInt16LE(other.number, 18));
    const expected = new RegExp(
      `^ERR_SIGKIT_WRONG_ARCHITECTURE: .*other.node is for ${other.name}, and this Node is for ${process.arch}:`,
    );
    assert.match(told([attempt(file)]), expected);
    const small = made('small.node', (bytes) => {
      bytes[4] = 1;
      bytes.writeUInt16LE(3, 18);
    });
    assert.match(told([attempt(small)]), /^ERR_SIGKIT_WRONG_ARCHITECTURE: .* is for ia32,/);
  });

  it('what is no binary: a pointer of Git LFS', () => {
    const file = made('pointer.node', () => Buffer.from('version https://git-lfs.github.com/spec/v1\n'.padEnd(200)));
    assert.match(told([attempt(file)]), /^ERR_SIGKIT_WRONG_ARCHITECTURE: .*pointer.node is no binary of Linux,/);
  });

  it('glibc and musl mixed up, both ways', function () {
    need(this, machine.glibc !== undefined, 'glibc');
    const file = made('musl.node', (bytes) =>
      replaceAll(bytes, Buffer.from('libc.so.6\0'), Buffer.from('libc.musl\0')),
    );
    assert.match(told([attempt(file)]), /^ERR_SIGKIT_WRONG_LIBC: .*musl.node is for musl, and this Node is for glibc:/);
    for (const message of [
      'Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by a.node)',
      'Error relocating a.node: __register_atfork: symbol not found',
    ]) {
      const tried = { file: addon, cause: new Error(message) };
      assert.match(
        told([tried], { glibc: undefined }),
        /^ERR_SIGKIT_WRONG_LIBC: .* is for glibc, and this Node is for musl:/,
      );
    }
  });

  it('a damaged file: in the words of the loader, without the stack of who asked', () => {
    const file = made('short.node', (bytes) => bytes.subarray(0, 100));
    assert.match(
      told([attempt(file)]),
      /^ERR_SIGKIT_NOT_LOADED: .*short\.node cannot be loaded \(.+\): install sigkit again/,
    );
    const error = told([{ file: addon, cause: new Error('broken\nRequire stack:\n- /a.js') }]);
    assert.match(error, /cannot be loaded \(broken\): install/);
  });

  it('the first of several that is there tells', () => {
    const gone = { file: path.join(folder, 'gone.node'), cause: new Error('gone') };
    const short = attempt(made('short.node', (bytes) => bytes.subarray(0, 100)));
    assert.match(told([gone, short]), /^ERR_SIGKIT_NOT_LOADED: .*short\.node/);
  });
});

describe('the command that helps', () => {
  const place = (...parts: string[]): string => path.join(folder, ...parts);

  for (const [manager, mark, command] of [
    ['npm', 'node_modules/.package-lock.json', 'npx sigkit build'],
    ['pnpm', 'node_modules/.modules.yaml', 'pnpm exec sigkit build'],
    ['Yarn 1', 'node_modules/.yarn-integrity', 'yarn sigkit build'],
    ['Yarn 4', 'node_modules/.yarn-state.yml', 'yarn sigkit build'],
    ['Bun', 'bun.lock', 'bunx sigkit build'],
  ] as const) {
    it(`is that of ${manager} where it has installed sigkit, whoever has started this`, () => {
      const top = place(manager);
      mkdirSync(path.join(top, 'node_modules/sigkit'), { recursive: true });
      writeFileSync(path.join(top, mark), '');
      assert.equal(thisMachine(path.join(top, 'node_modules/sigkit')).command, command);
    });
  }

  it("is pnpm's in its virtual store", () => {
    const inStore = place('app/node_modules/.pnpm/sigkit@0.1.0/node_modules/sigkit');
    assert.equal(thisMachine(inStore).command, 'pnpm exec sigkit build');
  });

  it('is else that of who has started this', () => {
    const given = process.env['npm_config_user_agent'];
    try {
      process.env['npm_config_user_agent'] = 'bun/1.3.0 npm/? node/v24.0.0 linux x64';
      assert.equal(machine.command, 'bunx sigkit build');
      delete process.env['npm_config_user_agent'];
      assert.equal(machine.command, 'npx sigkit build');
    } finally {
      if (given !== undefined) process.env['npm_config_user_agent'] = given;
      else delete process.env['npm_config_user_agent'];
    }
  });
});

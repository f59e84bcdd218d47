// What must hold for each prebuilt binary, by what readelf(1) tells of it: `node .ci/prebuilt.mjs ROOT`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { names, platforms } from '../native/prebuilds.mjs';
import { flagsFor, installZig } from '../native/toolchain/zig.mjs';

const root = process.argv[2];
const machines = { 'linux-x64': 'Advanced Micro Devices X86-64', 'linux-arm64': 'AArch64' };
const shown = ['napi_register_module_v1', 'node_api_module_get_api_version_v1', 'sigkit_hub_abi'];
const packedLimit = 600_000;

const readelf = (file, ...options) => execFileSync('readelf', ['-W', ...options, file], { encoding: 'utf8' });
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

/** The symbols of an addon: those it shows, and those it wants from others, without their versions. */
function symbolsOf(file) {
  const rows = readelf(file, '--dyn-syms')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const named = rows.filter((row) => row.length >= 8 && row[4] !== 'LOCAL' && row[0] !== 'Num:');
  const having = (wanted) => named.filter((row) => (row[6] === 'UND') === wanted).map((row) => row[7].split('@')[0]);
  const weak = named.filter((row) => row[6] === 'UND' && row[4] === 'WEAK').map((row) => row[7].split('@')[0]);
  return { shown: having(false).sort(), wanted: having(true).filter((name) => !weak.includes(name)) };
}

/** Fails where musl lacks one of them. */
function linkWithMusl(platform, symbols) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-musl-'));
  const source = path.join(folder, 'wanted.cc');
  const declared = symbols.map((name, at) => `extern char s${at}[] __asm__("${name}");`);
  writeFileSync(
    source,
    `${declared.join('\n')}\nchar* all[] = {${symbols.map((_, at) => `s${at}`)}};\nint main() {}\n`,
  );
  try {
    installZig(root)([
      ...flagsFor(root, platform, 'musl'),
      '-Wl,--no-gc-sections',
      source,
      '-o',
      path.join(folder, 'out'),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkAny(file, platform) {
  assert.match(readelf(file, '-h'), new RegExp(`Machine: +${machines[platform]}`));
  for (const [, align] of readelf(file, '-l').matchAll(/^ +LOAD .* (0x[0-9a-f]+)$/gm))
    assert.equal(align, '0x10000', file);
  assert.doesNotMatch(readelf(file, '-S'), /\.symtab|\.debug/, `${file} is stripped`);
  assert.equal(readFileSync(file, 'latin1').includes(root), false, `${file} names a folder of this machine`);
}

function checkAddon(file, platform, libc) {
  const symbols = symbolsOf(file);
  assert.deepEqual(symbols.shown, shown, file);
  const libraries = all(readelf(file, '-d'), /\(NEEDED\).*\[(.*)\]/g);
  const allowed =
    libc === 'musl'
      ? /^libc\.so$/
      : /^(?:lib(?:c|m|dl|rt)\.so\.6|lib(?:pthread|dl|rt)\.so\.[0-9]+|ld-linux-[\w-]+\.so\.\d)$/;
  for (const library of libraries) assert.match(library, allowed, file);
  if (libc === 'musl')
    return linkWithMusl(
      platform,
      symbols.wanted.filter((name) => !/^(?:napi|node|uv)_/.test(name)),
    );
  const versions = all(readelf(file, '-V'), /Name: (\w+_[\d.]+)/g);
  assert.ok(versions.length > 0);
  for (const version of versions) {
    const [, minor] = /^GLIBC_2\.(\d+)(?:\.\d+)?$/.exec(version) ?? assert.fail(`${file} needs ${version}`);
    assert.ok(Number(minor) <= 28, `${file} needs ${version}`);
  }
}

let packed = 0;
for (const platform of platforms) {
  const place = (name) => path.join(root, 'prebuilds', platform, name);
  for (const name of names) {
    checkAny(place(name), platform);
    const size = gzipSync(readFileSync(place(name)), { level: 9 }).length;
    console.log(`${platform}/${name}: ${size} bytes packed`);
    packed += size;
  }
  for (const libc of ['glibc', 'musl']) checkAddon(place(`sigkit.${libc}.node`), platform, libc);
  assert.doesNotMatch(readelf(place('sigkit-init'), '-l'), /INTERP|DYNAMIC/);
}
assert.ok(packed <= packedLimit, `${packed} bytes packed, of ${packedLimit}`);
console.log(`${packed} bytes packed`);

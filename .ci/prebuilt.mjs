// What must hold for each prebuilt binary, by what readelf(1) tells of it: `node .ci/prebuilt.mjs ROOT`.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { names, platforms } from '../native/prebuilds.mjs';
import { installZig } from '../native/toolchain/zig.mjs';
import { ofNode, readelf, symbolsOf } from './symbols.mjs';

const root = process.argv[2];
const machines = { 'linux-x64': 'Advanced Micro Devices X86-64', 'linux-arm64': 'AArch64' };
const shown = ['napi_register_module_v1', 'node_api_module_get_api_version_v1', 'sigkit_hub_abi'];
// Both libcs have them, and they are not the same.
const unlike = [
  'strerror_r',
  'sigsetjmp',
  '__sigsetjmp',
  'setjmp',
  '_setjmp',
  'glob',
  'regcomp',
  'pthread_cancel',
  'sysconf',
];
const packedLimit = 334_000;

const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

/** Fails where musl lacks one of them. */
async function linkWithMusl(platform, symbols) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-musl-'));
  const source = path.join(folder, 'wanted.cc');
  const declared = symbols.map((name, at) => `extern char s${at}[] __asm__("${name}");`);
  writeFileSync(
    source,
    `${declared.join('\n')}\nchar* all[] = {${symbols.map((_, at) => `s${at}`)}};\nint main(int at, char**) { return *all[at]; }\n`,
  );
  try {
    const target = { sources: [source], compile: [], link: [] };
    await installZig(root)(platform, 'musl', target, path.join(folder, 'out'));
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

async function checkAddon(file, platform) {
  const symbols = symbolsOf(file);
  assert.deepEqual(symbols.shown, shown, file);
  // Those that musl's loader takes for itself.
  for (const library of all(readelf(file, '-d'), /\(NEEDED\).*\[(.*)\]/g))
    assert.match(library, /^lib(?:c|m|dl|rt|pthread)\.so\.\d$/, file);
  await linkWithMusl(
    platform,
    symbols.wanted.filter((name) => !ofNode.test(name)),
  );
  for (const name of unlike) assert.ok(!symbols.wanted.includes(name), `${file} needs ${name}`);
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
  await checkAddon(place('sigkit.node'), platform);
  assert.doesNotMatch(readelf(place('sigkit-init'), '-l'), /INTERP|DYNAMIC/);
}
assert.ok(packed <= packedLimit, `${packed} bytes packed, of ${packedLimit}`);
console.log(`${packed} bytes packed`);

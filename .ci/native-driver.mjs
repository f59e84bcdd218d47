// Builds test/native/driver.cc with what it runs, static, with musl: `node .ci/native-driver.mjs PLATFORM FILE`.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { readTarget } from '../native/toolchain/gyp.mjs';
import { flagsFor, installZig } from '../native/toolchain/zig.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [platform, file] = process.argv.slice(2);
const { sources, compile } = readTarget(root, 'sigkit', path.resolve(process.execPath, '../..'));
const used = sources.filter((source) => /native\/(?:posix\/|hub\/(?:spawner|waiter)\.cc)/.test(source));
const zig = installZig(root);
// The last -O counts.
zig([...flagsFor(root, platform, 'musl'), ...compile, '-O1', '-static', ...used, 'test/native/driver.cc', '-o', file]);

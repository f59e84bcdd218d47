// What a package carries and a clone does not have: `npm run prepare` runs it, and so does who depends on sigkit by git. The headers that
// `sigkit build` needs; and what was built here, where the binaries for all platforms have not been made (native/prebuild.mjs).
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

import { headerFiles, headers } from './headers.mjs';
import { missingPrebuilds } from './prebuilds.mjs';

process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..'));

function provideHeaders() {
  const packed = 'vendor/node-addon-api.json.br';
  if (!existsSync('node_modules/node-addon-api')) return;
  rmSync('vendor', { recursive: true, force: true });
  mkdirSync('vendor');
  const { name, version, license } = JSON.parse(readFileSync(path.join(headers, 'package.json'), 'utf8'));
  const described = { 'package.json': `${JSON.stringify({ name, version, license })}\n` };
  const files = headerFiles.map((file) => [file, described[file] ?? readFileSync(path.join(headers, file), 'utf8')]);
  writeFileSync(packed, brotliCompressSync(JSON.stringify(Object.fromEntries(files))));
  copyFileSync(path.join(headers, 'LICENSE.md'), 'vendor/LICENSE.node-addon-api');
}

function provideBinaries() {
  const folder = `prebuilds/linux-${process.arch}`;
  cpSync('build/Release/sigkit.node', `${folder}/sigkit.node`);
  cpSync('build/Release/sigkit-init', `${folder}/sigkit-init`);
}

// Yarn compiles whatever has it at its root: the package has it where native/build.mjs alone looks.
function provideDescription() {
  if (existsSync('binding.gyp')) cpSync('binding.gyp', 'vendor/binding.gyp', { preserveTimestamps: true });
}

provideHeaders();
provideDescription();
if (missingPrebuilds().length > 0 && existsSync('build/Release/sigkit.node')) provideBinaries();

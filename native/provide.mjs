// What a package carries and a clone does not have: `npm run prepare` runs it, and so does who depends on sigkit by git. The headers that
// `sigkit build` needs; and what was built here, where the binaries for all platforms have not been made (native/prebuild.mjs).
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { headers } from './headers.mjs';
import { missingPrebuilds } from './prebuilds.mjs';

process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..'));

function provideHeaders() {
  const folder = 'vendor/node-addon-api';
  if (path.resolve(folder) === headers) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['napi.h', 'napi-inl.h', 'napi-inl.deprecated.h', 'LICENSE.md']) {
    copyFileSync(path.join(headers, name), path.join(folder, name));
  }
  const { name, version, license } = JSON.parse(readFileSync(path.join(headers, 'package.json'), 'utf8'));
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ name, version, license })}\n`);
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

// What a package carries and a clone does not have: `npm run prepare` runs it, and so does who depends on sigkit by git. The sources that
// `sigkit build` needs, with the headers of node-addon-api; and what was built here, where the binaries for all platforms have not been
// made (native/prebuild.mjs).
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

import { archive, rooms, unpacked } from './archive.mjs';
import { findHeaders, headerFiles } from './headers.mjs';
import { missingPrebuilds } from './prebuilds.mjs';
import { withoutLeftOut } from './provide-headers.mjs';

process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..'));

const textOf = (file) => readFileSync(file, 'utf8');

// As it is compiled: the repository has the comments. Lines keep their number, for who reads a message of the compiler.
function bareSource(file) {
  const text = textOf(file);
  const isFixed = /R"\((?:(?!\)")[^])*\n/.test(text);
  if (isFixed || !/\.(?:h|cc)$/.test(file)) return text;
  return text
    .replace(/^[ \t]*\/\*(?:(?!\*\/)[^])*\*\/[ \t]*$/gm, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(?:^[ \t]*|[ \t])\/\/.*$/gm, '')
    .replace(/^[ \t]+/gm, '');
}

function ownSources() {
  const folders = rooms.map((room) => `native/${room}`);
  return folders.flatMap((folder) =>
    readdirSync(folder).map((name) => [`${folder}/${name}`, bareSource(`${folder}/${name}`)]),
  );
}

function headersIn(folder) {
  const { name, version, license } = JSON.parse(textOf(path.join(folder, 'package.json')));
  const described = { 'package.json': `${JSON.stringify({ name, version, license })}\n` };
  return headerFiles.map((file) => [
    `${unpacked}/node-addon-api/${file}`,
    described[file] ?? withoutLeftOut(bareSource(path.join(folder, file))),
  ]);
}

// Yarn compiles whatever has binding.gyp at its root: the package has it where native/build.mjs alone looks.
function provideSources(headers) {
  const files = [...ownSources(), ...headersIn(headers), [`${unpacked}/binding.gyp`, textOf('binding.gyp')]];
  const text = Buffer.from(files.map(([name, source]) => `${name}\0${source}\0`).join(''));
  const params = {
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  rmSync('vendor', { recursive: true, force: true });
  mkdirSync('vendor');
  writeFileSync(archive, brotliCompressSync(text, { params }));
  copyFileSync(path.join(headers, 'LICENSE.md'), 'vendor/LICENSE.node-addon-api');
}

function provideBinaries() {
  const folder = `prebuilds/linux-${process.arch}`;
  cpSync('build/Release/sigkit.node', `${folder}/sigkit.node`);
  cpSync('build/Release/sigkit-init', `${folder}/sigkit-init`);
}

const headers = findHeaders();
if (headers !== undefined && existsSync('binding.gyp')) provideSources(headers);
if (missingPrebuilds().length > 0 && existsSync('build/Release/sigkit.node')) provideBinaries();

// Prints where the headers of node-addon-api are: in a clone its own, in an installed package those that it carries, packed, as
// they are half a megabyte that few need (native/provide.mjs).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const packed = path.join(root, 'vendor/node-addon-api.json.br');

/** What a package carries of it. */
export const headerFiles = ['napi.h', 'napi-inl.h', 'napi-inl.deprecated.h', 'LICENSE.md', 'package.json'];

// The last one says that all are there.
function unpack() {
  const folder = path.join(root, 'build/node-addon-api');
  if (existsSync(path.join(folder, headerFiles.at(-1)))) return folder;
  const files = JSON.parse(brotliDecompressSync(readFileSync(packed)).toString());
  mkdirSync(folder, { recursive: true });
  for (const name of headerFiles) writeFileSync(path.join(folder, name), files[name]);
  return folder;
}

function find() {
  const own = path.join(root, 'node_modules/node-addon-api');
  if (existsSync(path.join(own, 'napi.h'))) return own;
  return existsSync(packed) ? unpack() : undefined;
}

export const headers = find();

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(headers);

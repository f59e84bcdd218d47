// What an installed package carries of the sources, in one file, as few need them: a megabyte less on the disk, and a quarter less to
// download (native/provide.mjs makes it). A clone has the folders themselves.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** From the root of the package: of each file its name and its text, each with a null character. */
export const archive = 'vendor/sources.br';
export const rooms = ['posix', 'hub', 'addon', 'init'];
/** Where the headers of node-addon-api and binding.gyp are put: a package must not have that at its root (native/provide.mjs). */
export const unpacked = 'build/vendor';

// The last of its files: who deletes build/ has this done again.
const last = `${unpacked}/binding.gyp`;

/** Puts the sources where a clone has them. */
export function unpackSources() {
  const isClone = existsSync(path.join(root, 'native/provide.mjs'));
  if (isClone || existsSync(path.join(root, last)) || !existsSync(path.join(root, archive))) return;
  const packed = brotliDecompressSync(readFileSync(path.join(root, archive))).toString();
  for (const [, name, text] of packed.matchAll(/([^\0]*)\0([^\0]*)\0/g)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

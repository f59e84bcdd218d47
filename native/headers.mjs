// Prints where the headers of node-addon-api are: in a clone its own, in an installed package those that it carries.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

export const headers = ['node_modules', 'vendor']
  .map((folder) => path.join(root, folder, 'node-addon-api'))
  .find((folder) => existsSync(path.join(folder, 'napi.h')));

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(headers);

// Prints where the headers of node-addon-api are: in a clone its own, in an installed package those that it carries.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { unpacked } from './archive.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folders = ['node_modules', unpacked].map((folder) => path.join(root, folder, 'node-addon-api'));

/** What a package carries of it. */
export const headerFiles = ['napi.h', 'napi-inl.h', 'LICENSE.md', 'package.json'];

/** After unpackSources(). Undefined if there are none. */
export const findHeaders = () => folders.find((folder) => existsSync(path.join(folder, 'napi.h')));

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(findHeaders());

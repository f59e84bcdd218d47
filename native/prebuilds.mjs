// The binaries that a published package has.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Paths in the package. */
export const prebuilds = ['x64', 'arm64'].flatMap((processor) =>
  ['sigkit.glibc.node', 'sigkit.musl.node', 'sigkit-init'].map((name) => `prebuilds/linux-${processor}/${name}`),
);

export const missingPrebuilds = () => prebuilds.filter((file) => !existsSync(path.join(root, file)));

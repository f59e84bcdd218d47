// The binaries that a published package has.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

export const platforms = ['linux-x64', 'linux-arm64'];
/** Of each platform. */
export const names = ['sigkit.node', 'sigkit-init'];

/** Paths in the package. */
export const prebuilds = platforms.flatMap((platform) => names.map((name) => `prebuilds/${platform}/${name}`));

export const missingPrebuilds = () => prebuilds.filter((file) => !existsSync(path.join(root, file)));

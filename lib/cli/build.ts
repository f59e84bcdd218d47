import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';

import { packageRoot } from '../base/package-root.js';

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

// A sentence that helps, or nothing if it can be tried.
function obstacle(script: string): string | undefined {
  if (packageRoot.includes('.zip/')) {
    return `${packageRoot} is in an archive: run \`yarn unplug sigkit\`, and this again`;
  }
  if (!existsSync(script))
    return `${script} is not there: the sources were left out. Install sigkit again, and build it there`;
  if (!isWritable(packageRoot)) {
    return `${packageRoot} cannot be written to: build as its owner, or where it is installed, as in the image that has the compiler`;
  }
  return undefined;
}

/** Compiles the addon and sigkit-init from source, in the folder of the package, and tries what came of it. Returns an exit code. */
export function build(): number {
  const script = `${packageRoot}/native/build.mjs`;
  const problem = obstacle(script);
  if (problem !== undefined) {
    process.stderr.write(`sigkit: cannot build: ${problem}\n`);
    return 1;
  }
  return spawnSync(process.execPath, [script, '--prove'], { stdio: 'inherit' }).status ?? 1;
}

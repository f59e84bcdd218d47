// Before a package is made: the binaries for all platforms. With SIGKIT_PREBUILT set they have been put there. Managers run this for a
// dependency on git, too, on machines that cannot cross-compile: there the package has what native/provide.mjs has put into it.
import { spawnSync } from 'node:child_process';

import { missingPrebuilds } from './prebuilds.mjs';

if (!process.env.SIGKIT_PREBUILT) {
  // stdout belongs to who packs, and may be read.
  spawnSync('npm', ['run', '--silent', '--if-present', 'prebuild'], { stdio: ['ignore', 2, 2] });
}
const missing = missingPrebuilds();
if (missing.length > 0) {
  console.error(`sigkit: the package is for some platforms only, without ${missing.join(', ')}`);
  // What is published is for everybody.
  if (process.env.npm_command === 'publish') process.exit(1);
}

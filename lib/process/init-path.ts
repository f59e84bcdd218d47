import path from 'node:path';

import { packageFolder } from '../base/package-folder.js';

/**
 * Where the executable `sigkit-init` is, an absolute path: to start a command under it, as docs/init.md says. It is there once
 * sigkit has been built.
 */
export const initPath: string = path.resolve(packageFolder() ?? '', 'build/Release/sigkit-init');

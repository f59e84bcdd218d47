import { fs } from '../base/builtins.js';
import { packageRoot } from '../base/package-root.js';

// In the order of bin/sigkit-init.bin: what is named, what was built here, what is prebuilt.
function findInit(): string {
  const named = process.env['SIGKIT_INIT'];
  if (named !== undefined && named !== '') return process.getBuiltinModule('node:path').resolve(named);
  const built = `${packageRoot}/build/Release/sigkit-init`;
  return fs.existsSync(built) ? built : `${packageRoot}/prebuilds/linux-${process.arch}/sigkit-init`;
}

/**
 * Where the executable `sigkit-init` is, an absolute path: to start a command under it, as docs/init.md says. `SIGKIT_INIT` in the
 * environment names another one.
 */
export const initPath: string = findInit();

import { fileURLToPath } from 'node:url';

/**
 * Where the executable `sigkit-init` is, an absolute path: to start a command under it, as docs/init.md says. It is there once
 * sigkit has been built.
 */
export const initPath: string = fileURLToPath(new URL('../../../build/Release/sigkit-init', import.meta.url));

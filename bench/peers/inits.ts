import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { versionOf } from './build.js';

/** A program that is made to be PID 1, and its arguments before the command. */
export interface Init {
  readonly name: string;
  readonly command: readonly string[];
  readonly file: string;
  readonly missing: string | undefined;
}

const own = fileURLToPath(new URL('../../../build/Release/sigkit-init', import.meta.url));

function installed(name: string, args: readonly string[], debian: string = name): Init {
  const missing = versionOf(name) === undefined ? `not installed: ${name} (${debian})` : undefined;
  return { name, command: [name, ...args], file: name, missing };
}

/** Each adopts orphans, as PID 1 and where it can elsewhere. */
export function inits(): readonly Init[] {
  const missing = existsSync(own) ? undefined : 'not built: native/build.mjs';
  return [
    { name: 'sigkit-init', command: [own, '-s', '--'], file: own, missing },
    installed('tini', ['-s', '--']),
    installed('tini-static', ['-s', '--'], 'tini'),
    installed('dumb-init', ['--']),
    installed('catatonit', ['--']),
  ];
}

// Modules that most programs never need: they are files of their own in what is installed, as each kilobyte of an import costs
// some 30 microseconds.
import type * as failure from './failure.js';
import type * as portable from './portable/index.js';

// The `require` of what is installed: lib/bundle.mjs. Bundlers find one of a literal path.
declare const commonJsRequire: NodeJS.Require | undefined;

function requireBeside(file: string): unknown {
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(file);
}

/** Where the addon cannot work. */
export function loadPortable(): typeof portable {
  const loaded: unknown =
    typeof commonJsRequire === 'undefined'
      ? requireBeside('./portable/index.js')
      : commonJsRequire('./portable/index.js');
  return loaded as typeof portable;
}

/** Where it cannot be loaded. */
export function loadFailure(): typeof failure {
  const loaded: unknown =
    typeof commonJsRequire === 'undefined' ? requireBeside('./failure.js') : commonJsRequire('./failure.js');
  return loaded as typeof failure;
}

import { fs } from './builtins.js';
import { packageRoot } from './package-root.js';

// The `require` of what is installed: lib/bundle.mjs. Bundlers look for it where a literal path follows.
declare const commonJsRequire: NodeJS.Require | undefined;

/** Loads a file as Node itself does, not as a bundler or a test runner: once in a process. */
export function requireFile(file: string): unknown {
  return process.getBuiltinModule('node:module').createRequire(file)(file);
}

// Of a file that is loaded by a path, not by a name, that is all one needs to know.
function isMusl(): boolean {
  const head = Buffer.alloc(4096);
  try {
    const fd = fs.openSync(process.execPath, 'r');
    try {
      fs.readSync(fd, head);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return false;
  }
  return head.includes('/ld-musl-');
}

function requirePrebuilt(): unknown {
  if (typeof commonJsRequire === 'undefined') return undefined;
  if (process.arch === 'x64') {
    return isMusl()
      ? commonJsRequire('../../../prebuilds/linux-x64/sigkit.musl.node')
      : commonJsRequire('../../../prebuilds/linux-x64/sigkit.glibc.node');
  }
  if (process.arch === 'arm64') {
    return isMusl()
      ? commonJsRequire('../../../prebuilds/linux-arm64/sigkit.musl.node')
      : commonJsRequire('../../../prebuilds/linux-arm64/sigkit.glibc.node');
  }
  return undefined;
}

// Who has built it has a reason to.
function requireBuilt(): unknown {
  if (!fs.existsSync(`${packageRoot}/build/Release/sigkit.node`)) return undefined;
  const bindings = requireFile(`${packageRoot}/dist/package/base/bindings.js`) as (options: object) => unknown;
  return bindings({ bindings: 'sigkit.node', module_root: packageRoot });
}

/** The addon: the one that SIGKIT_ADDON names, else the one built from source, else the one that came with the package. */
export function requireAddonFile(): unknown {
  const named = process.env['SIGKIT_ADDON'];
  if (named !== undefined && named !== '') return requireFile(process.getBuiltinModule('node:path').resolve(named));
  return requireBuilt() ?? requirePrebuilt();
}

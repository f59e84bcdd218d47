import { fs } from './builtins.js';
import { type Attempt, loadErrorOf } from './load-error.js';
import { thisMachine } from './machine.js';
import { packageRoot } from './package-root.js';

// The `require` of what is installed: lib/bundle.mjs. Bundlers look for it where a literal path follows.
declare const commonJsRequire: NodeJS.Require | undefined;

/** Loads a file as Node itself does, not as a bundler or a test runner: once in a process. */
export function requireFile(file: string): unknown {
  return process.getBuiltinModule('node:module').createRequire(file)(file);
}

// Its loader is named in its first page.
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

const prebuilt: Readonly<Record<string, () => unknown>> =
  typeof commonJsRequire === 'undefined'
    ? {}
    : {
        'linux-x64/sigkit.glibc.node': () => commonJsRequire('../../../prebuilds/linux-x64/sigkit.glibc.node'),
        'linux-x64/sigkit.musl.node': () => commonJsRequire('../../../prebuilds/linux-x64/sigkit.musl.node'),
        'linux-arm64/sigkit.glibc.node': () => commonJsRequire('../../../prebuilds/linux-arm64/sigkit.glibc.node'),
        'linux-arm64/sigkit.musl.node': () => commonJsRequire('../../../prebuilds/linux-arm64/sigkit.musl.node'),
      };

// Who has built it has a reason to.
function requireBuilt(): unknown {
  const bindings = requireFile(`${packageRoot}/dist/package/base/bindings.js`) as (options: object) => unknown;
  return bindings({ bindings: 'sigkit.node', module_root: packageRoot });
}

interface Candidate extends Pick<Attempt, 'file' | 'named'> {
  readonly load: () => unknown;
}

function candidate(): Candidate | undefined {
  const named = process.env['SIGKIT_ADDON'];
  if (named !== undefined && named !== '') {
    const file = process.getBuiltinModule('node:path').resolve(named);
    return { file, named: true, load: () => requireFile(file) };
  }
  const built = `${packageRoot}/build/Release/sigkit.node`;
  if (fs.existsSync(built)) return { file: built, load: requireBuilt };
  const name = `linux-${process.arch}/sigkit.${isMusl() ? 'musl' : 'glibc'}.node`;
  const load = prebuilt[name];
  return load && { file: `${packageRoot}/prebuilds/${name}`, load };
}

/**
 * The addon: the one that SIGKIT_ADDON names, else the one built from source, else the one that came with the package.
 * @throws ERR_SIGKIT_NOT_BUILT and its like, by what is in the way
 */
export function requireAddonFile(): unknown {
  const chosen = candidate();
  if (chosen === undefined) throw loadErrorOf([], thisMachine(packageRoot));
  try {
    return chosen.load();
  } catch (cause) {
    throw loadErrorOf([{ ...chosen, cause }], thisMachine(packageRoot));
  }
}

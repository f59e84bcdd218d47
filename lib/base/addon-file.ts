import { fs } from './builtins.js';
import { SigkitError } from './errors.js';
import type { Attempt } from './load-error.js';
import { loadFailure } from './on-demand.js';
import { packageRoot } from './package-root.js';
import { requirePrebuilt } from './prebuilt.js';

/** Loads a file as Node itself does, not as a bundler or a test runner: once in a process. */
export function requireFile(file: string): unknown {
  return process.getBuiltinModule('node:module').createRequire(file)(file);
}

// Who has built it has a reason to.
function requireBuilt(): unknown {
  const bindings = requireFile(`${packageRoot}/dist/package/base/bindings.js`) as (options: object) => unknown;
  return bindings({ bindings: 'sigkit.node', module_root: packageRoot });
}

interface Candidate extends Pick<Attempt, 'file' | 'named'> {
  readonly load: () => unknown;
}

function candidate(): Candidate {
  const named = process.env['SIGKIT_ADDON'];
  if (named !== undefined && named !== '') {
    const file = process.getBuiltinModule('node:path').resolve(named);
    return { file, named: true, load: () => requireFile(file) };
  }
  const built = `${packageRoot}/build/Release/sigkit.node`;
  if (fs.existsSync(built)) return { file: built, load: requireBuilt };
  const name = `linux-${process.arch}/sigkit.node`;
  return { file: `${packageRoot}/prebuilds/${name}`, load: () => requirePrebuilt(name) };
}

// V8 ends the process where what it is to write down holds an addon.
function refuseInSnapshot(): void {
  if (!process.execArgv.some((argument) => argument.startsWith('--build-snapshot'))) return;
  throw new SigkitError(
    'ERR_SIGKIT_SNAPSHOT',
    'a start-up snapshot (--build-snapshot) cannot hold sigkit: let the main function of the snapshot load it',
  );
}

function explain(attempts: readonly Attempt[]): SigkitError {
  const { loadErrorOf, thisMachine } = loadFailure();
  return loadErrorOf(attempts, thisMachine(packageRoot));
}

// A copy with another owner says which version that is of.
function isOfAbi(addon: unknown, abi: number): boolean {
  const made = addon as { readonly owner?: unknown; readonly abi?: unknown };
  return made.abi === abi || (typeof made.owner === 'string' && made.owner !== '');
}

/**
 * The addon: the one that SIGKIT_ADDON names, else the one built from source, else the one that came with the package.
 * @param abi what the addon has to be of, unless it has found another owner
 * @throws ERR_SIGKIT_NOT_BUILT and its like, by what is in the way; ERR_SIGKIT_SNAPSHOT
 */
export function requireAddonFile(abi: number): unknown {
  refuseInSnapshot();
  const chosen = candidate();
  let addon: unknown;
  try {
    addon = chosen.load();
    if (addon !== undefined && !isOfAbi(addon, abi)) throw new Error('it is no addon of this version of sigkit');
  } catch (cause) {
    throw explain([{ ...chosen, cause }]);
  }
  if (addon === undefined) throw explain([]);
  return addon;
}

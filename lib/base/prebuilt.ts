// The `require` of what is installed: lib/bundle.mjs.
declare const commonJsRequire: NodeJS.Require | undefined;

/**
 * Loads the addon that came with the package, 'linux-x64/sigkit.node' and its like; undefined if there is none of that name.
 * Bundlers find a `require` of a literal path, and let one that is not there pass only within `try`.
 * @throws what is in its way
 */
export function requirePrebuilt(name: string): unknown {
  if (typeof commonJsRequire === 'undefined') return undefined;
  let failure: { readonly cause: unknown };
  try {
    switch (name) {
      case 'linux-x64/sigkit.node':
        return commonJsRequire('../../../prebuilds/linux-x64/sigkit.node');
      case 'linux-arm64/sigkit.node':
        return commonJsRequire('../../../prebuilds/linux-arm64/sigkit.node');
      default:
        return undefined;
    }
  } catch (cause) {
    failure = { cause };
  }
  throw failure.cause;
}

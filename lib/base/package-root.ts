// In what is installed this is `__dirname` (lib/bundle.mjs), which is missing where a bundler makes an ES module of it.
function ownFolder(): string | undefined {
  try {
    return import.meta.dirname;
  } catch {
    return undefined;
  }
}

function findRoot(): string {
  const folder = ownFolder();
  return folder === undefined ? '' : process.getBuiltinModule('node:path').resolve(folder, '../../..');
}

/**
 * The folder of this package, without a slash at its end; empty where that is not known. What is bundled stays as deep below it as
 * this file. In a bundle of somebody else it is any folder.
 */
export const packageRoot: string = findRoot();

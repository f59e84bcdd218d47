// The packages of bench/peers/packages/package.json, which are installed there alone.

interface Loader {
  resolve(name: string): string;
  load(name: string): Promise<unknown>;
}

const folder = 'bench/peers/packages';
const loader = (await import(new URL(`../../../${folder}/load.mjs`, import.meta.url).href)) as Loader;

/** What a package exports. It brings no types with it here. */
export async function load<Exports>(name: string): Promise<Exports> {
  return (await loader.load(name)) as Exports;
}

/** Why a package cannot be loaded here, or undefined. */
export function missingPackage(name: string): string | undefined {
  try {
    loader.resolve(name);
    return undefined;
  } catch {
    return `not installed: ${name} (npm ci --prefix ${folder})`;
  }
}

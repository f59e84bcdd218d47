// Loads what is installed beside it: a package is looked for from the file that imports it.

/** @throws where it is not installed */
export const resolve = (name) => import.meta.resolve(name);

/** What it exports, or what a CommonJS one has in the place of that. */
export const load = async (name) => {
  const exports = await import(name);
  return exports.default ?? exports;
};

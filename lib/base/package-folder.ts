/** Where sigkit is installed; undefined where a bundler has put its code into a file of another program. */
export function packageFolder(): string | undefined {
  // In what is installed this is `__dirname`, which may not exist: lib/bundle.mjs.
  try {
    return `${import.meta.dirname}/../../..`;
  } catch {
    return undefined;
  }
}

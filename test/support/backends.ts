const wrapper = ['env', 'SIGKIT_BACKEND=portable'] as const;

interface Backend {
  readonly name: string;
  readonly wrapper: readonly string[];
  readonly runtime?: readonly string[];
}

// .ci/run installs them, and says so where it cannot.
const { SIGKIT_BUN: bun, SIGKIT_DENO: deno } = process.env;

/** Bun and Deno, where they are. */
export const otherRuntimes: readonly Backend[] = [
  ...(bun === undefined ? [] : [{ name: 'in Bun', wrapper, runtime: [bun] }]),
  ...(deno === undefined ? [] : [{ name: 'in Deno', wrapper, runtime: [deno, 'run', '--allow-all'] }]),
];

/** The backends of this Node that must answer alike, as options of a scenario. */
export const backends: readonly Backend[] = [
  { name: 'native', wrapper: ['env', 'SIGKIT_BACKEND=native'] },
  { name: 'portable', wrapper },
];

/** All that must do so. */
export const everywhere: readonly Backend[] = [...backends, ...otherRuntimes];

/** Those without the addon. */
export const portables: readonly Backend[] = everywhere.filter(({ name }) => name !== 'native');

export const portable: Pick<Backend, 'wrapper'> = { wrapper };

/** Node on a platform where sigkit falls back by itself, or so it believes. */
export const fallenBack = {
  nodeOptions: ['--import', 'data:text/javascript,Object.defineProperty(process,"platform",{value:"darwin"})'],
} as const;

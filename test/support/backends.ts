/** The backends that must answer alike, with the wrapper of a scenario that runs under each. */
export const backends = [
  { name: 'native', wrapper: ['env', 'SIGKIT_BACKEND=native'] },
  { name: 'portable', wrapper: ['env', 'SIGKIT_BACKEND=portable'] },
] as const;

export const portable = { wrapper: ['env', 'SIGKIT_BACKEND=portable'] } as const;
/** Node on a platform where sigkit falls back by itself, or so it believes. */
export const fallenBack = {
  nodeOptions: ['--import', 'data:text/javascript,Object.defineProperty(process,"platform",{value:"darwin"})'],
} as const;

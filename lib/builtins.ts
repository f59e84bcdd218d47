// Modules of Node that are there from its start. An `import` of them costs more than the rest of sigkit: to bind its names it
// reads every export, and those of node:fs load all of Node's streams.

export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');
export const util: typeof import('node:util') = process.getBuiltinModule('node:util');

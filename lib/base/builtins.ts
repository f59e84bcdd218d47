// Modules of Node that are there from its start. To bind its names, an `import` reads every export of them, and so loads what
// they would load later: with node:fs all of Node's streams, with node:util, from 22 on, process.stderr.

export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');
export const util: typeof import('node:util') = process.getBuiltinModule('node:util');

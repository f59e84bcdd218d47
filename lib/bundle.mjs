// Joins what tsc has made: `node lib/bundle.mjs`. Of the time that an import takes, most went into finding
// and linking some twenty modules.
// The files stay where tsc put them, and all works without this as well.
import { copyFile } from 'node:fs/promises';

import { build } from 'esbuild';

await build({
  entryPoints: ['', 'early/', 'process/', 'systemd/', 'shutdown/'].map((room) => `dist/lib/${room}index.js`),
  outdir: 'dist/lib',
  outbase: 'dist/lib',
  allowOverwrite: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  // What both need stands in one file of its own, so there is one state.
  splitting: true,
  // All of 'sigkit' into that file: else what it has in common with each of the others would be one more for it to load.
  inject: ['dist/lib/index.js'],
  // As deep as base/native.js, which knows by its folder where the addon is.
  chunkNames: 'base/core-[hash]',
  sourcemap: true,
  sourcesContent: false,
  // For bindings, which is CommonJS. Made when it is called, as this stands in each file.
  banner: {
    js: "let made; const require = (id) => (made ??= process.getBuiltinModule('node:module').createRequire(import.meta.url))(id);",
  },
  logLevel: 'warning',
});

// Their code is inside now, and their terms go with it.
await copyFile('node_modules/bindings/LICENSE.md', 'dist/lib/LICENSE.bindings');
await copyFile('node_modules/file-uri-to-path/LICENSE', 'dist/lib/LICENSE.file-uri-to-path');

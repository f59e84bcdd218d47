// Makes of what tsc has made what is installed, dist/package: `node lib/bundle.mjs`. One implementation in CommonJS, which all
// loaders and bundlers know, in a few files, as most of the time of an import went into finding and linking some twenty; and
// for `import` and its types files that hand on the names.
// All works without this as well: tests of single files take dist/lib.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build, transform } from 'esbuild';
import { minify } from 'terser';

const from = 'dist/lib';
const into = 'dist/package';
const rooms = [
  'index',
  'early/index',
  'process/index',
  'systemd/index',
  'shutdown/index',
  'diagnostics/index',
  'diagnostics/register/index',
];
const commands = ['cli/main'];
// lib/base/on-demand.ts.
const onDemand = ['base/portable/index', 'base/failure'];

async function write(file, text) {
  const target = path.join(into, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

// esbuild defines each export by a call, and then each once more: half a millisecond of an import. They stay accessors, as what
// is loaded on demand while a file is evaluated takes from it what is there by then.
function exportByAccessors(code) {
  const exports = /^var stdin_exports = \{\};\n__export\(stdin_exports, \{\n(.*?)\n\}\);\nmodule\.exports = .*?;\n/ms;
  const accessors = (_, pairs) =>
    `module.exports = {\n${pairs.replaceAll(/^ {2}([\w$]+): \(\) => ([\w$.]+)(,?)$/gm, '  get $1() {\n    return $2;\n  }$3')}\n};\n`;
  const made = code.replace(exports, accessors);
  return made.includes('__toESM(') ? made : made.replace(/^var __defProp = .*?^var __toCommonJS = .*?;\n/ms, '');
}

const joined = await build({
  entryPoints: [...rooms, ...commands, ...onDemand].map((file) => `${from}/${file}.js`),
  outdir: from,
  outbase: from,
  write: false,
  metafile: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  // What several need stands in one file of its own, so there is one state. Only ES modules can be split.
  splitting: true,
  // All of 'sigkit' into that file: else what it has in common with each of the others would be one more for it to load.
  inject: [`${from}/index.js`],
  // As deep as base/native.js, which knows by its folder where the addon is.
  chunkNames: 'base/core-[hash]',
  logLevel: 'warning',
});

// Without comments, which the types have, white space, and the names of what is local: a sixth of what is downloaded. Functions and classes
// keep theirs, and lines stay short, for who reads a stack.
async function small(text) {
  const { code } = await transform(text, { minifySyntax: true, target: 'node20', platform: 'node' });
  const mangle = { keep_fnames: true, keep_classnames: true, toplevel: false };
  const bare = await minify(code, { compress: false, mangle, format: { max_line_len: 100 } });
  // Dead code, by which Node knows the names when it imports CommonJS.
  const [names = ''] = /^0 && \(module\.exports = \{[^}]*\}\);$/m.exec(text) ?? [];
  return `${bare.code}\n${names.replaceAll(/\s/g, '')}\n`;
}

await rm(into, { recursive: true, force: true });
for (const { path: file, text } of joined.outputFiles) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    define: { commonJsRequire: 'require', 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    logLevel: 'warning',
  });
  await write(path.relative(path.resolve(from), file), await small(exportByAccessors(code)));
}
// Only for an addon that has been built from source.
const bindings = await build({
  entryPoints: ['node_modules/bindings/bindings.js'],
  write: false,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  logLevel: 'warning',
});
await write('base/bindings.js', await small(bindings.outputFiles[0].text));
// Their code is inside, and their terms go with it.
await cp('node_modules/bindings/LICENSE.md', `${into}/LICENSE.bindings`);
await cp('node_modules/file-uri-to-path/LICENSE', `${into}/LICENSE.file-uri-to-path`);
await write('package.json', '{ "type": "commonjs" }\n');

// Node imports CommonJS at the price of a second look at its text, for names; not so by `require`, which no bundler would follow.
const loads = {
  mjs: "const sigkit = process.getBuiltinModule('node:module').createRequire(import.meta.url)('./index.js');",
  'module.mjs': "import sigkit from './index.js';",
};
for (const room of rooms) {
  const names = joined.metafile.outputs[`${from}/${room}.js`].exports;
  const handOn = names.length === 0 ? 'export {};' : `export const { ${names.join(', ')} } = sigkit;`;
  for (const [kind, load] of Object.entries(loads)) await write(`${room}.${kind}`, `${load}\n${handOn}\n`);
  await write(`${room}.d.mts`, "export * from './index.js';\n");
}

// The types of what is exported, and what they are made of.
const declared = new Set(rooms.map((room) => path.join(from, `${room}.d.ts`)));
for (const file of declared) {
  const text = await readFile(file, 'utf8');
  await write(path.relative(from, file), text);
  for (const [, name] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)\.js['"]/g))
    declared.add(path.join(path.dirname(file), `${name}.d.ts`));
}

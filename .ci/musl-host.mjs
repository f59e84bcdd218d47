// Has musl load an addon and call its initialisation, in a program that has a stub for each function of Node: `node .ci/musl-host.mjs
// ADDON`. No Node with musl can be had.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ofNode, symbolsOf } from './symbols.mjs';

const compiler = 'musl-gcc';
const addon = path.resolve(process.argv[2]);
const set = 'napi_set_named_property';
const stubs = symbolsOf(addon).wanted.filter((name) => ofNode.test(name) && name !== set);

const program = `
#include <dlfcn.h>
#include <stdio.h>
${stubs.map((name) => `int ${name}(void) { return 0; }`).join('\n')}
int ${set}(void* env, void* object, const char* name, void* value) { return puts(name) < 0; }
int main(int count, char** arguments) {
  void* addon = dlopen(arguments[1], RTLD_NOW);
  void (*init)(int*, int*) = addon == NULL ? NULL : dlsym(addon, "napi_register_module_v1");
  int any;
  if (init == NULL) return fprintf(stderr, "%s\\n", dlerror());
  init(&any, &any);
  return 0;
}`;

try {
  execFileSync(compiler, ['--version'], { stdio: 'ignore' });
} catch {
  console.log(`${compiler} cannot be installed here`);
  process.exit(77);
}
const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-musl-'));
try {
  const host = path.join(folder, 'host');
  execFileSync(compiler, ['-w', '-rdynamic', '-x', 'c', '-', '-o', host], { input: program });
  const exported = execFileSync(host, [addon], { encoding: 'utf8' });
  assert.match(exported, /^abi\nowner\n.*\nattach\n$/s);
} finally {
  rmSync(folder, { recursive: true });
}

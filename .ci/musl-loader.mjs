// Has musl's own loader open the addon for musl, as no Node with musl can be had: `node .ci/musl-loader.mjs ROOT FOLDER`. What Node
// gives it is there by name alone, so nothing of that is called.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { flagsFor, installZig } from '../native/toolchain/zig.mjs';

const [root, folder] = process.argv.slice(2);
const loader = '/lib/ld-musl-x86_64.so.1';
if (!existsSync(loader)) {
  console.error(`${loader} is not here: Debian's package musl`);
  process.exit(77);
}

const addon = path.join(root, 'prebuilds/linux-x64/sigkit.musl.node');
const told = execFileSync('readelf', ['-W', '--dyn-syms', addon], { encoding: 'utf8' });
const given = [...told.matchAll(/ UND ((?:napi|node|uv)_\w+)/g)].map(([, name]) => name);
const program = `#include <dlfcn.h>
#include <stdio.h>
extern "C" {
${given.map((name) => `__attribute__((visibility("default"))) void ${name}() {}`).join('\n')}
}
int main(int, char** argv) {
  void* addon = dlopen(argv[1], RTLD_NOW);
  if (addon == nullptr) return puts(dlerror()), 1;
  auto* version = reinterpret_cast<int (*)()>(dlsym(addon, "node_api_module_get_api_version_v1"));
  return version == nullptr || version() < 8 || dlsym(addon, "napi_register_module_v1") == nullptr;
}
`;
mkdirSync(folder, { recursive: true });
const file = path.join(folder, 'open');
writeFileSync(`${file}.cc`, program);
installZig(root)([...flagsFor(root, 'linux-x64', 'musl'), '-dynamic', '-rdynamic', `${file}.cc`, '-o', file]);
execFileSync(file, [addon], { stdio: 'inherit' });

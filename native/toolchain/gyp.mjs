// What binding.gyp says of a target, for a compiler that is called without gyp: the list of sources and flags is there only.
import { execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

// As JSON, it has nothing but comments beside.
function readGyp(root) {
  return JSON.parse(readFileSync(path.join(root, 'binding.gyp'), 'utf8').replace(/^\s*#.*$/gm, ''));
}

/** `nodePrefix`: where include/node is. */
export function readTarget(root, name, nodePrefix) {
  const run = (command) => execSync(command, { cwd: root, encoding: 'utf8' }).trim();
  const expand = (text) => {
    const list = /^<!@\((.*)\)$/.exec(text);
    if (list) return run(list[1]).split('\n');
    return [text.replace(/<!\((.*)\)/, (_, command) => run(command)).replace('<(node_root_dir)', nodePrefix)];
  };
  const { target_defaults: common, conditions } = readGyp(root);
  const target = conditions[0][2].targets.find((one) => one.target_name === name);
  const all = (key) => [...(common[key] ?? []), ...(target[key] ?? [])].flatMap(expand);
  return {
    sources: all('sources'),
    compile: [
      ...all('include_dirs').map((folder) => `-I${folder}`),
      ...all('defines').map((definition) => `-D${definition}`),
      // How much is optimised, the other compiler is told elsewhere.
      ...all('cflags').filter((flag) => !flag.startsWith('-O')),
      // Their names differ from compiler to compiler; g++ makes errors of its own in CI.
      ...all('cflags_cc').filter((flag) => !flag.startsWith('-W')),
    ],
    link: all('ldflags'),
  };
}

// Builds the addon and sigkit-init: `node native/build.mjs [--sanitize=address|thread] [--werror] [--coverage] [--compile-commands]`.
// It is what `npm ci` runs, so it is silent when all is well and says in one sentence what is missing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const options = process.argv.slice(2);
const require = createRequire(import.meta.url);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

function isOnPath(command) {
  const folders = path.isAbsolute(command) ? [''] : (process.env.PATH ?? '').split(path.delimiter);
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingTools() {
  const compiler = (process.env.CXX ?? 'g++').split(' ')[0];
  const python = process.env.npm_config_python ?? process.env.PYTHON ?? 'python3';
  return [compiler, 'make', python].filter((tool) => !isOnPath(tool));
}

// node-gyp downloads headers unless it is told where they are; most installations have them beside the executable. Those
// of another version do as well, if they are not too old: the addon needs Node-API 9 and uv.h.
function headersOf(prefix) {
  const file = path.join(prefix, 'include/node/node_version.h');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const number = (name) => Number(new RegExp(`define ${name} +(\\d+)`).exec(text)?.[1]);
  const version = ['MAJOR', 'MINOR', 'PATCH'].map((part) => number(`NODE_${part}_VERSION`)).join('.');
  const nodeApi = number('NODE_API_SUPPORTED_VERSION_MAX') || number('NAPI_VERSION');
  return nodeApi >= 9 ? { prefix, isOfThisNode: version === process.versions.node } : undefined;
}

function headerOptions() {
  const prefixes = [path.resolve(process.execPath, '../..'), process.env.npm_config_nodedir, '/usr', '/usr/local'];
  const found = prefixes.filter(Boolean).map(headersOf).filter(Boolean);
  const best = found.find((headers) => headers.isOfThisNode) ?? found[0];
  return best === undefined ? [] : [`--nodedir=${best.prefix}`];
}

// Ours while developing, npm's own when sigkit is somebody's dependency.
function findNodeGyp() {
  try {
    return require.resolve('node-gyp/bin/node-gyp.js');
  } catch {
    return process.env.npm_config_node_gyp;
  }
}

// A static sigkit-init starts in images that have no libc, and faster. Not everybody who has a compiler has a static libc.
function linksStatically() {
  const compiler = process.env.CXX ?? 'g++';
  const linked = spawnSync(`${compiler} -static -x c++ -o /dev/null -`, { shell: true, input: 'int main() {}' });
  return linked.status === 0;
}

function gypVariables() {
  const sanitize = options.find((option) => option.startsWith('--sanitize='))?.slice('--sanitize='.length) ?? '';
  return [
    // A sanitizer cannot be linked so.
    `-Dstatic_init=${sanitize === '' && linksStatically()}`,
    `-Dsanitize=${sanitize}`,
    `-Dwerror=${options.includes('--werror')}`,
    `-Dcoverage=${options.includes('--coverage')}`,
  ];
}

function fail(sentence) {
  console.error(`sigkit: ${sentence}`);
  process.exit(1);
}

if (process.platform !== 'linux') {
  console.log('sigkit: Linux only; nothing is built here, and each call will say so.');
  process.exit(0);
}
const missing = missingTools();
if (missing.length > 0) {
  fail(
    `cannot build the native addon without ${missing.join(', ')}: install a C++20 compiler, make and Python 3 ` +
      '(Debian: apt-get install g++ make python3; Alpine: apk add g++ make python3; Fedora: dnf install gcc-c++ make python3).',
  );
}
const nodeGyp = findNodeGyp();
if (nodeGyp === undefined) fail('cannot find node-gyp: install sigkit with npm, or run `npm install node-gyp` first.');

// Reconfiguring makes everything compile again, so it is done only when there is something new to configure.
const variables = gypVariables();
const stampFile = path.join(root, 'build/configured.txt');
const sources = spawnSync(process.execPath, ['native/sources.mjs', 'posix', 'hub', 'addon', 'init'], {
  cwd: root,
  encoding: 'utf8',
}).stdout;
const stamp = [
  process.version,
  require('node-addon-api').version,
  ...headerOptions(),
  ...variables,
  readFileSync(path.join(root, 'binding.gyp'), 'utf8'),
  sources,
].join('\n');
const configured = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
const onlyCommands = options.includes('--compile-commands');
if (onlyCommands) variables.unshift('-f', 'compile_commands_json');
const steps = onlyCommands ? ['configure'] : configured ? ['build'] : ['configure', 'build'];
// Until the end is reached, nobody knows what build/ is configured for.
if (!configured || onlyCommands) rmSync(stampFile, { force: true });
for (const step of steps) {
  const built = spawnSync(
    process.execPath,
    [nodeGyp, step, ...headerOptions(), '--', ...(step === 'configure' ? variables : [])],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: Infinity,
    },
  );
  if (built.status !== 0) {
    console.error(built.stdout, built.stderr);
    fail(`node-gyp ${step} failed: its output is above.`);
  }
  if (step === 'build' && /warning:/.test(built.stderr)) console.error(built.stderr);
}
if (!onlyCommands) writeFileSync(stampFile, stamp);

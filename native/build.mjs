// Builds the addon and sigkit-init: `node native/build.mjs [--sanitize=address|thread] [--werror] [--coverage] [--compile-commands] [--prove]`.
// It is what `npm ci` runs in a clone, and `sigkit build` with --prove, which tries both: it tells how far it is, and in one sentence
// what is missing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, cpSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { rooms, unpacked, unpackSources } from './archive.mjs';
import { findHeaders } from './headers.mjs';
import { showProgress } from './progress.mjs';

const options = process.argv.slice(2);
const require = createRequire(import.meta.url);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

function findOnPath(command) {
  const folders = path.isAbsolute(command) ? [''] : (process.env.PATH ?? '').split(path.delimiter);
  const files = folders.map((folder) => path.join(folder, command));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingTools() {
  const compiler = (process.env.CXX ?? 'g++').split(' ')[0];
  const python = process.env.npm_config_python ?? process.env.PYTHON ?? 'python3';
  return [compiler, 'make', python].filter((tool) => findOnPath(tool) === undefined);
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

// Ours while developing; else that of the npm that runs this, or of any npm.
function findNodeGyp() {
  try {
    return require.resolve('node-gyp/bin/node-gyp.js');
  } catch {
    const npm = findOnPath('npm');
    const nearNpm = npm && path.resolve(realpathSync(npm), '../../node_modules/node-gyp/bin/node-gyp.js');
    return [process.env.npm_config_node_gyp, nearNpm].find((file) => file && existsSync(file));
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
if (nodeGyp === undefined)
  fail('cannot find node-gyp: npm brings one; else add the package node-gyp to the project first.');
unpackSources();
const headers = findHeaders();
if (headers === undefined)
  fail('cannot find the headers of node-addon-api: the package is incomplete. Install sigkit again.');

// node-gyp wants it at the root, where a package must not have it: native/provide.mjs. Its time counts for make.
const description = path.join(root, 'binding.gyp');
if (!existsSync(description)) {
  cpSync(path.join(root, unpacked, 'binding.gyp'), description, { preserveTimestamps: true });
  process.on('exit', () => rmSync(description));
}

// Reconfiguring makes everything compile again, so it is done only when there is something new to configure.
const variables = gypVariables();
const stampFile = path.join(root, 'build/configured.txt');
const sources = spawnSync(process.execPath, ['native/sources.mjs', ...rooms], {
  cwd: root,
  encoding: 'utf8',
}).stdout;
const sharedSources = sources.match(/^native\/posix\//gm).length;
const stamp = [
  process.version,
  readFileSync(path.join(headers, 'package.json'), 'utf8'),
  ...headerOptions(),
  ...variables,
  readFileSync(description, 'utf8'),
  sources,
].join('\n');
const configured = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
const onlyCommands = options.includes('--compile-commands');
if (onlyCommands) variables.unshift('-f', 'compile_commands_json');
const steps = onlyCommands ? ['configure'] : configured ? ['build'] : ['configure', 'build'];
// Until the end is reached, nobody knows what build/ is configured for.
if (!configured || onlyCommands) rmSync(stampFile, { force: true });

async function runNodeGyp(step) {
  // What both targets have is compiled twice.
  const all = sources.split('\n').filter((name) => name !== '').length + sharedSources;
  const progress = showProgress(configured ? undefined : all);
  const jobs = process.env.JOBS ?? String(Math.min(availableParallelism(), 4));
  const args = [nodeGyp, step, `--jobs=${jobs}`, ...headerOptions(), '--', ...(step === 'configure' ? variables : [])];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const said = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text));
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.stdout += `${line}\n`;
    if (/^ +CXX\(target\)/.test(line)) progress.file();
  });
  const [status] = await ended;
  progress.end(status === 0);
  if (status !== 0) {
    console.error(said.stdout, said.stderr);
    fail(`node-gyp ${step} failed: its output is above.`);
  }
  if (step === 'build' && /warning:/.test(said.stderr)) console.error(said.stderr);
}

for (const step of steps) await runNodeGyp(step);
if (!onlyCommands) writeFileSync(stampFile, stamp);

// In a process of its own, as whoever has asked for it would load it.
if (options.includes('--prove')) {
  const addon = path.join(root, 'build/Release/sigkit.node');
  const loaded = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', addon], { encoding: 'utf8' });
  if (loaded.status !== 0) fail(`${addon} has been built, but cannot be loaded:\n${loaded.stderr}`);
  const init = path.join(root, 'build/Release/sigkit-init');
  const started = spawnSync(init, ['--version'], { encoding: 'utf8' });
  if (started.status !== 0) fail(`${init} has been built, but does not start:\n${started.error ?? started.stderr}`);
  console.log(`sigkit: built in ${path.join(root, 'build')}; the addon loads, and sigkit-init starts`);
}

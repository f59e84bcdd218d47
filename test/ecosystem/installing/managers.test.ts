// What a user gets: the packed package, installed by each manager with scripts off, and with neither compiler nor make nor Python on the PATH.
import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { need } from '../../fixtures/process/means.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
// What the programs in .bin need that managers write: shell scripts, and node.
const tools = ['sh', 'env', 'node', 'readlink', 'dirname', 'basename', 'uname', 'sed', 'sleep'];
const missing = ['g++', 'c++', 'cc', 'make', 'python3'];

interface Manager {
  readonly name: string;
  /** The package that has it, and its command there. */
  readonly from: string;
  readonly command: string;
  /** Installs the tarball. */
  readonly install: readonly string[];
  /** Runs what comes after it, of node_modules/.bin. */
  readonly run: readonly string[];
  /** How node is started, if not by itself. */
  readonly node?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

// With scripts on, as earlier ones have by default, it compiles whatever has a binding.gyp at its root.
const yarn4 = (linker: string, enableScripts = false): Omit<Manager, 'name'> => ({
  from: '@yarnpkg/cli-dist@4',
  command: 'yarn',
  install: ['install'],
  run: ['run'],
  node: ['node'],
  files: {
    'yarn.lock': '',
    '.yarnrc.yml': `nodeLinker: ${linker}\nenableScripts: ${enableScripts}\nenableGlobalCache: false\n`,
  },
});

const npm = (version: number): Manager => ({
  name: `npm ${version}`,
  from: `npm@${version}`,
  command: 'npm',
  install: ['install', '--ignore-scripts'],
  run: ['exec', '--offline', '--'],
});

const pnpm = (version: number): Manager => ({
  name: `pnpm ${version}`,
  from: `pnpm@${version}`,
  command: 'pnpm',
  install: ['install', '--ignore-scripts', '--store-dir', '.store'],
  run: ['exec'],
});

const managers: readonly Manager[] = [
  npm(11),
  npm(12),
  pnpm(10),
  pnpm(12),
  {
    name: 'Yarn 1',
    from: 'yarn@1.22.22',
    command: 'yarn',
    install: ['install', '--ignore-scripts'],
    run: ['--silent', 'run'],
  },
  { name: 'Yarn 4, node_modules', ...yarn4('node-modules') },
  { name: 'Yarn 4, PnP', ...yarn4('pnp') },
  { name: 'Yarn 4, scripts on', ...yarn4('node-modules', true) },
  { name: 'Bun', from: 'bun@1', command: 'bun', install: ['install', '--ignore-scripts'], run: ['x', '--no-install'] },
];

// It claims, spawns and shuts down, by import and by require.
const program = `import { createRequire } from 'node:module';
import { capabilities, kill, signals } from 'sigkit';
import { spawn } from 'sigkit/process';
import { createShutdown } from 'sigkit/shutdown';

if (capabilities.reason !== null) kill(process.pid, 0);
createRequire(import.meta.url)('sigkit').kill(process.pid, 0);
const stream = signals('SIGUSR2');
kill(process.pid, 'SIGUSR2');
for await (const { signal, pid } of stream) {
  console.log(signal, pid === process.pid);
  break;
}
const child = spawn('sleep', ['1000']);
const shutdown = createShutdown({ exit: 'zero' });
shutdown.add('child', async () => {
  child.kill('SIGTERM');
  console.log((await child.exited).termSignal);
});
kill(process.pid, 'SIGTERM');
const alive = setInterval(() => {}, 1000);
console.log((await shutdown.done).exitCode);
clearInterval(alive);
`;
const said = 'SIGUSR2 true\nSIGTERM\n0\n';

let scratch = '';
let tarball = '';

function run(
  file: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): SpawnSyncReturns<string> {
  return spawnSync(file, args, { cwd, env, encoding: 'utf8', timeout: 120_000 });
}

function succeed(...of: Parameters<typeof run>): string {
  const { status, signal, error, stdout, stderr } = run(...of);
  assert.equal(status, 0, `${of[0]} ${of[1].join(' ')}: ${signal ?? ''} ${error?.message ?? ''}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The manager's command, from the registry; undefined if that cannot be had. One with a script of its own may run it. */
function obtain({ from, command }: Manager): string | undefined {
  const folder = path.join(scratch, 'managers', from.replaceAll('/', '+'));
  mkdirSync(folder, { recursive: true });
  // npm 12 runs only what is approved, and the package of bun fetches nothing else.
  writeFileSync(path.join(folder, 'package.json'), '{ "allowScripts": { "bun": true } }');
  const { status } = run('npm', ['install', '--no-save', '--silent', from], folder);
  const file = path.join(folder, 'node_modules/.bin', command);
  return status === 0 && run(file, ['--version'], folder).status === 0 ? file : undefined;
}

/** An environment in which nothing can be compiled, and nothing is left from the npm that runs these tests. */
function bareEnvironment(folder: string): NodeJS.ProcessEnv {
  const home = path.join(folder, '.home');
  mkdirSync(home);
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_OPTIONS$|INIT_CWD$)/i.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: path.join(scratch, 'bin'),
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
    // Yarn 1 would take the tarball of an earlier run, which has the same name and version.
    YARN_CACHE_FOLDER: path.join(home, 'yarn'),
  };
}

describe('the packed package', function () {
  this.timeout(300_000);

  before(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'sigkit-managers-'));
    const name = succeed('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', scratch], root).trim();
    tarball = path.join(scratch, name);
    mkdirSync(path.join(scratch, 'bin'));
    for (const tool of tools) {
      const file = tool === 'node' ? process.execPath : run('sh', ['-c', `command -v ${tool}`], scratch).stdout.trim();
      symlinkSync(file, path.join(scratch, 'bin', tool));
    }
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('has what is run and what `sigkit build` needs, and nothing else', () => {
    const files = succeed('tar', ['-tzf', tarball], scratch)
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, ''));
    const top = new Set(files.map((name) => name.replace(/\/.*/, '/')));
    const allowed = ['LICENSE', 'README.md', 'bin/', 'dist/', 'native/', 'package.json', 'prebuilds/', 'vendor/'];
    assert.deepEqual([...top].sort(), allowed);
    assert.deepEqual(
      files.filter((name) => /\.map$|\.test\.|^dist\/(?!package\/)|^native\/(?:pre|provide|.*\/)/.test(name)),
      [],
    );
    const { scripts, dependencies, gypfile } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
      readonly dependencies?: unknown;
      readonly gypfile: boolean;
    };
    assert.deepEqual(
      Object.keys(scripts).filter((name) => /^(?:pre|post)?install$/.test(name)),
      [],
    );
    assert.deepEqual([dependencies, gypfile], [undefined, false]);
  });

  // It has both: with a package for each, whoever installs would get one.
  it('is at most 600 kB without the binaries of the other processor', async function () {
    const loaded: unknown = await import(path.join(root, 'native/prebuilds.mjs'));
    const { missingPrebuilds } = loaded as { readonly missingPrebuilds: () => readonly string[] };
    need(this, missingPrebuilds().length === 0, 'the binaries for all platforms: npm run prebuild');
    const other = ['sigkit.node', 'sigkit-init'].map((name) => path.join(root, 'prebuilds/linux-arm64', name));
    const packed = other.map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
    const { size } = statSync(tarball);
    const used = packed.reduce((rest, one) => rest - one, size);
    assert.ok(used <= 600_000 && size <= 680_000, `${size} bytes, of which ${used} are of use`);
  });

  it('has types for who imports it', () => {
    const folder = path.join(scratch, 'typed');
    const packaged = path.join(folder, 'node_modules/sigkit');
    mkdirSync(packaged, { recursive: true });
    succeed('tar', ['-xzf', tarball, '-C', packaged, '--strip-components=1'], scratch);
    const others = ['early', 'shutdown', 'systemd'].map((room) => `import type * as ${room} from 'sigkit/${room}';\n`);
    const user = `import { kill } from 'sigkit';\nimport { initPath } from 'sigkit/process';\n${others.join('')}kill(process.pid, initPath.length);\n`;
    for (const name of ['user.mts', 'user.cts']) writeFileSync(path.join(folder, name), user);
    const types = ['--typeRoots', path.join(root, 'node_modules/@types'), '--types', 'node'];
    const tsc = path.join(root, 'node_modules/.bin/tsc');
    succeed(tsc, ['--noEmit', '--strict', '--module', 'node20', ...types, 'user.mts', 'user.cts'], folder);
  });

  for (const manager of managers) {
    it(`is installed by ${manager.name}, without scripts and compiler, and runs`, function () {
      const command = obtain(manager);
      if (command === undefined) need(this, false, `${manager.from}, which the registry does not give`);
      assert.ok(command !== undefined);
      // With a space, as in the folders of some users.
      const folder = path.join(scratch, `used by ${manager.name}`);
      mkdirSync(folder);
      cpSync(tarball, path.join(folder, 'sigkit.tgz'));
      const manifest = {
        name: 'user',
        version: '1.0.0',
        type: 'module',
        dependencies: { sigkit: 'file:./sigkit.tgz' },
      };
      const files = { 'package.json': JSON.stringify(manifest), 'service.mjs': program, ...manager.files };
      for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
      const env = bareEnvironment(folder);
      for (const tool of missing) assert.notEqual(run('sh', ['-c', `command -v ${tool}`], folder, env).status, 0, tool);

      const started = performance.now();
      succeed(command, manager.install, folder, env);
      const [node = 'node', ...nodeArgs] = manager.node === undefined ? [] : [command, ...manager.node];
      assert.equal(succeed(node, [...nodeArgs, 'service.mjs'], folder, env), said);
      for (const [args, expected] of [
        [['sigkit-init', '--version'], /^sigkit-init \d/m],
        [['sigkit', 'init', '--version'], /^sigkit-init \d/m],
        [['sigkit', '--version'], /^sigkit \d/m],
      ] as const) {
        assert.match(succeed(command, [...manager.run, ...args], folder, env), expected);
      }
      console.log(`      ${manager.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    });
  }
});

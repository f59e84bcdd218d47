import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { output, run } from '../support/init.js';
import { commandOf, needs, root } from './support/installed.js';
import { builtAddon, installUser, project, type User, worked } from './support/user.js';

const esbuild = fileURLToPath(new URL('../../../node_modules/esbuild/bin/esbuild', import.meta.url));
// What esbuild's own documents have for CommonJS in an ES module.
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

let user: User;
before(() => (user = installUser()));

const bundle = (...command: readonly string[]): Promise<string> => output(command, { cwd: user.folder });

/** Where no package is, so only what the bundler has put there can be loaded. */
function moved(made: string): string {
  const elsewhere = `${user.folder}-elsewhere`;
  rmSync(elsewhere, { recursive: true, force: true });
  cpSync(path.join(user.folder, made), elsewhere, { recursive: true });
  return elsewhere;
}
after(() => rmSync(`${user.folder}-elsewhere`, { recursive: true, force: true }));

async function works(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  assert.equal(await output(command, { env }), `${worked}\n`);
}

describe('esbuild bundles the package', () => {
  const build = async (entry: string, ...options: readonly string[]): Promise<string> => {
    rmSync(path.join(user.folder, 'out'), { recursive: true, force: true });
    await bundle(esbuild, entry, '--bundle', '--platform=node', '--outdir=out', '--log-level=warning', ...options);
    return moved('out');
  };

  for (const [entry, format, extension] of [
    ['main.cjs', 'cjs', '.js'],
    ['then.mjs', 'cjs', '.js'],
    ['main.mjs', 'esm', '.mjs'],
  ] as const) {
    const options = [
      `--format=${format}`,
      `--out-extension:.js=${extension}`,
      ...(format === 'esm' ? [`--banner:js=${banner}`] : []),
    ];
    const name = entry.replace(/\.\w+$/, extension);

    it(`${entry} to ${format}, with the addon copied beside it`, async () => {
      const made = await build(entry, ...options, '--loader:.node=copy', '--minify');
      await works([process.execPath, path.join(made, name)]);
    });

    it(`${entry} to ${format}, with the addon named by SIGKIT_ADDON`, async () => {
      const made = await build(entry, ...options, '--external:*.node');
      await works([process.execPath, path.join(made, name)], { SIGKIT_ADDON: builtAddon });
      const { code, stderr } = await run([process.execPath, path.join(made, name)]);
      assert.equal(code, 1);
      assert.match(stderr, /ERR_SIGKIT_NOT_BUILT/);
      assert.match(stderr, /SIGKIT_ADDON/);
    });
  }

  it('with the package left outside', async () => {
    await bundle(
      esbuild,
      'main.mjs',
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--outfile=outside.mjs',
      '--packages=external',
      '--log-level=warning',
    );
    await works([process.execPath, path.join(user.folder, 'outside.mjs')]);
  });
});

describe('rollup', () => {
  needs('rollup');

  for (const [format, name] of [
    ['es', 'rolled.mjs'],
    ['cjs', 'rolled.cjs'],
  ] as const) {
    it(`leaves the package outside, in ${format}`, async () => {
      user.file(
        'work.mjs',
        "import { createRequire } from 'node:module';\nexport default createRequire(import.meta.url)('./work.js');\n",
      );
      user.file(
        'entry.mjs',
        `
        import * as room0 from 'sigkit';
        import * as room1 from 'sigkit/process';
        import * as room2 from 'sigkit/shutdown';
        import work from './work.mjs';
        work(room0, room1, room2).then(console.log);
      `,
      );
      const external = '/^(sigkit|node:)/';
      user.file(
        'rollup.config.mjs',
        `export default { input: 'entry.mjs', external: ${external}, output: { file: '${name}', format: '${format}' } };`,
      );
      await bundle(process.execPath, commandOf('rollup'), '--config', '--silent');
      await works([process.execPath, path.join(user.folder, name)]);
    });
  }
});

// The one takes what the other does.
for (const [name, from] of [
  ['webpack', 'webpack'],
  ['rspack', '@rspack/core'],
] as const) {
  describe(name, () => {
    needs(from);

    for (const entry of ['main.cjs', 'then.mjs']) {
      it(`leaves the package outside: ${entry}`, async () => {
        const script = user.file(
          `${name}.mjs`,
          `import { createRequire } from 'node:module';
          const { ${name} } = createRequire(${JSON.stringify(path.join(root, 'package.json'))})('${from}');
          const externals = ({ request }, done) => (/^sigkit/.test(request) ? done(null, 'commonjs ' + request) : done());
          const output = { path: import.meta.dirname, filename: '${name}-made.cjs' };
          ${name}({ target: 'node', mode: 'production', entry: './${entry}', externals, output }, (error, stats) => {
            if (error ?? stats.hasErrors()) throw error ?? stats.toString();
          });`,
        );
        await bundle(process.execPath, script);
        await works([process.execPath, path.join(user.folder, `${name}-made.cjs`)]);
      });
    }
  });
}

describe('ncc', () => {
  needs('@vercel/ncc');
  const ncc = (...args: readonly string[]): Promise<string> =>
    bundle(process.execPath, commandOf('@vercel/ncc', 'ncc'), 'build', '--quiet', '--no-cache', ...args);

  it('takes the addon with it', async () => {
    await ncc('main.cjs', '--out', 'ncc');
    await works([
      process.execPath,
      path.join(moved('ncc'), existsSync(path.join(user.folder, 'ncc/index.cjs')) ? 'index.cjs' : 'index.js'),
    ]);
  });

  it('leaves the package outside of an ES module', async () => {
    const outside = ['sigkit', 'sigkit/process', 'sigkit/shutdown'].flatMap((room) => ['--external', room]);
    await ncc('then.mjs', '--out', 'ncc-esm', ...outside);
    await works([process.execPath, path.join(user.folder, 'ncc-esm/index.mjs')]);
  });
});

describe("Node's single executable", () => {
  needs('postject');

  const executable = async (name: string, entry: string, assets: Readonly<Record<string, string>>): Promise<string> => {
    const folder = path.join(user.folder, 'sea', name);
    mkdirSync(folder, { recursive: true });
    const main = path.join(folder, 'main.js');
    const options = ['--bundle', '--platform=node', `--outfile=${main}`, '--external:*.node', '--log-level=warning'];
    await bundle(esbuild, entry, ...options);
    const blob = path.join(folder, 'blob');
    const settings = { main, output: blob, disableExperimentalSEAWarning: true, assets };
    await run([process.execPath, '--experimental-sea-config', user.file(`sea/${name}.json`, JSON.stringify(settings))]);
    const file = path.join(folder, 'service');
    cpSync(process.execPath, file);
    const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];
    const { code, stderr } = await run([process.execPath, commandOf('postject'), file, 'NODE_SEA_BLOB', blob, ...fuse]);
    assert.equal(code, 0, stderr);
    return file;
  };

  it('loads the addon that SIGKIT_ADDON names', async () => {
    const file = await executable('named', 'main.cjs', {});
    await works([file], { SIGKIT_ADDON: builtAddon });
    const without = await run([file]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /SIGKIT_ADDON/);
  });

  it('loads the addon that it has as an asset', async () => {
    const documented = readFileSync(path.join(project, 'docs/loaders-and-bundlers.md'), 'utf8');
    user.file('addon.mjs', /```js\n(.*?getRawAsset.*?)```/s.exec(documented)?.[1] ?? '');
    user.file('asset.mjs', `import './addon.mjs';\nimport './main.cjs';\n`);
    const file = await executable('asset', 'asset.mjs', { 'sigkit.node': builtAddon });
    const folder = path.join(user.folder, 'unpacked');
    mkdirSync(folder);
    await works([file], { TMPDIR: folder });
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe("Node's start-up snapshot", () => {
  it('cannot hold the package, and says so', async () => {
    const out = path.join(user.folder, 'snapshot.js');
    await bundle(
      esbuild,
      'main.cjs',
      '--bundle',
      '--platform=node',
      `--outfile=${out}`,
      '--external:*.node',
      '--log-level=warning',
    );
    const { code, stderr } = await run(
      [process.execPath, '--snapshot-blob', path.join(user.folder, 'blob'), '--build-snapshot', out],
      {
        env: { SIGKIT_ADDON: builtAddon },
      },
    );
    assert.equal(code, 1);
    assert.match(stderr, /ERR_SIGKIT_SNAPSHOT/);
  });

  it('has a main function that can load it', async () => {
    const blob = path.join(user.folder, 'main.blob');
    const file = user.file(
      'snapshot-main.js',
      `require('node:v8').startupSnapshot.setDeserializeMainFunction((file) => {
        process.getBuiltinModule('node:module').createRequire(file)('./main.cjs');
      }, ${JSON.stringify(path.join(user.folder, 'main.cjs'))});`,
    );
    assert.equal((await run([process.execPath, '--snapshot-blob', blob, '--build-snapshot', file])).code, 0);
    const { stdout, stderr } = await run([process.execPath, '--no-warnings', '--snapshot-blob', blob]);
    assert.deepEqual([stdout, stderr], [`${worked}\n`, '']);
  });
});

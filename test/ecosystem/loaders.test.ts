import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Outcome } from '../support/child.js';
import { output, run } from '../support/init.js';
import { commandOf, needs, root } from './support/installed.js';
import { installUser, lend, packed, type User, worked } from './support/user.js';

const types = fileURLToPath(new URL('../../../node_modules/@types', import.meta.url));
const ownMocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const vmModules = ['--experimental-vm-modules', '--no-warnings'];

interface Attw {
  checkPackage(contents: object): Promise<{ readonly problems: readonly unknown[] }>;
  createPackageFromTarballData(tarball: Buffer): object;
}

let user: User;
before(() => (user = installUser()));

const node = (...args: readonly string[]): Promise<string> => output([process.execPath, ...args], { cwd: user.folder });

// Test runners say what they have run on either.
async function passes(...args: readonly string[]): Promise<void> {
  const env = { CI: '1', NO_COLOR: '1', HOME: user.folder, TMPDIR: user.folder };
  const { code, stdout, stderr } = await run([process.execPath, ...args], { cwd: user.folder, env });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout + stderr, /\b1 pass|pass 1\b/);
}

// A test of the user's, in the globals of its runner.
const testOf = (load: string): string => `
${load}
test('works', async () => {
  const came = await work(room0, room1, room2);
  if (came !== '${worked}') throw new Error(came);
});
`;
const rooms = ['sigkit', 'sigkit/process', 'sigkit/shutdown'];
const byRequire =
  "const work = require('../work.js');\n" + rooms.map((room, n) => `const room${n} = require('${room}');\n`).join('');
const byImport =
  "import work from '../work.js';\n" + rooms.map((room, n) => `import * as room${n} from '${room}';\n`).join('');

describe('Node loads the package', () => {
  it('by require and by import', async () => {
    assert.equal(await node('main.cjs'), `${worked}\n`);
    assert.equal(await node('main.mjs'), `${worked}\n`);
  });

  it('once, by both in one process', async () => {
    const file = user.file(
      'both.cjs',
      `const rooms = ['sigkit', 'sigkit/process', 'sigkit/shutdown', 'sigkit/systemd'];
      (async () => {
        for (const room of rooms) {
          const required = require(room);
          const imported = await import(room);
          const names = Object.keys(required);
          console.log(names.length > 0, names.every((name) => required[name] === imported[name]));
        }
      })();`,
    );
    assert.equal(await node(file), 'true true\n'.repeat(4));
  });

  it("in Node's thread of loaders, beside the main thread", async () => {
    user.file(
      'hooks.mjs',
      `import { signals, sigqueue } from 'sigkit';
      export async function resolve(specifier, context, next) {
        if (specifier !== 'told:') return next(specifier, context);
        const stream = signals('SIGRTMIN+3');
        sigqueue(process.pid, 'SIGRTMIN+3', 7);
        const { value } = await stream.next();
        stream.close();
        return { url: 'data:text/javascript,export default ' + value.value, shortCircuit: true };
      }`,
    );
    const file = user.file(
      'with-hooks.mjs',
      `import { register } from 'node:module';
      import { signals } from 'sigkit';
      register('./hooks.mjs', import.meta.url);
      const stream = signals('SIGRTMIN+3');
      const { default: told } = await import('told:');
      console.log(told, (await stream.next()).value.value);
      stream.close();`,
    );
    assert.equal(await node('--no-warnings', file), '7 7\n');
  });

  it('with --jitless and --frozen-intrinsics', async () => {
    for (const flag of ['--jitless', '--frozen-intrinsics']) {
      // Each has a warning of its own.
      const { stdout, stderr } = await run([process.execPath, flag, 'main.cjs'], { cwd: user.folder });
      assert.equal(stdout, `${worked}\n`, stderr);
    }
  });
});

describe("Node's permissions", () => {
  const model = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const permitted = (file: string, ...flags: readonly string[]): Promise<Outcome> =>
    run([process.execPath, '--no-warnings', model, ...flags, file], { cwd: user.folder });
  const reading = (...places: readonly string[]): string[] => [
    '--allow-addons',
    `--allow-fs-read=${user.folder}/*`,
    ...places.map((place) => `--allow-fs-read=${place}`),
  ];

  it('need addons, the package and /proc', async () => {
    const { stdout, stderr } = await permitted('main.cjs', ...reading('/proc/*'));
    assert.deepEqual([stdout, stderr], [`${worked}\n`, '']);
  });

  it('that are missing are named by the error', async () => {
    const { code, stderr } = await permitted('main.cjs', '--allow-fs-read=*');
    assert.equal(code, 1);
    assert.match(stderr, /ERR_SIGKIT_\w+/);
    assert.match(stderr, /ERR_DLOPEN_DISABLED|--allow-addons/);
  });

  it('do without /proc where nobody looks for processes', async () => {
    const file = user.file(
      'without-proc.cjs',
      `const { kill, signals } = require('sigkit');
      const { reapOrphans, setChildSubreaper, spawn } = require('sigkit/process');
      const { createShutdown } = require('sigkit/shutdown');
      const alive = setInterval(() => {}, 1000);
      (async () => {
        const stream = signals('SIGUSR2');
        kill(process.pid, 'SIGUSR2');
        const { value } = await stream.next();
        stream.close();
        setChildSubreaper(true);
        const orphans = reapOrphans();
        const { exitCode } = await spawn('sh', ['-c', '(exit 5) & exit 3']).exited;
        const { value: orphan } = await orphans.next();
        orphans.close();
        const shutdown = createShutdown({ exit: 'none', sigs: 'SIGHUP' });
        shutdown.add('hook', () => {});
        kill(process.pid, 'SIGHUP');
        console.log(value.signal, exitCode, orphan.status.exitCode, (await shutdown.done).hooks[0].outcome);
        clearInterval(alive);
      })();`,
    );
    const { stdout, stderr } = await permitted(file, ...reading());
    assert.deepEqual([stdout, stderr], ['SIGUSR2 3 5 done\n', '']);
  });

  it('need /proc where somebody does', async () => {
    const file = user.file(
      'with-proc.cjs',
      `const { threads } = require('sigkit');
      const { children, descendants, spawn, terminateGroup, terminateTree } = require('sigkit/process');
      (async () => {
        const child = spawn('sleep', ['1000'], { processGroup: true });
        for (const look of [() => threads(process.pid), children, () => descendants(process.pid), () => terminateTree(child.pid), () => terminateGroup(child.pid)])
          console.log(await Promise.resolve().then(look).then(() => 'done', ({ code }) => code));
        child.kill('SIGKILL');
        await child.exited;
      })();`,
    );
    assert.equal((await permitted(file, ...reading())).stdout, 'ERR_ACCESS_DENIED\n'.repeat(5));
    assert.equal((await permitted(file, ...reading('/proc/*'))).stdout, 'done\n'.repeat(5));
  });

  it('have one more for Workers, and one for the network', async () => {
    const file = user.file(
      'further.cjs',
      `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
      const { signals } = require('sigkit');
      if (!isMainThread) {
        signals('SIGRTMIN+3').close();
        parentPort.postMessage('claimed');
      } else new Worker(__filename).on('message', async (told) => {
        const { createShutdown, health } = require('sigkit/shutdown');
        const shutdown = createShutdown({ exit: 'none' });
        const { port } = await health(shutdown).listen(0, '127.0.0.1');
        console.log(told, port > 0);
        process.exit();
      });`,
    );
    const network = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : [];
    const { stdout, stderr } = await permitted(file, ...reading(), '--allow-worker', ...network);
    assert.deepEqual([stdout, stderr], ['claimed true\n', '']);
  });
});

for (const name of ['jest', 'jest-29']) {
  describe(`${name} loads the package`, () => {
    needs(name);
    const jest = commandOf.bind(undefined, name, 'jest');
    const options = ['--testMatch', `**/${name}/*.test.*js`, '--testPathPatterns'];
    if (name === 'jest-29') options[2] = '--testPathPattern';

    it('in CommonJS, and again when the modules have been reset', async () => {
      user.file(
        `${name}/cjs.test.js`,
        `${testOf(byRequire)}
        if (room0.signals === undefined) throw new Error('nothing');
        const open = [room0.signals('SIGRTMIN+4')];
        jest.resetModules();
        const again = require('sigkit');
        if (again === room0) throw new Error('the same');
        open.push(again.signals('SIGRTMIN+4'));
        afterAll(async () => {
          again.sigqueue(process.pid, 'SIGRTMIN+4', 7);
          for (const stream of open) {
            if ((await stream.next()).value.value !== 7) throw new Error('not each');
            stream.close();
          }
        });`,
      );
      await passes(jest(), ...options, 'cjs');
    });

    it('as ES modules', async () => {
      user.file(`${name}/esm.test.mjs`, testOf(byImport));
      await passes(...vmModules, jest(), ...options, 'esm');
    });
  });
}

describe('ts-jest loads the package', () => {
  needs('ts-jest');

  it('with its types', async () => {
    const settings = { module: 'commonjs', moduleResolution: 'node10', target: 'es2022', allowJs: true };
    const tsconfig = { ...settings, esModuleInterop: true, types: ['node'], typeRoots: [types] };
    const transform = { '\\.ts$': [path.join(root, 'node_modules/ts-jest'), { tsconfig }] };
    user.file('ts-jest.config.json', JSON.stringify({ transform, testMatch: ['**/ts-jest/*.test.ts'] }));
    const typed =
      "import { signals, type SignalStream } from 'sigkit';\nexport const open: () => SignalStream = () => signals('SIGHUP');\n";
    user.file('ts-jest/typed.ts', typed);
    user.file(
      'ts-jest/works.test.ts',
      `declare function test(name: string, run: () => Promise<void>): void;\n${testOf(byImport)}import { open } from './typed';\nopen().close();\n`,
    );
    await passes(commandOf('jest'), '--config', 'ts-jest.config.json');
  });
});

describe('vitest loads the package', () => {
  needs('vitest');
  before(() => lend(user.folder, 'vitest'));

  for (const pool of ['threads', 'forks', 'vmThreads']) {
    it(`in the pool ${pool}`, async () => {
      user.file('vitest/works.spec.ts', `import { test } from 'vitest';\n${testOf(byImport)}`);
      await passes(commandOf('vitest'), 'run', `--pool=${pool}`, '--no-cache', 'vitest/works.spec.ts');
    });
  }
});

describe('other runners load the package', () => {
  it('mocha, by require and by import', async () => {
    for (const [name, load] of [
      ['mocha/works.cjs', byRequire],
      ['mocha/works.mjs', byImport],
    ] as const)
      await passes(ownMocha, '--ui', 'tdd', user.file(name, testOf(load)));
  });

  it('node --test', async () => {
    const file = user.file('node-test/works.test.mjs', `import test from 'node:test';\n${testOf(byImport)}`);
    await passes('--test', file);
  });
});

describe('tsx loads the package', () => {
  needs('tsx');

  it('by import', async () => {
    const file = user.file('tsx/main.ts', `${byImport}work(room0, room1, room2).then(console.log);\n`);
    assert.equal(await node(commandOf('tsx'), file), `${worked}\n`);
  });
});

describe('ts-node loads the package', () => {
  needs('ts-node');

  it('with its types', async () => {
    user.file(
      'ts-node/tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module: 'commonjs',
          moduleResolution: 'node10',
          esModuleInterop: true,
          allowJs: true,
          target: 'es2022',
          types: ['node'],
          typeRoots: [types],
        },
      }),
    );
    const file = user.file('ts-node/main.ts', `${byImport}work(room0, room1, room2).then(console.log);\n`);
    assert.equal(await node(commandOf('ts-node'), file), `${worked}\n`);
  });
});

describe('TypeScript finds the types', () => {
  needs('typescript');

  for (const [module, resolution] of [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['commonjs', 'node10'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`with module ${module} and moduleResolution ${resolution}`, async () => {
      const text = `
        import 'sigkit/early';
        import { type SignalInfo, signals } from 'sigkit';
        import { type SpawnedProcess, spawn } from 'sigkit/process';
        import { createShutdown, type Shutdown } from 'sigkit/shutdown';
        import { type Environment } from 'sigkit/systemd';
        export const all: [AsyncIterable<SignalInfo>, SpawnedProcess, Shutdown, Environment?] = [signals('SIGHUP'), spawn('true'), createShutdown()];
        // @ts-expect-error It has types, so this is wrong.
        signals(true);
      `;
      const files = ['ts', 'mts', 'cts'].map((kind) => user.file(`types/${resolution}.${kind}`, text));
      const options = ['--strict', '--noEmit', '--target', 'es2022', '--types', 'node', '--typeRoots', types];
      await node(
        commandOf('typescript', 'tsc'),
        ...options,
        '--module',
        module,
        '--moduleResolution',
        resolution,
        ...files,
      );
    });
  }
});

describe('attw', () => {
  needs('@arethetypeswrong/core');

  it('has no complaint', async () => {
    const file = path.join(root, 'node_modules/@arethetypeswrong/core/dist/index.js');
    const attw = (await import(file)) as Attw;
    const { problems } = await attw.checkPackage(attw.createPackageFromTarballData(readFileSync(packed(user.folder))));
    assert.deepEqual(problems, []);
  });
});

// Several copies of the package in one process: two versions in one tree, a registry that was emptied, Workers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { output } from '../support/init.js';
import { installUser, type User } from './support/user.js';

let user: User;
let installed = '';
before(() => {
  user = installUser();
  installed = path.join(user.folder, 'node_modules/sigkit');
});

const node = (...args: readonly string[]): Promise<string> => output([process.execPath, ...args], { cwd: user.folder });

/** Installs version 0.2.0 for a dependency of that name; its folder. */
function dependency(name: string): string {
  const folder = path.join(user.folder, 'node_modules', name, 'node_modules/sigkit');
  cpSync(installed, folder, { recursive: true });
  change(path.join(folder, 'package.json'), '"version": "0.1.0"', '"version": "0.2.0"');
  user.file(`node_modules/${name}/index.js`, "module.exports = require('sigkit');");
  user.file(`node_modules/${name}/index.mjs`, "export * from 'sigkit';");
  const exported = { name, exports: { import: './index.mjs', require: './index.js' } };
  user.file(`node_modules/${name}/package.json`, JSON.stringify(exported));
  return folder;
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(from), `${file}: ${from}`);
  writeFileSync(file, text.replace(from, to));
}

// Its JavaScript expects another addon, as a later version does.
function expectOtherAbi(folder: string): void {
  const base = path.join(folder, 'dist/package/base');
  const files = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isFile());
  const expecting = files
    .map(({ name }) => path.join(base, name))
    .find((file) => readFileSync(file, 'utf8').includes('expectedAbi='));
  assert.ok(expecting !== undefined);
  change(expecting, 'expectedAbi=', 'expectedAbi=99+');
}

// Its addon shows others that it is of another version.
function showOtherAbi(folder: string): void {
  const file = path.join(folder, `prebuilds/linux-${process.arch}/sigkit.node`);
  const told = execFileSync('readelf', ['-W', '--dyn-syms', '-l', file], { encoding: 'utf8' });
  const [, value = ''] = /([0-9a-f]+) +4 OBJECT .*sigkit_hub_abi/.exec(told) ?? [];
  const address = parseInt(value, 16);
  const segments = [...told.matchAll(/LOAD +0x(\w+) +0x(\w+) +0x\w+ +0x(\w+)/g)].map(([, ...numbers]) =>
    numbers.map((number) => parseInt(number, 16)),
  );
  const holds = ([, start = 0, size = 0]: readonly number[]): boolean => start <= address && address < start + size;
  const [offset = 0, start = 0] = segments.find(holds) ?? [];
  const bytes = readFileSync(file);
  bytes.writeUInt32LE(99, address - start + offset);
  writeFileSync(file, bytes);
}

const both = `
const both = (one, two) => {
  if (one.signals === two.signals) throw new Error('the same');
  const streams = [one, two].map(({ signals }) => signals('SIGRTMIN+3'));
  one.sigqueue(process.pid, 'SIGRTMIN+3', 7);
  return Promise.all(streams.map((stream) => stream.next())).then((all) => {
    streams[0].close();
    two.sigqueue(process.pid, 'SIGRTMIN+3', 8);
    return streams[1].next().then(({ value }) => {
      streams[1].close();
      return [...all.map((result) => result.value.value), value.value].join();
    });
  });
};
`;

const codeOf = `
const codeOf = (call) => {
  try {
    call();
  } catch (error) {
    return error.code + (error.message.includes('user') ? ' with the path' : '');
  }
};
`;

describe('of two versions in one tree that fit, one owns the signals, and both get them', () => {
  before(() => void dependency('fits'));

  it('by require', async () => {
    const file = user.file('fits.cjs', `${both}both(require('sigkit'), require('fits')).then(console.log);`);
    assert.equal(await node(file), '7,7,8\n');
  });

  it('by import', async () => {
    const load = "import * as one from 'sigkit';\nimport * as two from 'fits';\n";
    assert.equal(await node(user.file('fits.mjs', `${load}${both}console.log(await both(one, two));`)), '7,7,8\n');
  });

  it('one in the main thread, the other in a Worker', async () => {
    const file = user.file(
      'fits-worker.cjs',
      `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
      const { signals, sigqueue } = require(isMainThread ? 'sigkit' : 'fits');
      const stream = signals('SIGRTMIN+3');
      const come = stream.next().then(({ value }) => { stream.close(); return value.value; });
      if (!isMainThread) {
        parentPort.postMessage('open');
        come.then((value) => parentPort.postMessage(value));
      } else {
        const worker = new Worker(__filename);
        worker.on('message', async (message) => {
          if (message === 'open') sigqueue(process.pid, 'SIGRTMIN+3', 7);
          else console.log(message, await come);
        });
      }`,
    );
    assert.equal(await node(file), '7 7\n');
  });

  it('the later one in two Workers alone', async () => {
    const file = user.file(
      'fits-workers.cjs',
      `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
      ${both}
      if (!isMainThread) both(require('sigkit'), require('fits')).then((told) => parentPort.postMessage(told));
      else {
        const start = (left) => {
          if (left === 0) return;
          new Worker(__filename).on('message', console.log).on('exit', () => start(left - 1));
        };
        start(2);
      }`,
    );
    assert.equal(await node(file), '7,7,8\n7,7,8\n');
  });
});

describe('of two versions in one tree that do not fit, the later one says so', () => {
  const program = (first: string, later: string): string => `
    ${codeOf}
    const first = require('${first}'), later = require('${later}');
    console.log(first.capabilities.reason, later.capabilities.reason);
    console.log(codeOf(() => later.signals('SIGRTMIN+3')), codeOf(() => later.kill(process.pid, 0)));
    const stream = first.signals('SIGRTMIN+3');
    first.sigqueue(process.pid, 'SIGRTMIN+3', 7);
    stream.next().then(({ value }) => { console.log(value.value); stream.close(); });
  `;
  const error = 'ERR_SIGKIT_SECOND_COPY';
  const expected = `null ${error}\n${error} with the path ${error} with the path\n7\n`;

  it('when it is the newer one', async () => {
    expectOtherAbi(dependency('newer'));
    assert.equal(await node(user.file('newer.cjs', program('sigkit', 'newer'))), expected);
  });

  it('when it is the older one', async () => {
    showOtherAbi(dependency('first'));
    assert.equal(await node(user.file('older.cjs', program('first', 'sigkit'))), expected);
  });

  it('in a Worker, as the main thread has the first', async () => {
    expectOtherAbi(dependency('worker-only'));
    const file = user.file(
      'not-in-worker.cjs',
      `const { Worker, isMainThread } = require('node:worker_threads');
      ${codeOf}
      const { signals } = require(isMainThread ? 'sigkit' : 'worker-only');
      if (isMainThread) new Worker(__filename);
      else console.log(codeOf(() => signals('SIGRTMIN+3')));`,
    );
    assert.equal(await node(file), `${error} with the path\n`);
  });
});

describe('a copy whose addon is of another version', () => {
  it('does not use it', async () => {
    expectOtherAbi(dependency('alone'));
    const file = user.file('alone.cjs', `${codeOf}console.log(codeOf(() => require('alone').kill(process.pid, 0)));`);
    assert.equal(await node(file), 'ERR_SIGKIT_NOT_LOADED with the path\n');
  });
});

describe('one copy', () => {
  it('that is loaded again, as the registry was emptied, has the same owner', async () => {
    const file = user.file(
      'again.cjs',
      `${both}
      const one = require('sigkit');
      for (const name of Object.keys(require.cache)) delete require.cache[name];
      both(one, require('sigkit')).then(console.log);`,
    );
    assert.equal(await node(file), '7,7,8\n');
  });

  it('in two Workers: each gets its own', async () => {
    const file = user.file(
      'workers.cjs',
      `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
      const { sigqueue, signals } = require('sigkit');
      if (isMainThread) {
        const workers = [new Worker(__filename), new Worker(__filename)];
        let open = 0;
        for (const worker of workers)
          worker.on('message', (message) => {
            if (message !== 'open') console.log(message);
            else if (++open === 2) sigqueue(process.pid, 'SIGRTMIN+3', 7);
          });
      } else {
        const stream = signals('SIGRTMIN+3');
        stream.next().then(({ value }) => { parentPort.postMessage(value.value); stream.close(); });
        parentPort.postMessage('open');
      }`,
    );
    assert.equal(await node(file), '7\n7\n');
  });

  it('that vm contexts compile for themselves has the same owner', async () => {
    const file = user.file(
      'contexts.cjs',
      `${both}
      const fs = require('node:fs'), path = require('node:path'), vm = require('node:vm');
      const { createRequire } = require('node:module');
      // As a test runner does: each file of a package is compiled in the context, addons are not.
      const inContext = () => {
        const context = vm.createContext({ process, console, Buffer, setImmediate, setTimeout, clearTimeout, performance, queueMicrotask });
        const made = new Map();
        const load = (file) => {
          if (made.has(file)) return made.get(file).exports;
          const from = createRequire(file), module = { exports: {} };
          made.set(file, module);
          const request = (name) => {
            const found = from.resolve(name);
            return path.isAbsolute(found) && found.endsWith('.js') ? load(found) : from(name);
          };
          const text = fs.readFileSync(file, 'utf8').replace(/^#!.*/, '');
          const run = vm.compileFunction(text, ['module', 'exports', 'require', '__filename', '__dirname'], { parsingContext: context });
          run(module, module.exports, request, file, path.dirname(file));
          return module.exports;
        };
        return load(require.resolve('sigkit'));
      };
      both(inContext(), inContext()).then(console.log);`,
    );
    assert.equal(await node(file), '7,7,8\n');
  });
});

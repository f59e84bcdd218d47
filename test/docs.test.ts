import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as sigkit from 'sigkit';
import * as processes from 'sigkit/process';
import * as shutdown from 'sigkit/shutdown';
import * as diagnostics from 'sigkit/diagnostics';
import * as systemd from 'sigkit/systemd';

import { sigkitErrorCodes } from '../lib/base/errors.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
];
const examples = readdirSync(path.join(root, 'examples')).filter((name) => name.endsWith('.ts') && name !== 'demo.ts');
const deadlineMs = 30_000;

const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');

// Without fenced blocks: a comment of a shell is no heading, and an index into an array no link.
const prose = (name: string): string => read(name).replace(/^```[^]*?^```$/gm, '');

function headings(name: string, level: string): string[] {
  return [...prose(name).matchAll(new RegExp(`^${level} (.+)$`, 'gm'))].map(([, title = '']) => title);
}

// As GitHub makes them: the second of the same heading gets -1.
function anchors(name: string): string[] {
  const seen = new Map<string, number>();
  return headings(name, '#+').map((title) => {
    const anchor = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const earlier = seen.get(anchor) ?? 0;
    seen.set(anchor, earlier + 1);
    return earlier === 0 ? anchor : `${anchor}-${earlier}`;
  });
}

function exportedTypes(name: string): string[] {
  return [...read(name).matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, all, names = '']) =>
    names
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '' && (all !== undefined || item.startsWith('type ')))
      .map((item) => item.replace('type ', '')),
  );
}

function links(name: string): string[] {
  return [...prose(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

// In expected output 4711 is some process, 501 some user, and a decimal fraction some measured time.
function patternFor(expected: string): RegExp {
  return new RegExp(
    `^${escaped(expected.trim())
      .replace(/\b(?:4711|501)\b/g, String.raw`\d+`)
      .replace(/\d+\\\.\d+/g, String.raw`\d+\.\d+`)}$`,
  );
}

async function run(file: string, expected: string | undefined): Promise<void> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, `${stdout}\n${stderr}`);
  if (expected !== undefined) assert.match(stdout.trim(), patternFor(expected));
}

// What belongs to the project, not what a build or a run has left in its folder.
function textFiles(): string[] {
  const folders = ['.ci', 'bench', 'docs', 'examples', 'lib', 'native', 'test'];
  const own = readdirSync(root).filter(
    (name) => /\.(?:md|json|gyp)$|^LICENSE$/.test(name) && name !== 'package-lock.json',
  );
  const nested = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
  );
  return [...own, ...nested];
}

describe('the documents', () => {
  it('README stays under 150 lines', () => {
    assert.ok(read('README.md').trimEnd().split('\n').length < 150);
  });

  it('api.md has one heading for each export, in the part of its module', () => {
    const titles = (text: string): string[] => [...text.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title);
    const [signals = '', ...parts] = prose('docs/api.md').split(/^## (?=sigkit\/)/m);
    assert.deepEqual(titles(signals).sort(), Object.keys(sigkit).sort());
    assert.deepEqual(
      parts.map((part) => [part.split('\n')[0], titles(part).sort()]),
      Object.entries({
        'sigkit/early': {},
        'sigkit/process': processes,
        'sigkit/systemd': systemd,
        'sigkit/shutdown': shutdown,
        'sigkit/diagnostics': diagnostics,
      }).map(([module, exported]) => [module, Object.keys(exported).sort()]),
    );
  });

  for (const [module, index, least] of [
    ['sigkit', 'lib/index.ts', 20],
    ['sigkit/process', 'lib/process/index.ts', 15],
    ['sigkit/systemd', 'lib/systemd/index.ts', 10],
    ['sigkit/shutdown', 'lib/shutdown/index.ts', 10],
    ['sigkit/diagnostics', 'lib/diagnostics/index.ts', 3],
  ] as const) {
    it(`api.md names each type that ${module} exports`, () => {
      const types = exportedTypes(index);
      assert.ok(types.length > least);
      const words = new Set(read('docs/api.md').match(/\w+/g));
      assert.deepEqual(
        types.filter((type) => !words.has(type)),
        [],
      );
    });
  }

  for (const [file, interfaces] of [
    ['lib/signals/open.ts', ['capacity', 'ref', 'exclusive', 'transport']],
    [
      'lib/process/spawn/spawn-request.ts',
      [
        ['processGroup', 'session', 'foreground', 'signalMask', 'defaultSignals', 'ignoreSignals'],
        ['parentDeathSignal', 'stdio', 'terminal', 'env', 'argv0', 'groups', 'contain'],
      ].flat(),
    ],
    ['lib/process/spawn/child-settings.ts', ['noNewPrivileges', 'keepCapabilities']],
    ['lib/process/spawn/terminal-options.ts', ['columns', 'rows', 'name', 'raw']],
    ['lib/process/waiting/waitpid.ts', ['untraced', 'continued']],
    ['lib/process/waiting/reaper.ts', ['graceMs', 'capacity']],
    ['lib/process/ending/wish.ts', ['sig', 'graceMs', 'mode']],
    [
      'lib/shutdown/types.ts',
      [
        ['stage', 'dependsOn', 'timeoutMs', 'expected', 'timeoutMs', 'onTimeout', 'parallel', 'expected', 'after'],
        ['sigs', 'budgetMs', 'reserveMs', 'drainDelayMs', 'second', 'listeners', 'exit'],
      ].flat(),
    ],
    [
      'lib/shutdown/adapters/servers.ts',
      ['idleTimeoutMs', 'upgraded', 'upgradedTimeoutMs', 'connected', 'connectedTimeoutMs'],
    ],
    ['lib/shutdown/adapters/closable.ts', ['callback']],
    ['lib/shutdown/adapters/cluster.ts', ['tell']],
    ['lib/shutdown/adapters/workers.ts', ['message']],
    ['lib/shutdown/health/health.ts', ['ready', 'checks', 'timeoutMs']],
    ['lib/shutdown/reload/reload.ts', ['sigs', 'initial', 'onHangup']],
    ['lib/shutdown/reload/reload-run.ts', ['validate', 'rollback']],
    ['lib/systemd/environment.ts', ['environment', 'unset']],
    ['lib/systemd/notify.ts', ['pid', 'timeoutMs', 'poll']],
    ['lib/systemd/watchdog.ts', ['triggerAfterMs']],
  ] as const) {
    it(`api.md tells the defaults that ${file} has`, () => {
      const text = read('docs/api.md').replaceAll('`', '');
      const defaults = [...read(file).matchAll(/@default ([^:\n]+?)(?::[^\n]*)?(?: \*\/)?\n[^]*?readonly (\w+)\?/g)];
      assert.deepEqual(
        defaults.map(([, , option]) => option),
        interfaces,
      );
      for (const [, value = '', option = ''] of defaults) {
        const row = `^\\| ${option} +\\| ${escaped(value)} +\\|`;
        assert.match(text, new RegExp(row, 'm'), option);
      }
    });
  }

  it('api.md has a row for each finding of explain, in the order in which it looks', () => {
    const codes = [...read('lib/diagnostics/explain/finding.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(
      ([, code]) => code,
    );
    const [, table = ''] = read('docs/api.md').split('| code ');
    const rows = [...(table.split('\n\n')[0]?.matchAll(/^\| `([a-z-]+)`/gm) ?? [])].map(([, code]) => code);
    assert.ok(codes.length > 20);
    assert.deepEqual(rows, codes);
  });

  it('errors.md has one heading for each code, and no other', () => {
    const codes = headings('docs/errors.md', '##').filter((title) => title.startsWith('ERR_SIGKIT_'));
    assert.deepEqual(codes.sort(), [...sigkitErrorCodes].sort());
    assert.deepEqual(
      ['README.md', ...documents]
        .flatMap((name) => read(name).match(/ERR_SIGKIT_[A-Z_]*[A-Z]/g) ?? [])
        .filter((code) => !sigkitErrorCodes.some((known) => known === code)),
      [],
    );
  });

  it('every code in the list is used by the code', () => {
    const files = readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' });
    const text = files
      .filter((name) => name.endsWith('.ts') && name !== 'errors.ts')
      .map((name) => read(`lib/${name}`))
      .join('\n');
    for (const code of sigkitErrorCodes) assert.ok(text.includes(`'${code}'`), code);
  });

  it('links lead somewhere', () => {
    for (const name of documents) {
      for (const target of links(name).filter((link) => !/^https?:/.test(link))) {
        const [file = '', anchor] = target.split('#');
        const linked = file === '' ? name : path.join(path.dirname(name), file);
        assert.ok(existsSync(path.join(root, linked)), `${name}: ${target}`);
        if (anchor !== undefined) assert.ok(anchors(linked).includes(anchor), `${name}: ${target}`);
      }
    }
  });

  it('files that architecture.md names exist', () => {
    const named = [...prose('docs/architecture.md').matchAll(/`((?:native|lib|test|bench)\/[\w./-]+)`/g)];
    assert.ok(named.length > 10);
    for (const [, file = ''] of named) assert.ok(existsSync(path.join(root, file)), file);
  });

  it('README links to every example', () => {
    const linked = links('README.md').filter((target) => target.startsWith('examples/'));
    assert.deepEqual(linked.map((target) => path.basename(target)).sort(), [...examples].sort());
  });

  it('the recipes for Kubernetes and systemd leave the example the time that it takes', () => {
    const number = (text: string, name: RegExp): number => {
      const [, digits] = new RegExp(`${name.source}(\\d[\\d_]*)`).exec(text) ?? assert.fail(String(name));
      return Number(digits?.replace('_', ''));
    };
    const [example, recipe, unit] = ['examples/service.ts', 'docs/shutdown.md', 'docs/example.service'].map(read);
    assert.ok(example !== undefined && recipe !== undefined && unit !== undefined);
    const [budgetMs, drainDelayMs] = [number(example, /budgetMs: /), number(example, /drainDelayMs: /)];
    assert.equal(number(recipe, /# budgetMs /), budgetMs);
    assert.ok(number(recipe, /terminationGracePeriodSeconds: /) * 1000 >= budgetMs + 5000);
    assert.ok(number(unit, /TimeoutStopSec=/) * 1000 >= budgetMs + 5000);
    assert.equal(number(recipe, /`drainDelayMs: /), drainDelayMs);
    const [, readiness = ''] = recipe.split('readinessProbe:');
    const noticedAfterMs = number(readiness, /periodSeconds: /) * number(readiness, /failureThreshold: /) * 1000;
    assert.ok(noticedAfterMs < drainDelayMs);
    const ports = [...recipe.matchAll(/port: (\d+) \}|listen\((\d+)\)/g)].map(
      ([, probed, listens]) => probed ?? listens,
    );
    assert.deepEqual([...new Set(ports)].sort(), ['0', String(number(example, /healthPort: /))]);
  });

  it('no file names a path of one machine', () => {
    const homes = /["'`\s(=]\/(?:home|Users|root|work)\//;
    const files = textFiles();
    assert.ok(files.length > 50);
    for (const name of files) {
      const text = read(name);
      assert.ok(!homes.test(text) && !text.includes(root), name);
    }
  });

  for (const name of documents) {
    const programs = read(name).matchAll(/^```js\n([^]*?)^```$(?:\n\n^```text\n([^]*?)^```$)?/gm);
    for (const [index, [, code = '', expected]] of [...programs].entries()) {
      it(`program ${index + 1} of ${name} runs${expected === undefined ? '' : ' and prints what is shown'}`, async () => {
        const folder = path.join(root, 'dist', 'programs');
        mkdirSync(folder, { recursive: true });
        const file = path.join(folder, `${path.basename(name, '.md')}-${index + 1}-${process.pid}.mjs`);
        writeFileSync(file, code);
        try {
          await run(file, expected);
        } finally {
          rmSync(file);
        }
      });
    }
  }
});

describe('the examples', () => {
  for (const name of examples) {
    it(`${name} runs and prints what it says at its end`, async () => {
      const [, expected] = read(`examples/${name}`).split('\n// Prints:\n');
      assert.ok(expected !== undefined);
      await run(path.join(root, 'dist', 'examples', name.replace(/ts$/, 'js')), expected.replace(/^\/\/ {3}/gm, ''));
    });
  }
});

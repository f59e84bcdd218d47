import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { type Outcome, until } from '../support/child.js';
import { startCommand } from '../support/init.js';
import { endLeft, leftOf } from './support/beside.js';
import { needs, root } from './support/installed.js';

type Side = 'theirs' | 'ours';

/** What ported/PACKAGE/NAME.mjs exports besides its two functions. */
interface Extras {
  /** What of stderr is compared; it must be empty without this. */
  readonly told?: (stderr: string) => unknown;
  readonly env?: Readonly<Record<Side, Readonly<Record<string, string>>>>;
}

interface Row {
  readonly title: string;
  readonly program: string;
  readonly cells: Readonly<Record<Side, string>>;
}

const documents = new URL('../../../docs/', import.meta.url);
const sigkit = new URL('../../package/process/index.mjs', import.meta.url).href;
const sides: readonly Side[] = ['theirs', 'ours'];

const fileOf = (name: string): string => path.join(root, 'ported', name);

function rowsOf(text: string, from: string): Row[] {
  const line = new RegExp(`^\\| \\[(.+?)\\]\\(\\.\\./test/ecosystem/ported/${from}/([\\w-]+)\\.mjs\\).*$`, 'gm');
  return [...text.matchAll(line)].map(([row, title = '', program = '']) => {
    const [, , theirs = '', ours = ''] = row.split(/ +\| +|^\| /);
    return { title, program, cells: { theirs, ours } };
  });
}

const spansOf = (cell: string): string[] => [...cell.matchAll(/(`+) ?(.+?) ?\1(?!`)/g)].map(([, , code = '']) => code);

// However its lines are broken.
const inOneLine = (code: string): string => code.replaceAll(/\s/g, '').replaceAll(/,(?=[\])}])/g, '');

// Of what it exports, the functions and classes; of its interfaces, all members.
function namesIn(text: string): string[] {
  const declarations = text.replaceAll(/\/\*[^]*?\*\//g, '');
  const exported = [...declarations.matchAll(/^export \{([^}]+)\} from/gm)].flatMap(([, names = '']) =>
    names.split(','),
  );
  const functions = exported.map((name) => name.trim()).filter((name) => /^\w+$/.test(name));
  const members = [...declarations.matchAll(/^\s+(?:readonly )?([a-z]\w*)(?:\?:|: |[(<])/gm)].map(
    ([, name = '']) => name,
  );
  return [...new Set([...functions, ...members])];
}

// Without the other function.
function sourceOf(file: string, side: Side): string {
  const parts = readFileSync(file, 'utf8').split(/^(?=export async function )/m);
  return parts
    .filter((part) => side === /^export async function (\w+)/.exec(part)?.[1] || !part.startsWith('export async'))
    .join('');
}

async function run(file: string, side: Side, from: string, extras: Extras): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-ported-'));
  try {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: '/',
      ECOSYSTEM_FOLDER: folder,
      PACKAGE: side === 'ours' ? sigkit : from,
      ...extras.env?.[side],
    };
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const command = ['env', '-i', ...variables, process.execPath, fileOf('drive.mjs'), file, side];
    const child = startCommand(command, { cwd: folder });
    child.process.stdin?.end('typed\n');
    const outcome = await child.ended;
    await until(() => leftOf(folder).length === 0, `nobody is left of ${side}: ${JSON.stringify(outcome)}`, 5000);
    return outcome;
  } finally {
    endLeft(folder);
    rmSync(folder, { recursive: true });
  }
}

async function told(file: string, side: Side, from: string): Promise<object> {
  const extras = (await import(pathToFileURL(file).href)) as Extras;
  const { code, signal, stdout, stderr } = await run(file, side, from, extras);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, `${side}: ${stdout}${stderr}`);
  assert.notEqual(stdout + stderr, '', side);
  return { stdout, stderr: extras.told?.(stderr) ?? stderr };
}

// `declared`: the files in which a package declares what it documents.
for (const { from, built, document, declared } of [
  {
    from: 'execa',
    built: 'package.json',
    document: 'beside-execa.md',
    declared: [
      ['index.d.ts', 'types/arguments/options.d.ts', 'types/return/result.d.ts', 'types/subprocess/subprocess.d.ts'],
      ['types/pipe.d.ts', 'types/convert.d.ts', 'types/transform/normalize.d.ts'],
    ].flat(),
  },
  {
    from: 'node-pty',
    built: 'build/Release/pty.node',
    document: 'beside-node-pty.md',
    declared: ['typings/node-pty.d.ts'],
  },
]) {
  const text = readFileSync(new URL(document, documents), 'utf8');
  const rows = rowsOf(text, from);

  describe(`${document}: programs with ${from}, and with sigkit`, () => {
    needs(from, built);

    it('all that its types declare is named', () => {
      const named = new Set(text.match(/\w+/g));
      const names = declared.flatMap((file) =>
        namesIn(readFileSync(path.join(root, 'node_modules', from, file), 'utf8')),
      );
      assert.ok(names.length > 15);
      assert.deepEqual(
        names.filter((name) => !named.has(name)),
        [],
      );
    });

    it('each program has a row', () => {
      const programs = readdirSync(fileOf(from)).map((name) => path.basename(name, '.mjs'));
      assert.deepEqual(rows.map(({ program }) => program).sort(), programs.sort());
    });

    for (const { title, program, cells } of rows) {
      const file = fileOf(`${from}/${program}.mjs`);

      it(`${title}: both print the same`, async () => {
        for (const side of sides) {
          const source = inOneLine(sourceOf(file, side));
          for (const code of spansOf(cells[side])) assert.ok(source.includes(inOneLine(code)), `${file} has ${code}`);
        }
        const [theirs, ours] = await Promise.all(sides.map((side) => told(file, side, from)));
        assert.deepEqual(ours, theirs);
      });
    }
  });
}

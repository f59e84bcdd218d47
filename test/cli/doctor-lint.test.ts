import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { rules } from '../../lib/cli/doctor/rules.js';
import { readYaml } from '../../lib/cli/doctor/lint/yaml.js';
import { command } from '../support/command.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function linted(folder: string): {
  readonly found: readonly string[];
  readonly notes: readonly string[];
  readonly status: number | null;
} {
  const cwd = path.join(root, 'test/fixtures/doctor', folder);
  const { status, stdout } = spawnSync(process.execPath, [command, 'doctor', '--json', '--lint'], {
    cwd,
    encoding: 'utf8',
  });
  const { findings, notes } = JSON.parse(stdout) as {
    readonly findings: readonly { readonly rule: string; readonly where: string }[];
    readonly notes: readonly string[];
  };
  return { found: findings.map(({ rule, where }) => `${where} ${rule}`), notes, status };
}

const read = (...lines: readonly string[]): ReturnType<typeof readYaml> => readYaml(lines.join('\n'));
const values = (...lines: readonly string[]): readonly string[] =>
  read(...lines).documents.flatMap((entries) => entries.map((one) => `${one.path}=${one.value}`));

describe('sigkit doctor --lint', () => {
  it('finds each fault in the files of an app, with its line', () => {
    const { found, notes, status } = linted('all-wrong');
    assert.deepEqual([...found].sort(), [
      'Dockerfile:4 kill-9',
      'Dockerfile:5 stop-signal',
      'Dockerfile:6 shell-form',
      'Dockerfile:8 npm-command',
      'app.service:2 npm-command',
      'app.service:3 kill-9',
      'app.service:4 kill-mode',
      'app.service:5 stop-signal',
      'app.service:6 short-grace',
      'compose.yaml:5 two-inits',
      'compose.yaml:6 short-grace',
      'compose.yaml:7 stop-signal',
      'deploy/app.yaml:10 short-grace',
      'deploy/app.yaml:12 no-prestop',
      'deploy/app.yaml:13 shell-form',
      'deploy/app.yaml:16 kill-9',
      'package.json:6 start-script',
      'package.json:7 kill-9',
      'stop.sh:2 kill-9',
    ]);
    assert.deepEqual(notes, ['compose.yaml: not read: line 8']);
    assert.equal(status, 1);
  });

  it('has nothing to say of files that are right', () => {
    assert.deepEqual(linted('sound-image'), { found: [], notes: [], status: 0 });
  });

  it('reads the YAML that people write', () => {
    assert.deepEqual(values('a:', '  b: 1 # one', '  \'c d\': "x # y"', 'e: z'), ['a.b=1', 'a.c d=x # y', 'e=z']);
    assert.deepEqual(values('l:', '- a: 1', '  b: 2', '- c', 'm: 3'), ['l.0.a=1', 'l.0.b=2', 'l.1=c', 'm=3']);
    assert.deepEqual(values('l:', '  -', '    a: 1', '  - - x', '    - y'), ['l.0.a=1', 'l.1.0=x', 'l.1.1=y']);
    assert.deepEqual(values('c: [sh, \'-c\', "a, b"]', 'd: {x: 1, y: [2, {z: 3}]}'), [
      'c.0=sh',
      'c.1=-c',
      'c.2=a, b',
      'd.x=1',
      'd.y.0=2',
      'd.y.1.z=3',
    ]);
    assert.deepEqual(values('c: [', '  "node",', '  "x" ]', 'd: 1'), ['c.0=node', 'c.1=x', 'd=1']);
    assert.deepEqual(values('s: |', '  a: b', '', '  c', 't: >-', '  d', 'u: 1'), ['s=a: b\n\nc', 't=d', 'u=1']);
    assert.deepEqual(values('url: http://a:80/#x', 'time: 1m30s'), ['url=http://a:80/#x', 'time=1m30s']);
    assert.equal(read('a: 1', '---', 'b: 2', '---', '').documents.length, 3);
  });

  it('says which lines it has not read', () => {
    const { documents, unread } = read(
      'a: &x 1',
      'b: *x',
      '<<: *x',
      '{{ if }}',
      'c: {{ d }}',
      'e: long',
      '  text',
      'f: [1',
      'g: 2',
    );
    assert.deepEqual(unread, [1, 2, 3, 4, 5, 7, 8]);
    assert.deepEqual(
      documents.flat().map((one) => one.path),
      ['e', 'g'],
    );
  });
});

describe('the rules of sigkit doctor', () => {
  const document = readFileSync(path.join(root, 'docs/commands.md'), 'utf8');

  it('stand in docs/commands.md, each with its advice', () => {
    const rows = [...document.matchAll(/^\| `([\w-]+)` +\| .* \| (.*?) +\| `#([\w-]+)` +\|$/gm)];
    assert.deepEqual(
      rows.map(([, rule, advice, section]) => [rule, section, advice]),
      Object.entries(rules).map(([rule, [section, advice]]) => [rule, section, advice]),
    );
  });

  it('lead to sections of docs/runbooks.md', () => {
    const file = path.join(root, 'docs/runbooks.md');
    const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)];
    const anchors = new Set(headings.map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-')));
    for (const [section] of Object.values(rules)) assert.ok(anchors.has(section), section);
  });
});

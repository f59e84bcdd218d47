import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { init, run, scratch } from '../../support/init.js';
import type { Place } from './place.js';

const usualPath = '/usr/local/bin:/usr/bin:/bin';

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

async function statusesOf(place: Place, first: number, last: number, command: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await run(place.statuses(first, last, command), { cwd: scratch() });
  assert.equal(stderr, '');
  return stdout.trim().split('\n');
}

/** Files that cannot be executed, and those that can but do not look so: [word, exit code, what stderr says]. */
function attempts(): (readonly [command: string, code: number, text: string])[] {
  const file = (name: string, text: string, mode: number): string => {
    const made = path.join(scratch(), name);
    writeFileSync(made, text, { mode });
    return made;
  };
  const folder = path.join(scratch(), 'folder');
  mkdirSync(folder, { recursive: true });
  const plainText = file('plain-text', 'not a program\n', 0o644);
  return [
    ['sigkit-no-such-command', 127, 'not found'],
    ['/no/such/command', 127, 'not found'],
    [`${plainText}/below`, 127, 'not found'],
    ['', 127, 'not found'],
    [folder, 126, 'Permission denied'],
    [plainText, 126, 'Permission denied'],
    // File name, with glibc; Filename, with musl.
    [path.join(scratch(), 'x'.repeat(300)), 126, 'ame too long'],
    [file('no-interpreter', '#!/no/such/interpreter\n', 0o755), 127, 'its interpreter was not found'],
    [file('no-first-line', 'exit 41\n', 0o755), 41, ''],
    [file('with-first-line', '#!/bin/sh\nexit 42\n', 0o755), 42, ''],
  ];
}

/** It ends as its command has ended. */
export function statuses(place: Place): void {
  it('ends with the exit code of the command', async () => {
    for (const [first, last] of place.codes) {
      const wanted = range(first, last).map((code) => `${code}: exited ${code}`);
      assert.deepEqual(await statusesOf(place, first, last, [init, '-s', 'sh', '-c', 'exit {}']), wanted);
    }
  });

  const way = place.asPid1 ? '128 + n' : 'the same one, without a core of its own,';
  it(`ends with ${way} where a signal has killed the command`, async () => {
    const end = (signo: number): string => (place.asPid1 ? `exited ${128 + signo}` : `killed ${signo}`);
    for (const [first, last] of place.signals) {
      const wanted = range(first, last).map((signo) => `${signo}: ${end(signo)}`);
      assert.deepEqual(await statusesOf(place, first, last, [init, '-s', 'sh', '-c', 'kill -{} $$']), wanted);
    }
  });

  it('says in one line why it cannot execute, and ends with 126 or 127', async () => {
    for (const [command, code, text] of attempts()) {
      // Some folder of the user's may be closed to us: that is a reason of its own.
      const outcome = await run(place.enter(['env', `PATH=${usualPath}`, init, '-s', '--', command]));
      assert.deepEqual({ code: outcome.code, stdout: outcome.stdout }, { code, stdout: '' }, outcome.stderr);
      const line = code === 126 || code === 127 ? /^sigkit-init: .*\n$/ : /^$/;
      assert.match(outcome.stderr, line);
      assert.ok(outcome.stderr.includes(text) && outcome.stderr.includes(code > 100 ? command : ''), outcome.stderr);
    }
  });

  it('looks for the command in PATH as execvp(3) does', async () => {
    const folders = ['first', 'second'].map((name) => path.join(scratch(), name));
    const [first = '', second = ''] = folders;
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(first, 'in-both'), '', { mode: 0o644 });
    writeFileSync(path.join(second, 'in-both'), '#!/bin/sh\nexit 43\n', { mode: 0o755 });
    for (const [list, wanted] of [
      [`/no/such/folder:${first}:${second}`, 43],
      [first, 126],
      ['/no/such/folder', 127],
      [`${first}:`, 43],
    ] as const) {
      const enterSecond = ['sh', '-c', 'cd "$0" && exec "$@"', second];
      const { code, stderr } = await run(place.enter([...enterSecond, 'env', `PATH=${list}`, init, '-s', 'in-both']));
      assert.equal(code, wanted, stderr);
    }
  });
}

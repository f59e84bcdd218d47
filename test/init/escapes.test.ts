import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { escapeLine } from '../../lib/base/escape.js';
import { init, run, scratch, shell } from '../support/init.js';

// A line that looks like one of init's, a colour, a title, and the same begun by one character (C1).
const nasty = 'no\nsigkit-init: forged\r\t\u001b[31m\u001b]0;title\u0007\u009b31m\u007f\u2028\\x41 é';
const escaped =
  'no\\x0Asigkit-init: forged\\x0D\\x09\\x1B[31m\\x1B]0;title\\x07\\xC2\\x9B31m\\x7F\\xE2\\x80\\xA8\\\\x41 é';

async function linesOf(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const { stderr } = await run(command, { env });
  assert.ok(stderr.endsWith('\n'), stderr);
  return stderr.slice(0, -1).split('\n');
}

/** The first, as a usage may follow. */
async function lineOf(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  return (await linesOf(command, env))[0] ?? '';
}

/** A file of that name, in a folder of its own. */
function file(mode: number, text: string): string {
  const made = path.join(scratch(), `escapes-${mode}-${text.length}`, nasty);
  mkdirSync(path.dirname(made), { recursive: true });
  writeFileSync(made, text);
  chmodSync(made, mode);
  return made;
}

const shown = (name: string): string => name.replace(nasty, escaped);

describe('what others name, in lines of sigkit-init', () => {
  it('the command, where it starts, reaped children and the end stand beside it', async () => {
    const command = file(0o755, '#!/bin/sh\nexit 3\n');
    const lines = await linesOf([init, '-s', '-v', '--drain', '--', command]);
    assert.match(lines[0] ?? '', /^sigkit-init: started process \d+: /);
    assert.equal(lines[0]?.split(': ').slice(2).join(': '), shown(command));
    assert.deepEqual(lines.slice(1), ['sigkit-init: the child has ended with exit code 3']);
  });

  it('the command, where it does not start', async () => {
    const reasons = [
      [nasty, 'not found'],
      [file(0o644, ''), 'Permission denied'],
      [file(0o755, '#!/no/such/interpreter\n'), 'its interpreter was not found'],
    ] as const;
    for (const [command, reason] of reasons)
      assert.deepEqual(await linesOf([init, '-s', '--', command]), [`sigkit-init: ${shown(command)}: ${reason}`]);
  });

  it('options, their values, and variables', async () => {
    assert.equal(await lineOf([init, `--${nasty}`]), `sigkit-init: unknown option: --${escaped}`);
    assert.equal(await lineOf([init, `--drain=${nasty}`]), 'sigkit-init: takes no value: --drain');
    const wants = (await lineOf([init, '--grace=x'])).replace("'x'", '');
    assert.equal(await lineOf([init, `--grace=${nasty}`]), `${wants}'${escaped}'`);
    assert.equal(
      await lineOf([init, 'true'], { SIGKIT_INIT_GRACE: nasty }),
      `${wants.replace('--grace', 'SIGKIT_INIT_GRACE')}'${escaped}'`,
    );
    // The first byte of two is all that there is of a letter.
    assert.equal(await lineOf([init, '-é']), 'sigkit-init: unknown option: -\\xC3');
  });

  it('what is not UTF-8: bytes alone, cut and too long forms, surrogates, numbers beyond the last', async () => {
    const bytes = ['\\377', '\\200', '\\303', '\\342\\202', '\\300\\212', '\\355\\240\\200', '\\364\\220\\200\\200'];
    for (const text of bytes) {
      const wanted = [...text.matchAll(/\\(\d+)/g)].map(([, octal = '']) => Number.parseInt(octal, 8).toString(16));
      assert.equal(
        await lineOf(shell(`exec ${init} -s -- "$(printf 'a${text}b')"`)),
        `sigkit-init: a${wanted.map((byte) => `\\x${byte.toUpperCase()}`).join('')}b: not found`,
      );
    }
  });

  it('a line of the greatest length is cut between two characters, and is one line', async () => {
    for (const [name, most] of [
      ['\n'.repeat(2000), '\\x0A'.repeat(1023 - 'sigkit-init: '.length)],
      ['é'.repeat(1000), 'é'.repeat(505)],
      [`x${'é'.repeat(1000)}`, `x${'é'.repeat(504)}`],
    ] as const)
      assert.deepEqual(await linesOf([init, '-s', '--', name]), [`sigkit-init: ${most}`]);
  });

  it('is shown as TypeScript shows it in its lines', async () => {
    for (const name of [nasty, 'plain', 'ß 語 👩‍👩‍👧', '\u0001\u001f\u0080\u009f\u00a0\u2027\u2029\u202a', '\\', '\\\\n'])
      assert.equal(await lineOf([init, '-s', '--', `/${name}`]), `sigkit-init: /${escapeLine(name)}: not found`);
  });
});

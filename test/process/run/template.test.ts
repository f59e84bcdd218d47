import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('$', () => {
  it('splits only what is written, and gives arguments as they are', () =>
    scenario(async ({ processes: { $ } }) => {
      const words = async (command: PromiseLike<{ readonly stdout: string }>): Promise<string[]> =>
        (await command).stdout.split('|').slice(0, -1);
      const hostile = '$(touch /tmp/x); "a b" \'c\' `d` \\';
      assert.deepEqual(
        await words($`printf %s| a  b
        c ${hostile} ${1}`),
        ['a', 'b', 'c', hostile, '1'],
      );
      assert.deepEqual(await words($`printf %s| ${['a b', '', 'c']} ${[]} ${''}`), ['a b', '', 'c', '']);
      assert.deepEqual(await words($`printf %s| --x=${'a b'}c pre${['1', 2]}post`), ['--x=a bc', 'pre1', '2post']);
      assert.deepEqual(await words($`printf %s| "a  b" 'c "d' e"f g"h '' "x ${'y  z'}"`), [
        'a  b',
        'c "d',
        'ef gh',
        '',
        'x y  z',
      ]);
      assert.deepEqual(await words($`printf %s| $HOME *.md a\\b`), ['$HOME', '*.md', 'a\\b']);
    }));

  it('takes options, and more of them', () =>
    scenario(async ({ processes: { $ } }) => {
      const quiet = $({ reject: false, cwd: '/' });
      const { stdout, exitCode } = await quiet`sh -c ${'pwd; exit 3'}`;
      assert.deepEqual([stdout, exitCode], ['/', 3]);
      assert.equal((await quiet({ encoding: 'bytes' })`pwd`).stdout.toString(), '/');
      assert.equal((await $({ input: 'x' })`cat`).stdout, 'x');
      await assert.rejects(async () => $`false`, { code: 'ERR_SIGKIT_RUN_FAILED' });
      for await (const line of $`seq 1`) assert.equal(line, '1');
    }));

  it('refuses what cannot be an argument', () =>
    scenario(({ processes: { $ } }) => {
      for (const value of [undefined, null, {}, true, [['a']], () => {}])
        assert.throws(() => $`echo ${value as unknown as string}`, { code: 'ERR_INVALID_ARG_TYPE' });
      assert.throws(() => $`echo 'a`, { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => $``, { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => $({ nonsense: 1 } as object)`true`, { code: 'ERR_SIGKIT_UNKNOWN_OPTION' });
    }));

  it('is split at the white space of a shell, and says what a bad escape is', () =>
    scenario(async ({ processes: { $ } }) => {
      const { stdout } = await $`printf [%s] a\u00A0b\u3000c
        d`;
      assert.equal(stdout, '[a\u00A0b\u3000c][d]');
      const refused = Object.assign([undefined], { raw: [String.raw`echo \u`] });
      assert.throws(() => $(refused as never), { code: 'ERR_OUT_OF_RANGE' });
    }));
});

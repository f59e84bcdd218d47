import assert from 'node:assert/strict';

import { awaitingOrphan, fixture, init, run } from '../support/init.js';

type Variables = Readonly<Record<string, string>>;

interface Flag {
  readonly words: readonly string[];
  readonly variable: string;
  /** What shows it, and what is said or printed when it is on. */
  readonly command: readonly string[];
  readonly shown: RegExp;
  /** Set in any case. */
  readonly env?: Variables;
}

const bystander = /^bystander /m;

const group: Flag = { words: ['-g', '--group'], variable: 'GROUP', command: [fixture('probe-each')], shown: bystander };

const flags: readonly Flag[] = [
  group,
  {
    words: ['-S', '--session'],
    variable: 'SESSION',
    command: ['sh', '-c', 'cut -d" " -f6 /proc/$$/stat; echo $$'],
    shown: /^(\d+)\n\1$/m,
  },
  { words: ['-s', '--subreaper'], variable: 'SUBREAPER', command: ['true'], shown: /^$/ },
  {
    words: ['--drain'],
    variable: 'DRAIN',
    command: ['sh', '-c', 'sleep 5 >&- 2>&- &'],
    shown: /: drained 1 process/,
    env: { SIGKIT_INIT_VERBOSE: '1' },
  },
  {
    words: ['-w', '--warn-reaped'],
    variable: 'WARN_REAPED',
    command: awaitingOrphan('exit 3'),
    shown: /^sigkit-init: reaped process \d+: exit code 3$/m,
    env: { SIGKIT_INIT_SUBREAPER: '1' },
  },
  { words: ['-v', '--verbose'], variable: 'VERBOSE', command: ['true'], shown: /^sigkit-init: (?!not PID 1)/m },
  {
    words: ['--keep-variables'],
    variable: 'KEEP_VARIABLES',
    command: ['env'],
    shown: /^SIGKIT_INIT_GRACE=5$/m,
    env: { SIGKIT_INIT_GRACE: '5' },
  },
  { words: ['--hold', '--hold=5'], variable: 'HOLD', command: ['env'], shown: /^SIGKIT_INIT_HOLD_FD=\d+$/m },
];

async function shows(flag: Flag, words: readonly string[], env: Variables = {}): Promise<boolean> {
  const { code, stdout, stderr } = await run([init, ...words, ...flag.command], { env: { ...flag.env, ...env } });
  assert.equal(code, 0, stderr);
  return flag.shown.test(stdout + stderr);
}

describe('sigkit-init: forms of its options', () => {
  for (const flag of flags) {
    const variable = `SIGKIT_INIT_${flag.variable}`;
    it(`${flag.words.join(', ')} and ${variable}`, async () => {
      assert.equal(await shows(flag, []), false, 'off by itself');
      for (const word of flag.words) assert.equal(await shows(flag, [word]), true, word);
      for (const value of ['1', 'true', 'yes']) assert.equal(await shows(flag, [], { [variable]: value }), true, value);
      for (const value of ['0', 'false', 'no', '']) {
        assert.equal(await shows(flag, [], { [variable]: value }), false, `off by '${value}'`);
        assert.equal(await shows(flag, [flag.words[0] ?? ''], { [variable]: value }), true, 'the command line wins');
      }
    });
  }

  it('-c, --single-child and SIGKIT_INIT_SINGLE_CHILD against --group: the last one, and the command line, win', async () => {
    for (const [words, env, wanted] of [
      [['-g', '-c'], {}, false],
      [['-gc'], {}, false],
      [['--single-child', '--group'], {}, true],
      [['-cg'], {}, true],
      [['-c'], { GROUP: '1' }, false],
      [['--single-child'], { GROUP: 'yes' }, false],
      [['-g'], { SINGLE_CHILD: '1' }, true],
      [[], { SINGLE_CHILD: 'true' }, false],
      [[], { SINGLE_CHILD: 'no', GROUP: '1' }, true],
      [[], { SINGLE_CHILD: '1', GROUP: '0' }, false],
      [[], { SINGLE_CHILD: '', GROUP: 'true' }, true],
    ] as const) {
      const variables = Object.entries(env).map(([name, value]) => [`SIGKIT_INIT_${name}`, value]);
      assert.equal(await shows(group, words, Object.fromEntries(variables)), wanted, JSON.stringify([words, env]));
    }
  });

  it('values stand after the letter, after =, or in the next word; letters stand together', async () => {
    const exits = async (words: readonly string[], env: Variables = {}): Promise<number | null> =>
      (await run([init, ...words, 'sh', '-c', 'exit 3'], { env })).code;
    for (const words of [['-e3=4'], ['-e', '3=4'], ['--remap=3=4'], ['--remap', '3=4'], ['-gse3=4'], ['-gse', '3=4']]) {
      assert.equal(await exits(words), 4, words.join(' '));
    }
    assert.equal(
      await exits(['-t', '5', '-t0.25', '--grace=1', '--delay', '0', '--delay=0.001', '-p9', '-rTERM:0']),
      3,
    );
    assert.equal(await exits([], { SIGKIT_INIT_REMAP: '1=2,3=5,4' }), 5);
    assert.equal(await exits(['-e', '3=6'], { SIGKIT_INIT_REMAP: '3=5' }), 6, 'the command line wins');
    assert.equal(await exits([], { SIGKIT_INIT_REMAP: '', SIGKIT_INIT_GRACE: '', SIGKIT_INIT_REWRITE: '' }), 3);
    assert.equal(
      await exits([], { SIGKIT_INIT_GRACE: '0.5', SIGKIT_INIT_DELAY: '2', SIGKIT_INIT_PDEATHSIG: 'RTMIN+3' }),
      3,
    );
  });
});

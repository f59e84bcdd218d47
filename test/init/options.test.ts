import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { init, output, run, scratch } from '../support/init.js';

const manifest = createRequire(import.meta.url)('sigkit/package.json') as { readonly version: string };
const seconds = ['x', '', '-1', '1s', '1.2.3', '1e3', ' 1', 'inf', '0x5', '99999999999999999999'];
const signalNames = ['', 'NOPE', '0', '65', '-1', '+15', '15x', 'SIG', 'SIGSIGTERM', 'RTMIN+31', 'RTMIN-1', 'RTMAX+1'];
const codes = ['', 'x', '256', '-1', '1=', '=1', '1=256', '1=-1', '1=x', '1=2=3', '1,', ',1', '99999999999'];
const rewrites = ['', 'TERM', 'TERM:', ':TERM', '0:TERM', 'KILL:TERM', 'STOP:0', 'TERM:65', 'NOPE:TERM', 'TERM:NOPE'];

const valued: readonly (readonly [long: string, short: string, variable: string, bad: readonly string[]])[] = [
  ['--pdeathsig', '-p', 'PDEATHSIG', signalNames],
  ['--remap', '-e', 'REMAP', codes],
  ['--rewrite', '-r', 'REWRITE', [...rewrites, 'TERM:INT:HUP', 'TERM:INT,', '9:0', '19:TERM']],
  ['--grace', '-t', 'GRACE', seconds],
  ['--delay', '', 'DELAY', seconds],
];
const flags = ['GROUP', 'SINGLE_CHILD', 'SESSION', 'SUBREAPER', 'DRAIN', 'WARN_REAPED', 'VERBOSE', 'KEEP_VARIABLES'];
const named = (name: string, value: string): Record<string, string> => ({ [`SIGKIT_INIT_${name}`]: value });

/** Refused: a line that names what is wrong, the usage, exit code 2, and the command has not been started. */
async function refuses(options: readonly string[], names: string, env: Record<string, string> = {}): Promise<void> {
  const marker = path.join(scratch(), 'started');
  const { code, stdout, stderr } = await run([init, ...options, 'touch', marker], { env });
  const told = `${options.join(' ')} ${JSON.stringify(env)}\n${stderr}`;
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, told);
  const [first = '', second = ''] = stderr.split('\n');
  assert.ok(
    first.startsWith('sigkit-init: ') && first.includes(names) && second.startsWith('usage: sigkit-init '),
    told,
  );
  assert.ok(!existsSync(marker), told);
}

describe('sigkit-init: what it refuses', () => {
  it('options that there are not, abbreviations, and values where there are none', async () => {
    for (const option of ['--unknown', '--gro', '-Z', '-gZ', '---group', '--Group']) {
      await refuses([option], option === '-gZ' ? 'Z' : option.replace(/^-(?=\w$)/, ''));
    }
    for (const option of ['--group=1', '--verbose=', '--drain=yes']) await refuses([option], option.replace(/=.*/, ''));
  });

  it('no command', async () => {
    for (const words of [[], ['--'], ['-g'], ['--subreaper', '-t', '5', '--']]) {
      const { code, stdout, stderr } = await run([init, ...words]);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, /^sigkit-init: no command\nusage: /);
    }
  });

  it('an option without its value', async () => {
    for (const word of valued.flatMap(([long, short]) => [long, short]).filter(Boolean)) {
      const { code, stderr } = await run([init, word]);
      assert.equal(code, 2);
      assert.ok(stderr.split('\n', 1)[0]?.includes(word.replace(/^-(?=\w$)/, '')), stderr);
    }
  });

  for (const [long, short, variable, bad] of valued) {
    it(`bad values of ${long} and SIGKIT_INIT_${variable}`, async () => {
      for (const value of bad) {
        await refuses([`${long}=${value}`], long);
        await refuses([long, value], long);
        if (short !== '') await refuses([short, value], short.slice(1));
        if (short !== '' && value !== '') await refuses([`-g${short.slice(1)}${value}`], short.slice(1));
        if (value !== '') await refuses([], `SIGKIT_INIT_${variable}`, named(variable, value));
      }
    });
  }

  it('bad values of --hold and SIGKIT_INIT_HOLD', async () => {
    for (const value of seconds) await refuses([`--hold=${value}`], '--hold');
    for (const value of seconds.filter(Boolean)) await refuses([], 'SIGKIT_INIT_HOLD', named('HOLD', value));
  });

  it('flags in the environment that are neither on nor off', async () => {
    for (const flag of flags) {
      for (const value of ['2', 'on', 'TRUE', 'maybe', ' ', '01'])
        await refuses([], `SIGKIT_INIT_${flag}`, named(flag, value));
    }
  });

  it('both SIGKIT_INIT_GROUP and SIGKIT_INIT_SINGLE_CHILD', () =>
    refuses([], 'SIGKIT_INIT_SINGLE_CHILD', { ...named('GROUP', '1'), ...named('SINGLE_CHILD', '1') }));
});

describe('sigkit-init: what it says and where options end', () => {
  it('prints help and version on stdout, whatever else is asked', async () => {
    for (const option of ['--help', '-h']) {
      const help = await output([init, '-g', option, '--unknown']);
      assert.match(help, /^usage: sigkit-init /);
      for (const [long, short] of valued) assert.ok(help.includes(long) && help.includes(short), long);
      for (const flag of flags) assert.ok(help.includes(`--${flag.toLowerCase().replace('_', '-')}`), flag);
      assert.ok(help.includes('--hold[=SECONDS]') && help.includes('--version'));
    }
    assert.equal(await output([init, '--version']), `sigkit-init ${manifest.version}\n`);
  });

  it('passes on all words from the command on, and after --', async () => {
    assert.equal(await output([init, '-s', 'printf', '%s,', '-v', '--help', '--', '']), '-v,--help,--,,');
    assert.equal(await output([init, '-s', '--', 'printf', '%s,', '--', '-g']), '--,-g,');
    const { code, stderr } = await run([init, '-s', '--', '-v'], { env: { PATH: '/usr/bin:/bin' } });
    assert.equal(code, 127);
    assert.match(stderr, /^sigkit-init: -v: not found\n$/);
  });
});

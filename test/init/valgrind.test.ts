import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { awaitingOrphan, init, recorder, run, sanitized, shell, startReady } from '../support/init.js';

const suppressions = fileURLToPath(new URL('../../../test/fixtures/init/probe-valgrind.supp', import.meta.url));
const errorCode = 99;
const memcheck = [
  'valgrind',
  '--quiet',
  `--error-exitcode=${errorCode}`,
  '--leak-check=full',
  `--suppressions=${suppressions}`,
];

function whyNot(): string | undefined {
  if (spawnSync('valgrind', ['--version']).error !== undefined) return 'valgrind is not installed';
  return sanitized ? 'it is built for a sanitizer' : undefined;
}

const reason = whyNot();

describe(`sigkit-init under valgrind${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  before(function () {
    if (reason !== undefined) this.skip();
  });

  const clean = (stderr: string): void => assert.doesNotMatch(stderr, /^==\d+==/m);

  for (const [what, words, wanted] of [
    ['orphans and a remapped exit code', ['-swv', '-e', '0=4', ...awaitingOrphan('exit 3')], 4],
    ['a drain', ['--drain', '-t', '0.1', ...shell('(trap "" TERM; exec sleep 1000) & sleep 1000 & exit 5')], 5],
    ['a missing command', ['-s', 'sigkit-no-such-command'], 127],
    ['a command in a session of its own', ['-s', '--session', 'true'], 0],
    ['a bad option', ['-gr', 'TERM:NOPE', 'true'], 2],
    ['the version', ['--version'], 0],
  ] as const) {
    it(`makes no mistake with ${what}`, async () => {
      const { code, stderr } = await run([...memcheck, init, ...words]);
      clean(stderr);
      assert.equal(code, wanted, stderr);
    });
  }

  it('makes none with signals that are held, rewritten, delayed and sent to a group', async () => {
    const options = ['-gv', '--hold=0.2', '--delay', '0.1', '-t', '100', '-r', 'USR2:RTMIN+2', '-p', 'USR1'];
    const child = await startReady([], [], [...memcheck, init, '-s', ...options, ...recorder(5)]);
    for (const signo of [15, 12, 10, 40, 40]) process.kill(child.pid, signo);
    const { code, stdout, stderr } = await child.ended;
    clean(stderr);
    assert.equal(code, 5, stderr);
    const arrived = [...stdout.matchAll(/^child (\d+) /gm)].map((match) => Number(match[1]));
    assert.deepEqual(new Set(arrived), new Set([10, 15, 36, 40]));
  });
});

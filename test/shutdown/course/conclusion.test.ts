import assert from 'node:assert/strict';

import type { ShutdownOptions } from 'sigkit/shutdown';

import type { Tools } from '../../fixtures/scenario.js';
import { asPid1, canUnshare } from '../../support/init.js';
import { type Outcome, outcomeOf } from '../../support/scenario.js';

/** Never comes out of the exit, when all hooks have ended; what it does there, and how it is to end, come from the environment. */
function hangsInExit({ shutdown, sigkit, fs }: Tools): void {
  const { EXIT: exit = '', HOOK: hook, SECOND: second, BUDGET: budget } = process.env;
  const options = { ...(JSON.parse(exit) as ShutdownOptions), budgetMs: Number(budget) };
  const ending = shutdown.createShutdown(options);
  ending.add('hook', () => (hook === 'fails' ? Promise.reject(new Error('failed')) : undefined));
  process.on('exit', () => {
    fs.writeSync(1, 'exit\n');
    if (second !== undefined) sigkit.sigqueue(process.pid, 'SIGINT', 0);
    for (;;);
  });
  setInterval(() => {}, 1000);
  sigkit.kill(process.pid, 'SIGTERM');
}

/** Has it come that far before the deadline: a busy machine needs longer. */
async function endOf(variables: readonly string[], wrapper: readonly string[] = []): Promise<Outcome> {
  for (let budget = variables.includes('SECOND=1') ? 30_000 : 200; ; budget *= 3) {
    const outcome = await outcomeOf(hangsInExit, { wrapper: ['env', `BUDGET=${budget}`, ...variables, ...wrapper] });
    if (outcome.stdout !== '' || budget > 10_000) return outcome;
  }
}

const lastLine = (why: string, end: string): RegExp =>
  new RegExp(
    String.raw`^sigkit: SIGTERM from pid \d+ \(uid \d+\)${why} after \d+ ms, in exited; event loop blocked for \d+ ms(?:, (?:at|in) [^;]+)?; exit ${end}\n$`,
  );

describe('a shutdown whose result is known', () => {
  for (const [what, options, variables, status, end] of [
    ['by the signal', {}, [], 'SIGTERM', 'by SIGTERM'],
    ['with a code', { exit: 7 }, [], 7, '7'],
    ['with 0', { exit: 'zero' }, [], 0, '0'],
    ['with 1 as a hook has failed', {}, ['HOOK=fails'], 1, '1'],
  ] as const) {
    for (const [by, more, why] of [
      ['the deadline', [], ': the deadline'],
      ['a second signal', ['SECOND=1'], String.raw`, then SIGINT from pid \d+ \(uid \d+\): a second signal`],
    ] as const) {
      it(`ends as that says, ${what}, also by ${by}`, async () => {
        const { code, signal, stdout, stderr } = await endOf([
          `EXIT=${JSON.stringify(options)}`,
          ...variables,
          ...more,
        ]);
        assert.deepEqual([signal ?? code, stdout], [status, 'exit\n'], stderr);
        assert.match(stderr, lastLine(why, end));
      });
    }
  }

  it('does so as PID 1', async function () {
    if (!canUnshare) return this.skip();
    const { code, stderr } = await endOf(['EXIT={}', 'SIGKIT_DETECT_LEAKS=0'], asPid1);
    assert.equal(code, 143, stderr);
    assert.match(stderr, /: the deadline after \d+ ms, in exited;.* exit 143\n$/);
  });
});

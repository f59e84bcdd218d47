import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { initPath } from 'sigkit/process';

import { type Child, startChild } from '../support/child.js';
import { init } from '../support/init.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const recipe = /'(--subreaper [^']*) --'/.exec(readFileSync(path.join(root, 'docs/init.md'), 'utf8'))?.[1] ?? '';
const runner = fileURLToPath(new URL('../fixtures/init/job-runner.js', import.meta.url));

// Whoever of them is left holds stdout open, and fails the test. `deaf` is for what ignores all that it can.
const deaf = 'trap "" TERM HUP INT QUIT;';
const escapes: Readonly<Record<string, string>> = {
  'a child in the background': 'sleep 1000 &',
  'a session of its own': 'setsid sleep 1000 &',
  'a daemon, that ignores signals': `(${deaf} setsid bash -c '${deaf} (sleep 1000 &) ; sleep 1000' & )`,
  'a group of its own': 'set -m; sleep 1000 & set +m',
  'one that is stopped': 'sleep 1000 & kill -STOP $!',
  'one that starts another when it is told to end': `bash -c 'trap "setsid sleep 1000 & exit" TERM; while :; do sleep 0.01; done' &`,
  'one that is nohup': 'nohup setsid sleep 1000 >&1 2>&1 &',
};

/** Starts a job with all escapes: the test's own end of the pipes tells when everything is gone. */
async function start(traps: string, end: string): Promise<{ readonly child: Child; readonly pid: number }> {
  process.env['JOB'] = `${Object.values(escapes).join('\n')}\n${traps} echo escaped $PPID; ${end}`;
  try {
    const child = startChild(runner, { args: [...recipe.split(' '), '--'] });
    const pid = Number((await child.line(/^escaped /)).split(' ')[1]);
    return { child, pid };
  } finally {
    delete process.env['JOB'];
  }
}

describe('a sigkit-init around each job, as docs/init.md has it', () => {
  it('the recipe is there, and initPath is the executable', () => {
    assert.equal(recipe, '--subreaper --drain --group --grace 1 --pdeathsig TERM');
    assert.equal(initPath, init);
  });

  it('a job that ends leaves nothing, and has its exit code', async () => {
    const { child } = await start('', 'exit 3');
    const { code, stdout, stderr } = await child.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ended 3$/m);
    assert.doesNotMatch(stderr, /sigkit-init/, 'stderr is the job’s');
  });

  it('nor does one that is told to end', async () => {
    const { child, pid } = await start('trap "exit 4" TERM;', 'while :; do sleep 0.01; done');
    process.kill(pid, 'SIGTERM');
    const { stdout, stderr } = await child.ended;
    assert.match(stdout, /^ended 4$/m, stderr);
  });

  it('nor one whose runner is killed', async () => {
    const { child } = await start(deaf, 'while :; do sleep 1; done');
    process.kill(child.pid, 'SIGKILL');
    const { signal, stderr } = await child.ended;
    assert.equal(signal, 'SIGKILL');
    assert.doesNotMatch(stderr, /no end within/);
  });
});

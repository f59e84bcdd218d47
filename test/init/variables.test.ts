import assert from 'node:assert/strict';

import { init, output, run } from '../support/init.js';

const variables = { SIGKIT_INIT_DELAY: '0.001', SIGKIT_INIT_GRACE: '7', SIGKIT_INIT_SUBREAPER: '1' };
const ours = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('SIGKIT_INIT_'));

describe('sigkit-init and its variables', () => {
  it('are for one init: its command has none of them, nor one that sigkit does not know', async () => {
    const env = { ...variables, SIGKIT_INIT_OF_A_LATER_VERSION: 'x', SIGKIT_INITIAL: 'y' };
    const text = await output([init, 'env'], { env });
    assert.deepEqual(ours(text), []);
    assert.ok(text.split('\n').includes('SIGKIT_INITIAL=y'));
  });

  it('an init in an init does not delay or kill again', async () => {
    const { stderr } = await run([init, '-v', init, '-v', 'true'], { env: { SIGKIT_INIT_SUBREAPER: '1' } });
    // The inner one is no subreaper, and says so.
    assert.equal(stderr.match(/not PID 1 and not a subreaper/g)?.length, 1, stderr);
  });

  it('are left in its environment by --keep-variables', async () => {
    const wanted = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const text = await output([init, '--keep-variables', '--', 'env'], { env: variables });
    assert.deepEqual(ours(text).sort(), wanted.sort());
    const kept = { ...variables, SIGKIT_INIT_KEEP_VARIABLES: 'yes' };
    assert.equal(ours(await output([init, init, 'env'], { env: kept })).length, 4);
  });

  it('what an outer init holds for somebody below the inner one goes through', async () => {
    const command = [init, '-s', '--hold=0.01', 'sh', '-c', `${init} -s env; exit $?`];
    const names = ours(await output(command, { env: { SIGKIT_INIT_GRACE: '7' } })).map((line) => line.split('=')[0]);
    assert.deepEqual(names.sort(), ['SIGKIT_INIT_HOLD_FD', 'SIGKIT_INIT_HOLD_INODE', 'SIGKIT_INIT_ORIGINAL']);
  });
});

describe('sigkit-init --delay where a service manager has started it', () => {
  const warning = /^sigkit-init: --delay under a service manager wants KillMode=mixed: .*\n$/;
  const started = (words: string): string[] => ['sh', '-c', words];

  it('says that it wants KillMode=mixed', async () => {
    const { code, stderr } = await run(started(`SYSTEMD_EXEC_PID=$$ exec ${init} -s --delay 5 true`));
    assert.equal(code, 0);
    assert.match(stderr, warning);
    // Before systemd 248 it is told by its parent.
    const old = started(`MANAGERPID=$PPID INVOCATION_ID=x exec ${init} -s --delay 5 true`);
    assert.match((await run(old)).stderr, warning);
  });

  it('says nothing without a delay, nor where somebody else has been started', async () => {
    await output(started(`SYSTEMD_EXEC_PID=$$ exec ${init} -s true`));
    await output(started(`SYSTEMD_EXEC_PID=$$ exec ${init} -s --delay 0 true`));
    await output(
      started(`SYSTEMD_EXEC_PID=$$ INVOCATION_ID=x MANAGERPID=$$; export SYSTEMD_EXEC_PID INVOCATION_ID
      ${init} -s --delay 5 true; exit $?`),
    );
    await output([init, '-s', '--delay', '5', 'true'], { env: { INVOCATION_ID: 'x', MANAGERPID: '999999999' } });
  });
});

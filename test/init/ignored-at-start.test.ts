import assert from 'node:assert/strict';

import { init, output } from '../support/init.js';
import { commandFor, scenario } from '../support/scenario.js';

/** Starts what follows as `nohup` does: with signals ignored. */
function ignoring(signals: string): string[] {
  return ['sh', '-c', `trap '' ${signals}; exec "$@"`, 'sh'];
}

const underNohup = [...ignoring('HUP'), init, '--subreaper', '--hold', '--'];

describe('what was ignored when sigkit-init --hold was started', () => {
  it('is ignored in its child, before a claim and after', () =>
    scenario(
      async ({ sigkit, sendByShell }) => {
        assert.equal(process.env['SIGKIT_INIT_ORIGINAL'], undefined);
        assert.equal(sigkit.disposition('SIGHUP'), 'ignore');
        sendByShell('HUP');
        const stream = sigkit.signals('SIGHUP');
        sendByShell('HUP');
        assert.equal((await stream.next()).value?.signal, 'SIGHUP');
        stream.close();
        assert.equal(sigkit.disposition('SIGHUP'), 'ignore');
        sendByShell('HUP');
      },
      { wrapper: underNohup },
    ));

  it('comes back with resetSignals', () =>
    scenario(
      ({ sigkit }) => {
        sigkit.resetSignals('SIGHUP');
        assert.equal(sigkit.disposition('SIGHUP'), 'ignore');
        sigkit.ignoreSignals('SIGUSR2');
        sigkit.resetSignals();
        assert.equal(sigkit.disposition('SIGHUP'), 'ignore');
        assert.equal(sigkit.disposition('SIGUSR2'), 'default');
      },
      { wrapper: underNohup },
    ));

  it('includes what Node catches by itself, real-time signals, and nothing else', () =>
    scenario(
      ({ sigkit }) => {
        const ignored = [...sigkit.validSignals()].filter((name) => sigkit.disposition(name) === 'ignore');
        // PIPE and XFSZ are Node's own.
        assert.deepEqual(ignored, ['SIGINT', 'SIGQUIT', 'SIGPIPE', 'SIGTERM', 'SIGXFSZ', 'SIGRTMIN+6']);
      },
      { wrapper: [...ignoring('INT QUIT TERM 40'), init, '--subreaper', '--hold', '--'] },
    ));

  it('is nothing, where nothing was', () =>
    scenario(({ sigkit }) => assert.equal(sigkit.disposition('SIGHUP'), 'default'), {
      wrapper: [init, '--subreaper', '--hold', '--'],
    }));

  it('is not believed by another process that has inherited the variable', async () => {
    const { command, args } = commandFor(({ sigkit }) => {
      console.log(process.env['SIGKIT_INIT_ORIGINAL'], sigkit.disposition('SIGHUP'));
    });
    const shell = ['sh', '-c', 'echo $SIGKIT_INIT_ORIGINAL; "$@"; exit 0', 'sh', command, ...args];
    const stdout = await output([...underNohup, ...shell]);
    // The shell is whom it names; SIGHUP is the lowest bit.
    assert.match(stdout, /^\d+:\d+:[\da-f]{15}1:0{16}:\d+\nundefined default\n$/);
  });

  for (const [what, change] of [
    ['of another start time', 's/:[0-9]*:/:1:/'],
    ['that makes no sense', 's/:.*/:x/'],
  ] as const) {
    it(`is not believed from a record ${what}`, async () => {
      const { command, args } = commandFor(({ sigkit }) => console.log(sigkit.disposition('SIGHUP')));
      const changed = `SIGKIT_INIT_ORIGINAL=$(echo $SIGKIT_INIT_ORIGINAL | sed ${change}) exec "$@"`;
      assert.equal(await output([...underNohup, 'sh', '-c', changed, 'sh', command, ...args]), 'default\n');
    });
  }

  it('is believed after an exec of the same process', async () => {
    const { command, args } = commandFor(({ sigkit }) => console.log(sigkit.disposition('SIGHUP')));
    assert.equal(await output([...underNohup, 'sh', '-c', 'exec "$@"', 'sh', command, ...args]), 'ignore\n');
  });
});

import assert from 'node:assert/strict';

import { until } from '../support/child.js';
import { fixture, init, recorder, shell, startReady } from '../support/init.js';
import { namespace, plain } from './places/place.js';
import { childOf, statOf } from '../support/processes.js';

// What comes is told one by one, also what is not forwarded.
const trapping = shell(
  'trap "echo continued" CONT; trap "echo ended; exit 7" TERM INT QUIT USR1; echo ready; while :; do sleep 0.01; done',
);

async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until(() => statOf(pid)?.state === 'T', `${pid} is stopped`);
}

describe('sigkit-init and a command that is stopped', () => {
  for (const place of [plain, namespace]) {
    const why = place.missing === undefined ? '' : ` (skipped: ${place.missing})`;
    it(`a termination signal reaches it, and SIGCONT after that, as ${place.name}${why}`, async function () {
      if (place.missing !== undefined) this.skip();
      for (const options of [[], ['--group'], ['--session'], ['--delay', '0.01']]) {
        for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
          const child = await startReady([], [], place.enter([init, '-s', ...options, '--', ...trapping]));
          const pid = place.asPid1 ? await childOf(child.pid) : child.pid;
          await stop(await childOf(pid));
          process.kill(pid, signal);
          const { code, stdout } = await child.ended;
          assert.equal(code, 7, `${signal} ${options.join(' ')}: ${stdout}`);
        }
      }
    });
  }

  it('by the name that --rewrite gives it, too, but not where that stops', async () => {
    const child = await startReady(['-r', 'TERM:USR1'], trapping);
    await stop(await childOf(child.pid));
    process.kill(child.pid, 'SIGTERM');
    assert.equal((await child.ended).code, 7);
    const stopping = await startReady(['-v', '-r', 'TERM:STOP'], trapping);
    const command = await childOf(stopping.pid);
    for (let round = 0; round < 2; round += 1) {
      process.kill(stopping.pid, 'SIGTERM');
      await until(() => statOf(command)?.state === 'T', 'it is stopped');
    }
    process.kill(command, 'SIGKILL');
    assert.doesNotMatch((await stopping.ended).stderr, /continued/);
  });

  it('with --group those that were stopped with it go on, too', async () => {
    const other = 'trap "echo other; exit" TERM; echo one; while :; do sleep 0.01; done';
    // The trap comes first: `one` is written while the command may not have gone on.
    const script = `trap 'wait $!; exit 7' TERM; (${other}) & wait $!; exit 9`;
    const child = await startReady([], [], [init, '-s', '--group', '--', ...shell(`echo ready; ${script}`)]);
    await child.line(/^one$/);
    const command = await childOf(child.pid);
    process.kill(-command, 'SIGSTOP');
    await until(() => statOf(command)?.state === 'T', 'it is stopped');
    process.kill(child.pid, 'SIGTERM');
    const { code, stdout } = await child.ended;
    assert.deepEqual({ code, told: stdout.includes('other') }, { code: 7, told: true });
  });

  it('one that runs again gets no SIGCONT, nor one that has never been stopped', async () => {
    for (const isStopped of [false, true]) {
      const child = await startReady([], recorder(2));
      const command = await childOf(child.pid);
      if (isStopped) {
        await stop(command);
        process.kill(command, 'SIGCONT');
        await until(() => statOf(command)?.state !== 'T', 'it runs');
        assert.match(await child.line(/^child /), /^child 18 /);
      }
      for (const signo of isStopped ? [15] : [15, 64]) {
        process.kill(child.pid, signo);
        assert.match(await child.line(/^child /), new RegExp(`^child ${signo} `));
      }
      assert.equal((await child.ended).code, 5);
    }
  });

  it('stays stopped by any other signal, and init waits for it', async () => {
    const child = await startReady([], [], [init, '-s', fixture('probe-record'), '2']);
    const command = await childOf(child.pid);
    await stop(command);
    process.kill(child.pid, 'SIGUSR1');
    await until(() => statOf(child.pid)?.state === 'S', 'init sleeps');
    assert.equal(statOf(command)?.state, 'T');
    process.kill(child.pid, 'SIGCONT');
    const { code, stdout } = await child.ended;
    assert.equal(code, 5);
    assert.deepEqual(
      [...stdout.matchAll(/^child (\d+) /gm)].map(([, signo]) => signo),
      ['10', '18'],
    );
  });
});

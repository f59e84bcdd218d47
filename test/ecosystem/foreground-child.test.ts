import assert from 'node:assert/strict';

import { until } from '../support/child.js';
import { childrenOf } from '../support/processes.js';
import { alike, program } from './support/beside.js';
import { readyPid, sends } from './support/drive.js';
import { needs } from './support/installed.js';

const file = program('foreground-child.mjs');
// The last thing that it does is to start a second child, its watchdog.
const listens = (pid: number): Promise<void> => until(() => childrenOf(pid).length === 2, 'it is all there');
const waits = 'echo ready $$; read line';

describe('foreground-child beside sigkit', () => {
  needs('foreground-child');

  it('ends with the exit code of its child', async () => {
    assert.equal((await alike(file, { args: ['exit 7'] })).code, 7);
  });

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
    it(`dies of ${signal} as its child did`, async () => {
      assert.equal((await alike(file, { args: [`kill -${signal.slice(3)} $$`] })).signal, signal);
    });
  }

  for (const [signal, trap] of [
    ['SIGTERM', 'TERM'],
    ['SIGINT', 'INT'],
    ['SIGUSR2', 'USR2'],
  ] as const) {
    it(`passes ${signal} on to its child, and ends as that does`, async () => {
      const args = [`trap 'echo ${trap}; exit 42' ${trap}; ${waits}`];
      const { code, stdout } = await alike(file, {
        args,
        async drive(trial) {
          await readyPid(trial);
          await listens(trial.child.pid);
          process.kill(trial.child.pid, signal);
        },
      });
      assert.deepEqual([code, stdout], [42, `ready\n${trap}\n`]);
    });
  }

  it('a child that is killed takes it along', async () => {
    assert.equal((await alike(file, { args: [waits], ...sends('SIGKILL') })).signal, 'SIGKILL');
  });
});

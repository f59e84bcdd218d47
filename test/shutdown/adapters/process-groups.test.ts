import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { getpgrp } from 'sigkit/process';
import { endGroup } from 'sigkit/shutdown';

import { startChild, until } from '../../support/child.js';
import { contextOf } from '../../support/hooks.js';
import { statOf } from '../../support/processes.js';
import { outcomeOf } from '../../support/scenario.js';

const fixture = fileURLToPath(new URL('../../fixtures/shutdown/groups.js', import.meta.url));

/** The leader of a group of its own, once it runs. */
async function startGroup(script: string): Promise<{ readonly leader: ChildProcess; readonly group: number }> {
  const leader = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(leader.stdout, 'data');
  return { leader, group: leader.pid ?? assert.fail() };
}

// What a PID 1 has not reaped yet has ended all the same.
function hasEnded(group: number): boolean {
  const members = readdirSync('/proc').map((name) => statOf(Number(name)));
  return !members.some((stat) => stat?.group === group && stat.state !== 'Z');
}

describe('endGroup', () => {
  it('ends a group by the signal that it is told, and what is left of it by SIGKILL', async () => {
    const { leader, group } = await startGroup(
      'trap "echo TERM" TERM; (trap "" INT; exec sleep 1000) & echo ready; wait',
    );
    const ended = once(leader, 'exit');
    await endGroup(group, { sig: 'SIGINT', graceMs: 2000 })(contextOf('release'));
    assert.deepEqual(await ended, [null, 'SIGINT']);
    await until(() => hasEnded(group), 'the group has ended');
  });

  it('does nothing to a group that is gone', async () => {
    const { leader, group } = await startGroup('echo ready');
    await until(() => leader.exitCode !== null, 'the leader has ended');
    await endGroup(group)(contextOf('release'));
  });

  it('kills it in the instant in which its time is over', async () => {
    const { leader, group } = await startGroup(
      'trap "echo TERM" TERM; echo ready; while :; do sleep 1000 & wait; done',
    );
    const controller = new AbortController();
    const ending = endGroup(group, { graceMs: 60_000 })(contextOf('release', controller));
    await once(leader.stdout ?? assert.fail(), 'data');
    const ended = once(leader, 'exit');
    const rejected = assert.rejects(ending, { name: 'AbortError' });
    controller.abort();
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await rejected;
    await until(() => hasEnded(group), 'the group has ended');
  });

  for (const [mode, outcome, code] of [
    ['orderly', 'done', null],
    ['aborted', 'timed-out', 1],
    ['blocked', undefined, 124],
  ] as const)
    it(`leaves no member of a group behind: ${mode}`, async () => {
      const child = startChild(fixture, { args: [mode] });
      const group = Number(await child.line(/^\d+$/));
      assert.equal(statOf(group)?.group, group);
      process.kill(child.pid, 'SIGTERM');
      const ended = await child.ended;
      assert.deepEqual([ended.code, ended.signal], [code, code === null ? 'SIGTERM' : null], ended.stderr);
      assert.equal(ended.stdout.split('\n')[1] || undefined, outcome);
      await until(() => hasEnded(group), 'the group has ended');
    });

  it('leaves no group behind for want of a descriptor', async () => {
    const { code, stdout, stderr } = await outcomeOf(
      ({ shutdown, childProcess, fs }) => {
        const { pid = 0 } = childProcess.spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
        fs.writeSync(1, String(pid));
        const ending = shutdown.createShutdown().add('group', shutdown.endGroup(pid));
        assert.throws(() => {
          for (;;) fs.openSync('/dev/null', 'r');
        }, /EMFILE/);
        void ending.shutdown();
      },
      { wrapper: ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'] },
    );
    assert.equal(code, 1, stderr);
    await until(() => hasEnded(Number(stdout)), 'the group has ended');
  });

  it('a group stays registered as long as anybody has registered it, and has not said that it has ended', async () => {
    const { code, stdout, stderr } = await outcomeOf(({ shutdown, childProcess, fs }) => {
      const start = (): number => childProcess.spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).pid ?? 0;
      const [twice, alsoByHand, once, ended] = [start(), start(), start(), start()];
      const ending = shutdown.createShutdown({ budgetMs: 50, reserveMs: 0 });
      ending.stage('drain', { timeoutMs: 20_000 });
      ending.add('hook', () => new Promise(() => {}), { stage: 'drain' });
      ending.addGroup(alsoByHand);
      for (const [index, group] of [twice, alsoByHand, once].entries()) {
        ending.add(`removed ${index}`, shutdown.endGroup(group));
        if (group === twice) ending.add('other', shutdown.endGroup(group));
        ending.remove(`removed ${index}`);
      }
      ending.add('ended', shutdown.endGroup(ended));
      ending.removeGroup(ended);
      fs.writeSync(1, JSON.stringify([twice, alsoByHand, once, ended]));
      process.kill(process.pid, 'SIGTERM');
    });
    assert.equal(code, 124, stderr);
    const [twice = 0, alsoByHand = 0, ...others] = JSON.parse(stdout) as number[];
    try {
      for (const group of [twice, alsoByHand]) await until(() => hasEnded(group), 'the registered one is gone');
      for (const group of others) assert.equal(hasEnded(group), false);
    } finally {
      for (const group of others) process.kill(group, 'SIGKILL');
    }
  });

  it('says what is wrong with its arguments', () => {
    for (const target of [0, 1, -5, 1.5, getpgrp()])
      assert.throws(() => endGroup(target), { code: 'ERR_OUT_OF_RANGE' });
    for (const target of ['5', null, {}])
      assert.throws(() => endGroup(target as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => endGroup(5, { sig: 'SIGSTOP' }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => endGroup(5, { graceMs: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  });
});

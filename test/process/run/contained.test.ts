import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('run() of a contained command', () => {
  for (const kind of ['supervisor', undefined] as const) {
    const how = kind === undefined ? 'by what can be had' : `by a ${kind}`;
    const wrapper = ['env', `KIND=${kind ?? ''}`];

    it(`${how}: a daemon ends with it, and the result says who it was`, () =>
      scenario(
        async ({ processes, fs, until }) => {
          const kind = (process.env['KIND'] || undefined) as 'supervisor' | undefined;
          const result = await processes.run('sh', ['-c', 'setsid sleep 1000 & echo $!'], {
            scope: 'contained',
            ...(kind === undefined ? {} : { contain: kind }),
          });
          const daemon = Number(result.stdout);
          assert.equal(result.ok, true);
          assert.deepEqual(
            result.left.map(({ pid, ended }) => ({ pid, ended })),
            [{ pid: daemon, ended: true }],
          );
          if (kind === undefined) assert.notEqual(result.containment, null);
          else assert.equal(result.containment, kind);
          assert.equal(result.jobUsage === null, result.containment !== 'cgroup');
          assert.deepEqual(result.heldOpen, { stdout: false, stderr: false });
          await until(
            () =>
              !fs.existsSync(`/proc/${daemon}`) || /State:\s+Z/.test(fs.readFileSync(`/proc/${daemon}/status`, 'utf8')),
            'it is gone',
          );
        },
        { wrapper },
      ));

    it(`${how}: a time-out, an abort, and leaving its lines end all of it`, () =>
      scenario(
        async ({ processes }) => {
          const kind = (process.env['KIND'] || undefined) as 'supervisor' | undefined;
          const contained = { scope: 'contained', ...(kind === undefined ? {} : { contain: kind }) } as const;
          // Whoever ignores SIGTERM is killed.
          const stubborn = ['-c', `trap '' TERM; setsid sleep 1000 & echo ready; wait; sleep 1000`];
          const timedOut = await processes.run('sh', stubborn, {
            ...contained,
            timeoutMs: 300,
            graceMs: 200,
            reject: false,
          });
          assert.equal(timedOut.reason, 'timeout');
          assert.equal(timedOut.termSignal, 'SIGKILL');

          const abort = new AbortController();
          const aborted = processes.run('sh', stubborn, {
            ...contained,
            signal: abort.signal,
            graceMs: 100,
            reject: false,
          });
          for await (const line of aborted) if (line === 'ready') abort.abort();
          const { reason, left: ended } = await aborted;
          assert.equal(reason, 'aborted');
          assert.ok(
            ended.some(({ comm }) => comm === 'sleep' || comm === 'setsid' || comm === 'sh'),
            JSON.stringify(ended),
          );

          const left = processes.run('sh', stubborn, { ...contained, graceMs: 100, reject: false });
          for await (const line of left) if (line === 'ready') break;
          assert.equal((await left).reason, 'disposed');
        },
        { wrapper },
      ));
  }

  it('what contradicts it is refused', () =>
    scenario(({ processes }) => {
      for (const options of [
        { scope: 'group', contain: true },
        { scope: 'contained', contain: false },
        { scope: 'contained', parentDeathSignal: 'SIGTERM', contain: 'nothing' },
      ] as const) {
        assert.throws(() => processes.run('true', [], options as never), { code: 'ERR_OUT_OF_RANGE' });
      }
    }));
});

import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { endCluster } from 'sigkit/shutdown';

import { startChild, until } from '../../support/child.js';
import { childrenOf, statOf } from '../../support/processes.js';
import { RawClient } from '../../support/raw-client.js';

const fixture = fileURLToPath(new URL('../../fixtures/shutdown/cluster.js', import.meta.url));

describe('endCluster', () => {
  for (const [mode, outcomes, code] of [
    ['obedient', 'done,done', 0],
    ['signalled', 'done,done', 0],
    ['deaf', 'done,timed-out', 1],
    ['failing', 'done,failed', 1],
    ['untold', 'done,failed', 1],
    ['overtaken', 'timed-out,skipped,done', 1],
    ['restarting', 'done,done', 0],
  ] as const)
    it(`ends workers that are ${mode}`, async () => {
      const child = startChild(fixture, { args: [mode] });
      const port = Number(await child.line(/^\d+$/));
      const client = await RawClient.connect(port);
      client.get('/');
      const served = Number((await client.response()).body);
      const workers = childrenOf(child.pid);
      assert.ok(workers.includes(served));
      process.kill(child.pid, 'SIGTERM');
      const { code: exitCode, stdout, stderr } = await child.ended;
      assert.equal(exitCode, code, stderr);
      const [, results, forks] = stdout.split('\n');
      assert.equal(results, outcomes);
      // Whom its time-out has killed may be there for an instant more.
      const alive = mode === 'deaf' ? '\\d' : '0';
      assert.match(forks ?? '', new RegExp(`^forks: ${mode === 'restarting' ? 4 : 2}, alive: ${alive}$`));
      await until(() => workers.every((pid) => (statOf(pid)?.state ?? 'Z') === 'Z'), 'no worker is left');
      await client.closed();
    });

  it('tells workers by SIGTERM that have got the SIGINT of Ctrl-C already', async () => {
    const child = startChild(fixture, { args: ['ordered'], wrapper: ['setsid'] });
    // Its connection keeps one of them for a second.
    const client = await RawClient.connect(Number(await child.line(/^\d+$/)));
    client.get('/');
    await client.response();
    process.kill(-child.pid, 'SIGINT');
    const { code, stdout, stderr } = await child.ended;
    assert.deepEqual([code, stdout.split('\n')[1], stderr], [0, 'done,done', '']);
    assert.equal(await client.closed(), 'end');
  });

  it('is for the primary', () => {
    assert.throws(() => endCluster({ isPrimary: false } as typeof cluster), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => endCluster(null as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => endCluster(cluster, { tell: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  it('leaves no listener behind', () => {
    const before = cluster.eventNames();
    endCluster(cluster)[Symbol.dispose]();
    assert.deepEqual(cluster.eventNames(), before);
  });
});

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { sigqueue } from 'sigkit';

import { until } from '../support/child.js';
import { recorder, sanitized, scratch, shell, startReady } from '../support/init.js';
import { childOf, childrenOf } from '../support/processes.js';

const canTrace = spawnSync('strace', ['-V']).error === undefined;

function switches(pid: number): number {
  const counts = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/ctxt_switches:\t(\d+)/g);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe('sigkit-init at rest', () => {
  it('is one thread, and does not wake up', async () => {
    const child = await startReady(['--grace=5', '--drain'], shell('echo ready; read line'));
    const command = await childOf(child.pid);
    await until(() => /^State:\tS/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')), 'init sleeps');
    const before = switches(child.pid);
    // As long as two wake-ups of an init that looks once a second.
    await delay(2500);
    assert.equal(switches(child.pid), before);
    assert.deepEqual(readdirSync(`/proc/${child.pid}/task`), [String(child.pid)]);
    process.kill(command, 'SIGKILL');
    assert.equal((await child.ended).signal, 'SIGKILL');
  });

  it(`allocates nothing once its command runs${canTrace ? '' : ' (skipped: no strace)'}`, async function () {
    if (!canTrace || sanitized) return this.skip();
    const count = 2000;
    const orphans = 'exec 3<&0; i=0; while [ $i -lt 20 ]; do (cat <&3 >/dev/null &); i=$((i+1)); done; exec 3<&- <&-';
    const child = await startReady(['-w'], shell(`${orphans}; exec ${recorder(count).join(' ')}`));
    const log = path.join(scratch(), 'memory.log');
    const calls = 'brk,mmap,mremap,munmap,rt_sigqueueinfo';
    const tracer = spawn('strace', ['-o', log, '-e', `trace=${calls}`, '-p', String(child.pid)]);
    // It can be gone before the init's end is seen here.
    const traced = once(tracer, 'close');
    await once(tracer.stderr, 'data');
    assert.equal(childrenOf(child.pid).length, 21);
    child.process.stdin?.end();
    await until(() => childrenOf(child.pid).length === 1, 'the orphans are reaped');
    for (let value = 0; value < count; value += 1) sigqueue(child.pid, 40, value);
    assert.equal((await child.ended).code, 5);
    await traced;
    const seen = [...readFileSync(log, 'utf8').matchAll(/^(\w+)\(/gm)].map(([, name]) => name);
    assert.deepEqual(new Set(seen), new Set(['rt_sigqueueinfo']));
    assert.equal(seen.length, count);
  });
});

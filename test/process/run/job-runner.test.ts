import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Child, startChild, until } from '../../support/child.js';
import { marked } from '../../support/marked.js';

const file = fileURLToPath(new URL('../../../examples/job-runner.js', import.meta.url));

describe('the example of a job runner', () => {
  let queue = '';
  let mark = '';
  const has = (name: string): boolean => existsSync(path.join(queue, name));
  const nobody = (): boolean => marked(mark).length === 0;

  beforeEach(() => {
    queue = mkdtempSync(path.join(tmpdir(), 'sigkit-queue-'));
    mark = `QUEUE=${queue}`;
  });
  afterEach(() => rmSync(queue, { recursive: true }));

  function add(name: string, script: string): void {
    const whole = path.join(queue, `${name}.new`);
    writeFileSync(whole, JSON.stringify({ command: ['env', mark, 'sh', '-c', script] }));
    renameSync(whole, path.join(queue, `${name}.json`));
  }

  const start = (): Child => startChild(file, { args: [queue], deadlineMs: 50_000 });
  // It has a daemon, which ignores what can be ignored.
  const lasting = (ready: string): string =>
    `trap '' TERM HUP; setsid sleep 1000 & touch "${path.join(queue, ready)}"; sleep 1000`;

  it('runs what is there and what comes, writes output and usage, and drains on SIGTERM', async () => {
    add('first', 'echo one; echo two >&2; exit 3');
    const runner = start();
    await until(() => has('first.result'), 'the first has ended');
    add(
      'second',
      `touch "${path.join(queue, 'begun')}"; while [ ! -e "${path.join(queue, 'go')}" ]; do sleep 0.02; done`,
    );
    await until(() => has('begun'), 'the second has begun');
    runner.process.kill('SIGTERM');
    add('third', 'true');
    writeFileSync(path.join(queue, 'go'), '');
    const { code, stderr } = await runner.ended;
    assert.equal(code, 0, stderr);
    const result = JSON.parse(readFileSync(path.join(queue, 'first.result'), 'utf8')) as Record<string, unknown>;
    assert.equal(result['exitCode'], 3);
    assert.match(readFileSync(path.join(queue, 'first.log'), 'utf8'), /one[^]*two|two[^]*one/);
    assert.equal(has('second.result'), true);
    assert.ok(nobody());
  });

  it('ends a job that is cancelled, with all that it has started', async () => {
    add('job', lasting('ready'));
    const runner = start();
    await until(() => has('ready'), 'it runs');
    writeFileSync(path.join(queue, 'job.cancel'), '');
    await until(() => has('job.result'), 'it has ended');
    assert.ok(nobody());
    assert.match(readFileSync(path.join(queue, 'job.result'), 'utf8'), /"reason": "aborted"/);
    runner.process.kill('SIGTERM');
    await runner.ended;
  });

  it('leaves nothing when it is killed, and the next one begins anew', async () => {
    add('job', lasting('ready'));
    const runner = start();
    await until(() => has('ready'), 'it runs');
    runner.process.kill('SIGKILL');
    await until(nobody, 'nothing is left');
    rmSync(path.join(queue, 'ready'));
    const next = start();
    await until(() => has('ready'), 'it runs again');
    writeFileSync(path.join(queue, 'job.cancel'), '');
    await until(() => has('job.result'), 'it has ended');
    next.process.kill('SIGTERM');
    await next.ended;
    assert.ok(nobody());
  });
});

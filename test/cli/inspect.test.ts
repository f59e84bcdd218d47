import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

import { inspectProcess } from 'sigkit/diagnostics';

import { needPython } from '../fixtures/process/means.js';
import type { Child } from '../support/child.js';
import { command, sigkit } from '../support/command.js';
import { startCommand } from '../support/init.js';
import { childOf } from '../support/processes.js';
import { endTarget, startTarget, targetOf } from '../support/targets.js';

describe('sigkit inspect', () => {
  const started: Child[] = [];
  async function target(mode: string): Promise<number> {
    const child = await startTarget(mode);
    started.push(child);
    return child.pid;
  }
  before(function () {
    needPython(this);
  });
  afterEach(async () => {
    for (const child of started.splice(0)) await endTarget(child);
  });

  it('tables of what it is, of its threads and of its children', async () => {
    const shell = startCommand(['sh', '-c', '"$@"; true', 'sh', ...targetOf('block-in-thread')]);
    started.push(shell);
    await shell.line(/^ready$/);
    const child = await childOf(shell.pid);
    const parent = sigkit(['inspect', String(shell.pid)]);
    assert.match(
      parent.stdout,
      new RegExp(`^PID +NAME +STATE +AGE\n${child} +python.* +sleeping +[\\d.]+ (?:s|min)$`, 'm'),
    );
    const { status, stdout, stderr } = sigkit(['inspect', String(child)]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(stdout.startsWith(`${child} ${inspectProcess(child).command?.join(' ')}\n`), stdout);
    assert.match(stdout, new RegExp(`^parent +${shell.pid}$`, 'm'));
    assert.match(stdout, new RegExp(`^group +${shell.pid}, session ${shell.pid}, no terminal$`, 'm'));
    assert.match(stdout, /^pid +in this pid namespace$/m);
    assert.match(stdout, /^namespaces +as here$/m);
    assert.match(stdout, /^caught +(?:\w+ )*INT\b/m);
    assert.match(stdout, /^queue +\d+ of \d+ signals of its user$/m);
    assert.match(stdout, /^TID +NAME +STATE +WAITS IN +PENDING +BLOCKED$/m);
    assert.match(stdout, new RegExp(`^${child} +\\S+ +sleeping +\\S+ +- +-$`, 'm'));
    assert.match(stdout, /^\d+ +\S+ +sleeping +\S+ +- +TERM$/m);
    assert.doesNotMatch(stdout, /^PID /m);
  });

  it('--json: what inspectProcess() returns, sets as arrays, and no limit as a word', async () => {
    const pid = await target('pending');
    const { stdout, status } = sigkit(['inspect', '--json', String(pid)]);
    const told = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
    const about = inspectProcess(pid);
    assert.equal(status, 0);
    assert.deepEqual(Object.keys(told), Object.keys(about));
    assert.deepEqual(told['pending'], ['SIGTERM']);
    assert.deepEqual(told['command'], about.command);
    assert.deepEqual((told['limits'] as typeof about.limits)?.locks, { soft: 'unlimited', hard: 'unlimited' });
  });

  it('of many signals those that are missing', async () => {
    const { stdout } = sigkit(['inspect', String(process.pid)]);
    // Node's inspector thread.
    assert.match(stdout, /^\d+ +\S+ +sleeping +\S+ +- +all$/m);
  });

  it('text of others is no text of a terminal', () => {
    const child = startCommand(['sh', '-c', 'echo ready; cat; true', 'sh', '\u001b[31m']);
    started.push(child);
    const { stdout } = sigkit(['inspect', String(child.pid)]);
    assert.ok(stdout.includes(String.raw`\x1B[31m`) && !stdout.includes('\u001b'), stdout);
  });

  it('nobody reads on', async () => {
    const pid = await target('plain');
    const script = '"$@" | true; exit "${PIPESTATUS[0]}"';
    const args = ['-c', script, 'bash', process.execPath, command, 'inspect', String(pid)];
    const { status, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('4 where it cannot be written: a full disk', () => {
    const full = openSync('/dev/full', 'w');
    const args = [command, 'inspect', String(process.pid)];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    assert.equal(status, 4);
    assert.match(stderr, /^sigkit: ENOSPC: .*\n$/);
  });

  it('2 for what it does not know, 3 if there is no such process', () => {
    for (const [args, problem] of [
      [[], 'no PID'],
      [['x'], 'no pid: x'],
      [['1', '2'], 'too much: 2'],
      [['--nonsense', '1'], "Unknown option '--nonsense'"],
    ] as const) {
      const { status, stdout, stderr } = sigkit(['inspect', ...args]);
      assert.deepEqual([status, stdout], [2, '']);
      assert.ok(stderr.startsWith(`sigkit: ${problem}\nusage: sigkit inspect [--json] PID\n`), stderr);
    }
    const gone = sigkit(['inspect', String(0x7fffffff)]);
    assert.deepEqual([gone.status, gone.stdout, gone.stderr], [3, '', 'sigkit: no such process\n']);
  });
});

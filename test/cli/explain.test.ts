import assert from 'node:assert/strict';

import { explain } from 'sigkit/diagnostics';

import { needPython } from '../fixtures/process/means.js';
import type { Child } from '../support/child.js';
import { command, sigkit } from '../support/command.js';
import { startCommand } from '../support/init.js';
import { endTarget, startTarget } from '../support/targets.js';
import { onTerminal } from '../support/terminal.js';

const escape = '\u001b[';

describe('sigkit explain', () => {
  let target: Child;
  let pid = '';
  before(async function () {
    needPython(this);
    target = await startTarget('ignore');
    pid = String(target.pid);
  });
  after(async () => endTarget(target));

  it('a line for each finding, and below it on what it rests; 1 if the signal is lost', () => {
    const { status, stdout, stderr } = sigkit(['explain', 'SIGTERM', pid]);
    assert.equal(stderr, '');
    const [finding = assert.fail()] = explain(target.pid, 'SIGTERM');
    assert.deepEqual(stdout, `lost  ${finding.text}\n             ${finding.evidence.join()}\n`);
    assert.equal(status, 1);
  });

  it('0 if somebody gets it; a signal as kill(1) has it', () => {
    for (const signal of ['HUP', '1', 'sighup']) {
      const { status, stdout } = sigkit(['explain', signal, pid]);
      assert.match(stdout, /^delivered  nobody handles SIGHUP: the process ends\n/);
      assert.equal(status, 0);
    }
  });

  it('--json: what explain() returns', () => {
    const { status, stdout } = sigkit(['explain', '--json', 'TERM', pid]);
    assert.deepEqual(JSON.parse(stdout), explain(target.pid, 'SIGTERM'));
    assert.equal(status, 1);
  });

  for (const [coloured, variables] of [
    [true, ['TERM=xterm']],
    [false, ['TERM=xterm', 'NO_COLOR=1']],
    [false, ['TERM=dumb']],
  ] as const)
    it(`${coloured ? 'colours' : 'no colours'} on a terminal with ${variables.join(' ')}`, async () => {
      // Node has no colours where CI is set, and others have variables of their own.
      const clean = ['env', '-i', ...variables, process.execPath];
      const child = startCommand([...onTerminal, ...clean, command, 'explain', 'TERM', pid]);
      const { stdout } = await child.ended;
      assert.match(stdout, /the process ignores SIGTERM/);
      assert.equal(stdout.includes(escape), coloured, stdout);
    });

  it('no colours where it is no terminal', () => {
    assert.ok(!sigkit(['explain', 'TERM', pid], { env: { TERM: 'xterm' } }).stdout.includes(escape));
  });

  it('refuses what it does not know, with 2 and its usage', () => {
    for (const [args, problem] of [
      [[], 'no SIGNAL'],
      [['TERM'], 'no PID'],
      [['TERM', '1', '2'], 'too much: 2'],
      [['NONSENSE', '1'], 'no signal: NONSENSE'],
      [['TERM', 'init'], 'no pid: init'],
      [['TERM', '0'], 'no pid: 0'],
      [['--nonsense', 'TERM', '1'], "Unknown option '--nonsense'"],
      [['TERM', '\u001b[31m'], String.raw`no pid: \x1B[31m`],
    ] as const) {
      const { status, stdout, stderr } = sigkit(['explain', ...args]);
      assert.deepEqual([status, stdout], [2, '']);
      assert.ok(stderr.startsWith(`sigkit: ${problem}\nusage: sigkit explain [--json] SIGNAL PID\n`), stderr);
    }
  });

  it('3 if there is no such process, 4 if nothing can be told', () => {
    const gone = sigkit(['explain', 'TERM', String(0x7fffffff)]);
    assert.deepEqual([gone.status, gone.stdout, gone.stderr], [3, '', 'sigkit: no such process\n']);
    const elsewhere = sigkit(['explain', 'TERM', pid], { env: { SIGKIT_BACKEND: 'portable' } });
    assert.equal(elsewhere.status, 4);
    assert.match(elsewhere.stderr, /^sigkit: explain\(\) needs Node on Linux/);
  });

  it('--help', () => {
    const { status, stdout } = sigkit(['explain', '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /^usage: sigkit explain .*\n[^]*Exit codes: 0 .*, 1 .*, 2 usage, 3 .*, 4 /);
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { inNamespace, needPython, needRoot } from '../fixtures/process/means.js';
import { type Child, until } from '../support/child.js';
import { command, sigkit } from '../support/command.js';
import { asking, type Diagnosed, endDiagnosed, startDiagnosed } from '../support/diagnosed.js';
import { startCommand } from '../support/init.js';
import { childOf, isRunning } from '../support/processes.js';
import { endTarget, startTarget } from '../support/targets.js';

const record = fileURLToPath(new URL('../../../test/fixtures/diagnostics/record.py', import.meta.url));
const asks = 1n << 45n;

// Whether what asks, SIGRTMIN+12, waits for it.
const isAsked = (pid: number): boolean =>
  (BigInt(`0x${/^ShdPnd:\t(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'}`) & asks) !== 0n;

describe('sigkit stacks', () => {
  const opened: Diagnosed[] = [];
  const targets: Child[] = [];
  async function start(...args: Parameters<typeof startDiagnosed>): Promise<Diagnosed> {
    const diagnosed = await startDiagnosed(...args);
    opened.push(diagnosed);
    return diagnosed;
  }
  async function startRecord(offset: number): Promise<number> {
    const child = startCommand(['python3', record, String(offset)]);
    targets.push(child);
    await child.line(/^ready$/);
    return child.pid;
  }
  afterEach(async () => {
    for (const one of opened.splice(0)) await endDiagnosed(one);
    for (const one of targets.splice(0)) await endTarget(one);
  });

  it('where a process hangs, and as JSON with the file that it has written', async () => {
    const { child, directory } = await start(['spins']);
    const { status, stdout, stderr } = sigkit(['stacks', String(child.pid)]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^SIGRTMIN\+12 from pid \d+ \(uid \d+\): stacks of 1 threads, pid \d+\n/);
    assert.match(
      stdout,
      /^main \(thread 0, tid \d+\) runs JavaScript; event loop blocked for \d+ ms\n {4}at parseRows /m,
    );
    const told = JSON.parse(sigkit(['stacks', '--json', String(child.pid)]).stdout) as Readonly<
      Record<string, unknown>
    >;
    assert.deepEqual(Object.keys(told), ['pid', 'file', 'lines']);
    assert.equal(readFileSync(String(told['file']), 'utf8'), `${(told['lines'] as string[]).join('\n')}\n`);
    assert.equal(readdirSync(directory).length, 2);
  });

  it('of one that has none open what /proc tells, with 4; it gets no signal', async function () {
    needPython(this);
    const child = await startTarget('plain');
    targets.push(child);
    const { status, stdout, stderr } = sigkit(['stacks', String(child.pid)]);
    assert.equal(status, 4);
    assert.match(
      stdout,
      new RegExp(`^TID +NAME +STATE +SYSCALL +WAITS IN\n${child.pid} +python.* sleeping +(?:\\d+|-) +\\S+\n`),
    );
    assert.match(
      stderr,
      /^sigkit: process \d+ has no diagnostics open, .* node --import sigkit\/diagnostics\/register/,
    );
    const told = JSON.parse(sigkit(['stacks', '--json', String(child.pid)]).stdout) as Readonly<
      Record<string, unknown>
    >;
    assert.deepEqual([told['pid'], told['diagnostics'], told['state']], [child.pid, null, 'sleeping']);
    child.write('x\n');
    await child.line(/^answer x$/);
  });

  it('sends nothing to who has no handler, or has the record of another process', async function () {
    needPython(this);
    const [without, copy] = [await startRecord(0), await startRecord(1)];
    const { status, stderr } = sigkit(['stacks', String(without)]);
    assert.deepEqual([status, stderr], [1, `sigkit: process ${without} has just closed its diagnostics\n`]);
    assert.equal(sigkit(['stacks', String(copy)]).status, 4);
    for (const pid of [without, copy]) assert.ok(isRunning(pid));
  });

  it('says who refuses, and who has no directory', async () => {
    const [refusing, without] = await Promise.all([
      start([], { SIGKIT_DIAGNOSTICS_ALLOW_UIDS: '54321' }),
      start([], { SIGKIT_DIAGNOSTICS_DIRECTORY: '' }),
    ]);
    const [refused, unable] = await Promise.all([
      asking('stacks', String(refusing.child.pid)),
      asking('stacks', String(without.child.pid)),
    ]);
    assert.deepEqual([refused.code, refused.stdout, unable.code, unable.stdout], [1, '', 1, '']);
    assert.match(refused.stderr, /^sigkit: process \d+ has refused somebody, and not answered: see its allow\n$/);
    assert.match(
      unable.stderr,
      /^sigkit: process \d+ has no directory for files .*; SIGQUIT prints the stacks to its stderr\n$/,
    );
  });

  it('1 for one that is stopped, and does not answer in time; the next one is answered', async () => {
    const { child } = await start();
    child.process.kill('SIGSTOP');
    const late = await asking('stacks', '--timeout', '50', String(child.pid));
    assert.deepEqual([late.code, late.stdout], [1, '']);
    assert.match(
      late.stderr,
      /^sigkit: process \d+ has not answered within 50 ms: it is stopped, and kill -CONT continues it\n$/,
    );
    child.process.kill('SIGCONT');
    const next = await asking('stacks', String(child.pid));
    assert.deepEqual([next.code, next.stderr], [0, '']);
  });

  it('3 for one that ends before it has answered', async () => {
    const { child } = await start();
    child.process.kill('SIGSTOP');
    const asked = asking('stacks', String(child.pid));
    await until(() => isAsked(child.pid), 'the request');
    child.process.kill('SIGKILL');
    const { code, stdout, stderr } = await asked;
    assert.deepEqual([code, stdout, stderr], [3, '', `sigkit: process ${child.pid} has ended before it answered\n`]);
  });

  it('finds its own answer though others have come since', async () => {
    const { child, directory } = await start();
    child.process.kill('SIGSTOP');
    const asked = startCommand([process.execPath, command, 'stacks', String(child.pid)]);
    await until(() => isAsked(child.pid), 'the request');
    asked.process.kill('SIGSTOP');
    child.process.kill('SIGCONT');
    await until(() => readdirSync(directory).some((name) => name.endsWith('-stacks.txt')), 'the answer');
    for (const kind of [[], ['--report']]) assert.equal((await asking('dump', ...kind, String(child.pid))).code, 0);
    asked.process.kill('SIGCONT');
    const { code, stdout, stderr } = await asked.ended;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^SIGRTMIN\+12 from pid \d+ /);
  });

  it('of a process in other namespaces, by a path from here', async function () {
    needRoot(this);
    const { child } = await start(['spins'], {}, inNamespace(this));
    const pid = await childOf(child.pid);
    try {
      const { status, stdout, stderr } = sigkit(['stacks', '--json', String(pid)]);
      assert.deepEqual([status, stderr], [0, '']);
      const { file, lines } = JSON.parse(stdout) as { readonly file: string; readonly lines: readonly string[] };
      assert.ok(file.startsWith(`/proc/${pid}/root/`), file);
      assert.match(lines.join('\n'), /^ {4}at parseRows /m);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('2 for what it does not know, 3 if there is no such process', () => {
    for (const [args, problem] of [
      [[], 'no PID'],
      [['x'], 'no pid: x'],
      [['--timeout', 'soon', '1'], 'no time: soon'],
      [['--cpu', '1', '1'], "Unknown option '--cpu'"],
    ] as const) {
      const { status, stderr } = sigkit(['stacks', ...args]);
      assert.equal(status, 2);
      assert.ok(stderr.startsWith(`sigkit: ${problem}\nusage: sigkit stacks `), stderr);
    }
    const gone = sigkit(['stacks', String(0x7fffffff)]);
    assert.deepEqual([gone.status, gone.stderr], [3, 'sigkit: no such process\n']);
  });
});

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { threads } from 'sigkit';
import { inspectProcess, type ProcessNode } from 'sigkit/diagnostics';

import { inNamespace, need, needNoSanitizer, needPython, needRoot } from '../fixtures/process/means.js';
import { type Child, until } from '../support/child.js';
import { startCommand } from '../support/init.js';
import { childOf, statOf } from '../support/processes.js';
import { scenario } from '../support/scenario.js';
import { endTarget, startTarget, targetOf, untilState } from '../support/targets.js';
import { Terminal } from '../support/terminal.js';

const statusOf = (pid: number, label: string): string =>
  new RegExp(`^${label}:\\t(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

describe('inspectProcess', () => {
  const started: Child[] = [];
  async function start(command: readonly string[], ready: RegExp = /^ready$/): Promise<Child> {
    const child = startCommand(command);
    started.push(child);
    await child.line(ready);
    return child;
  }
  async function target(...args: readonly string[]): Promise<Child> {
    const child = await startTarget(...args);
    started.push(child);
    return child;
  }
  before(function () {
    needPython(this);
  });
  afterEach(async () => {
    for (const child of started.splice(0)) await endTarget(child, 'SIGKILL');
  });

  it('this one: what threads() tells, and what Node knows of itself', () => {
    const about = inspectProcess();
    assert.equal(about.pid, process.pid);
    assert.equal(about.parent, process.ppid);
    assert.equal(about.state, 'running');
    assert.equal(about.command?.length, readFileSync('/proc/self/cmdline', 'utf8').split('\0').length - 1);
    assert.deepEqual(
      about.users,
      Object.fromEntries(['real', 'effective', 'saved', 'filesystem'].map((name) => [name, process.getuid?.()])),
    );
    assert.deepEqual(about.namespaces?.['pid'], Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]));
    const all = threads();
    assert.deepEqual([about.ignored, about.caught, about.pending], [all.ignored, all.caught, all.pending]);
    assert.deepEqual(
      about.threads?.map(({ tid, name }) => ({ tid, name })),
      all.map(({ tid, name }) => ({ tid, name })),
    );
    assert.deepEqual(about.threads?.[0]?.blocked, all[0]?.blocked);
    const uptimeMs = process.uptime() * 1000;
    assert.ok(Number(about.ageMs) >= uptimeMs - 20, `${about.ageMs} and ${uptimeMs}`);
    assert.ok(Number(about.cpuMs) > 0);
    assert.match(about.cgroups?.[0]?.path ?? '', /^\//);
  });

  it('threads by name, with what each blocks and what waits', async () => {
    const { pid } = await target('block-in-thread');
    const [main, other, ...more] = inspectProcess(pid).threads ?? [];
    assert.deepEqual([main?.tid, main?.blocked, more], [pid, new Set(), []]);
    assert.deepEqual(other?.blocked, new Set(['SIGTERM']));
    const waiting = inspectProcess((await target('pending')).pid);
    assert.deepEqual(waiting.pending, new Set(['SIGTERM']));
    assert.deepEqual(waiting.threads?.[0]?.pending, new Set());
    assert.deepEqual(inspectProcess((await target('ignore')).pid).ignored?.has('SIGTERM'), true);
    assert.deepEqual(inspectProcess((await target('catch')).pid).caught?.has('SIGTERM'), true);
  });

  it('what a thread waits for in the kernel', async () => {
    const { pid } = await target('sigwait');
    await until(
      () => inspectProcess(pid).threads?.some(({ waitsIn }) => waitsIn?.includes('sigtimedwait')) === true,
      'it waits',
    );
  });

  it('the queue and the limits', async () => {
    const { pid } = await target('queue');
    const about = inspectProcess(pid);
    assert.equal(about.signalQueue?.limit, 0);
    assert.deepEqual(about.limits?.sigpending, { soft: 0, hard: 0 });
    const limited = await start(['sh', '-c', 'ulimit -S -n 99; ulimit -c unlimited; echo ready; exec cat']);
    const { limits } = inspectProcess(limited.pid);
    assert.equal(limits?.nofile?.soft, 99);
    assert.deepEqual(limits.core, { soft: Infinity, hard: Infinity });
    assert.equal(Object.keys(limits).length, 16);
  });

  it('stopped', async () => {
    const { pid } = await target('plain');
    await until(() => inspectProcess(pid).state === 'sleeping', 'it waits for stdin');
    assert.equal(inspectProcess(pid).frozen ?? false, false);
    process.kill(pid, 'SIGSTOP');
    await untilState(pid, 'T');
    const { state, threads: list } = inspectProcess(pid);
    assert.deepEqual([state, list?.[0]?.state], ['stopped', 'stopped']);
  });

  it('a zombie, and its parent, which has it as a child', async () => {
    const child = startCommand(targetOf('zombie'));
    started.push(child);
    const pid = Number((await child.line(/^zombie /)).split(' ')[1]);
    const about = inspectProcess(pid);
    assert.deepEqual([about.state, about.parent, about.command], ['zombie', child.pid, []]);
    const [{ ageMs, ...node } = assert.fail(), ...more] = inspectProcess(child.pid).children;
    assert.deepEqual([node, more], [{ pid, name: about.name, state: 'zombie', children: [] }, []]);
    assert.ok(Number(ageMs) >= 0);
  });

  it('children as a tree', async () => {
    const { pid } = await start(['sh', '-c', 'exec 3<&0; sh -c "cat <&3; true" & cat <&3 & echo ready; wait']);
    const shape = ({ name, children }: ProcessNode): unknown[] => [name, children.map((child) => shape(child))];
    const look = (): string => JSON.stringify(inspectProcess(pid).children.map((node) => shape(node)));
    await until(() => look() === '[["sh",[["cat",[]]]],["cat",[]]]', `the tree, not ${look()}`);
  });

  it('groups and the terminal', async () => {
    const terminal = await Terminal.start(['sh', '-c', 'echo ready; exec cat']);
    try {
      await terminal.line('ready');
      const about = inspectProcess(terminal.leader);
      const { group, session, foregroundGroup } = about;
      assert.deepEqual([group, session, foregroundGroup], Array(3).fill(terminal.leader));
      assert.equal(about.terminal, readlinkSync(`/proc/${terminal.leader}/fd/0`));
      const none = inspectProcess((await target('plain')).pid);
      assert.deepEqual([none.terminal, none.foregroundGroup], [null, null]);
    } finally {
      await terminal.end();
    }
  });

  it('who traces it', async function () {
    need(this, spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0, 'a strace that may trace');
    needNoSanitizer(this);
    const strace = await start(['strace', '-o', '/dev/null', ...targetOf('plain')]);
    const pid = await childOf(strace.pid);
    assert.equal(inspectProcess(pid).tracer, Number(statusOf(pid, 'TracerPid')));
    assert.notEqual(inspectProcess(pid).tracer, 0);
  });

  it('what sigkit claims in it', () =>
    scenario(async ({ sigkit, diagnostics, until: when }) => {
      assert.equal(diagnostics.inspectProcess().claimed, null);
      const stream = sigkit.signals(['SIGHUP', 'SIGRTMIN+1']);
      await when(() => diagnostics.inspectProcess().claimed !== null, 'the waiter sleeps');
      assert.deepEqual(diagnostics.inspectProcess().claimed, new Set(['SIGHUP', 'SIGRTMIN+1']));
      // As threads(): without the claims.
      assert.equal(diagnostics.inspectProcess().caught?.has('SIGHUP'), false);
      stream.close();
    }));

  it('PID 1 of a namespace, from inside and from outside', async function () {
    const wrapper = inNamespace(this);
    await scenario(
      ({ diagnostics }) => {
        const { pid, isInit, namespacePids, parent } = diagnostics.inspectProcess();
        assert.deepEqual([pid, isInit, namespacePids, parent], [1, true, [1], 0]);
      },
      { wrapper },
    );
    const outside = await start([...wrapper, '--kill-child', ...targetOf('plain')]);
    const pid = await childOf(outside.pid);
    const about = inspectProcess(pid);
    assert.deepEqual([about.isInit, about.namespacePids], [true, [pid, 1]]);
    assert.notEqual(about.namespaces?.['pid'], inspectProcess().namespaces?.['pid']);
    assert.equal(inspectProcess().isInit, process.pid === 1);
  });

  it("of another user's what may be seen, and null for the rest", function () {
    needRoot(this);
    return scenario(({ diagnostics }) => {
      process.seteuid?.(54_321);
      const about = diagnostics.inspectProcess(process.ppid);
      process.seteuid?.(0);
      assert.equal(about.namespaces, null);
      assert.equal(about.users?.real, 0);
      assert.ok(about.threads !== null && about.signalQueue !== null && about.limits !== null);
    });
  });

  // A /proc that hides other users' processes, mounted for the child alone.
  for (const option of ['1', '2'])
    it(`what /proc hides (hidepid=${option}) is null`, function () {
      needRoot(this);
      needNoSanitizer(this);
      const remount = `mount -t proc -o hidepid=${option} proc /proc && "$@"; exit $?`;
      const wrapper = ['unshare', '--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', remount, 'sh'];
      const user = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'];
      const file = fileURLToPath(import.meta.url);
      const works = spawnSync(wrapper[0] ?? '', [...wrapper.slice(1), ...user, process.execPath, '--check', file]);
      need(this, works.status === 0, 'a /proc of its own with hidepid, and files that others may read');
      return scenario(
        ({ diagnostics, sigkit }) => {
          assert.throws(() => sigkit.kill(1, 0), { code: 'EPERM' });
          const { pid, children, group, session, ...others } = diagnostics.inspectProcess(1);
          assert.deepEqual([pid, typeof group, typeof session], [1, 'number', 'number']);
          assert.deepEqual(new Set(Object.values(others)), new Set([null]));
          assert.deepEqual(
            children.map((child) => child.pid),
            [process.pid],
          );
          assert.deepEqual(
            diagnostics.explain(1, 'SIGTERM').map(({ code }) => code),
            ['not-permitted', 'hidden'],
          );
          assert.throws(() => diagnostics.inspectProcess(4711), { code: 'ESRCH' });
        },
        { wrapper: [...wrapper, ...user] },
      );
    });

  it('of nobody, of a thread, and of no pid', async () => {
    const { pid } = await target('block-in-thread');
    const thread = inspectProcess(pid).threads?.[1]?.tid ?? assert.fail();
    assert.notEqual(statOf(thread), null);
    for (const none of [0x7fffffff, thread])
      assert.throws(() => inspectProcess(none), { code: 'ESRCH', syscall: 'inspectProcess' });
    const ended = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' });
    assert.throws(() => inspectProcess(Number(ended)), { code: 'ESRCH' });
    for (const wrong of [0, -1, 1.5]) assert.throws(() => inspectProcess(wrong), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => inspectProcess('1' as unknown as number), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type Signal, sigqueue } from 'sigkit';
import { explain, type Finding, type FindingCode } from 'sigkit/diagnostics';

import { inNamespace, need, needNoSanitizer, needPython, needRoot } from '../fixtures/process/means.js';
import { type Child, until } from '../support/child.js';
import { asPid1, canUnshare, startCommand } from '../support/init.js';
import { childOf, childrenOf, statOf } from '../support/processes.js';
import { scenario } from '../support/scenario.js';
import { endTarget, startTarget, targetOf, untilState } from '../support/targets.js';

const brief = (findings: readonly Finding[]): string[] => findings.map(({ code, outcome }) => `${code}: ${outcome}`);

function find(pid: number, sig: Signal, code: FindingCode): Finding {
  const findings = explain(pid, sig);
  return findings.find((finding) => finding.code === code) ?? assert.fail(`${code} in ${brief(findings).join(', ')}`);
}

describe('explain', () => {
  let folder = '';
  before(function () {
    needPython(this);
    folder = mkdtempSync(path.join(tmpdir(), 'sigkit-explain-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const targets: Child[] = [];
  async function target(...args: readonly string[]): Promise<number> {
    const child = await startTarget(...args);
    targets.push(child);
    return child.pid;
  }
  const others: ChildProcess[] = [];
  function other(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    others.push(child);
    return child;
  }
  afterEach(async () => {
    for (const child of targets.splice(0)) await endTarget(child, 'SIGKILL');
    for (const child of others.splice(0)) {
      child.stdin?.end();
      child.kill('SIGKILL');
    }
  });

  describe('what the process does with the signal', () => {
    it('default', async () => {
      const pid = await target('plain');
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['default: delivered']);
      const { text, evidence } = find(pid, 'SIGTERM', 'default');
      assert.equal(text, 'nobody handles SIGTERM: the process ends');
      const raw = /^SigCgt:\t(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      assert.equal(evidence[0], `/proc/${pid}/status: SigCgt: ${raw}`);
      assert.match(find(pid, 'SIGQUIT', 'default').text, /with a core dump/);
      assert.match(find(pid, 'SIGKILL', 'default').text, /^no program can handle SIGKILL: the process ends/);
      assert.match(find(pid, 'SIGSTOP', 'default').text, /the process stops$/);
    });

    it('caught', async () => {
      const pid = await target('catch');
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['caught: delivered']);
      process.kill(pid, 'SIGTERM');
      await targets[0]?.line(/^caught$/);
    });

    it('caught, in Node, by its event loop', () =>
      scenario(({ diagnostics }) => {
        process.on('SIGUSR2', () => {});
        const [, caught] = diagnostics.explain(process.pid, 'SIGUSR2');
        assert.equal(caught?.code, 'caught');
        assert.match(caught.text, /In Node a listener gets it from the event loop/);
        assert.match(
          diagnostics.explain(process.pid, 'SIGTERM').find(({ code }) => code === 'caught')?.text ?? '',
          /without one, Node resets the terminal and ends$/,
        );
      }));

    it('ignored', async () => {
      const pid = await target('ignore');
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['ignored: lost']);
      process.kill(pid, 'SIGTERM');
      targets[0]?.write('still there\n');
      await targets[0]?.line(/^answer still there$/);
    });

    it('ignored by default', async () => {
      const pid = await target('plain');
      assert.deepEqual(brief(explain(pid, 'SIGWINCH')), ['ignored-by-default: lost']);
    });

    it('what stops jobs, where nobody would continue them', async () => {
      const pid = await target('plain');
      assert.deepEqual(brief(explain(pid, 'SIGTSTP')), ['orphaned-group: lost']);
      process.kill(pid, 'SIGTSTP');
      targets[0]?.write('still there\n');
      await targets[0]?.line(/^answer still there$/);
      // In our session, and in a group of its own: its parent, this one, would.
      const script = 'import os, sys; os.setpgid(0, 0); print("ready", flush=True); sys.stdin.read()';
      const job = other('python3', ['-c', script]);
      await once(job.stdout ?? assert.fail(), 'data');
      assert.deepEqual(brief(explain(job.pid ?? 0, 'SIGTSTP')), ['default: delivered']);
    });
  });

  describe('who takes it', () => {
    it('nobody: the only thread blocks it', async () => {
      const pid = await target('block');
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['blocked-by-all: held']);
      assert.match(
        find(pid, 'SIGTERM', 'blocked-by-all').evidence[0] ?? '',
        /^\/proc\/\d+\/task\/\d+\/status: SigBlk: \w+4000$/,
      );
      assert.deepEqual(brief(explain(pid, 'SIGKILL')), ['default: delivered']);
    });

    it('nobody: all threads block it, and it waits already', async () => {
      const pid = await target('pending');
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['pending: lost', 'blocked-by-all: held']);
      assert.deepEqual(brief(explain(pid, 'SIGHUP')), ['default: delivered']);
    });

    it('one thread blocks it, another may take it', async () => {
      const pid = await target('block-in-thread');
      const [blocked, action] = explain(pid, 'SIGTERM');
      assert.deepEqual([blocked?.code, action?.code], ['blocked-by-some', 'default']);
      assert.match(blocked?.text ?? '', /^thread \d+ \(.+\) blocks SIGTERM, thread (\d+) \(.+\) may take it$/);
      assert.match(blocked?.text ?? '', new RegExp(`thread ${pid} `));
    });

    it('a thread in sigwaitinfo may', async () => {
      const pid = await target('sigwait');
      await until(() => explain(pid, 'SIGUSR1').some(({ code }) => code === 'waiting'), 'it waits');
      assert.match(
        find(pid, 'SIGUSR1', 'waiting').text,
        /waits by sigwaitinfo, does not block SIGUSR1, and may wait for it$/,
      );
    });

    it("sigkit's waiter does, and as long as it does not sleep nobody knows", () =>
      scenario(async ({ sigkit, diagnostics, until: when, startWorker, workerThreads }) => {
        assert.ok(workerThreads.isMainThread);
        const stream = sigkit.signals('SIGUSR2');
        const look = (): string[] => diagnostics.explain(process.pid, 'SIGUSR2').map(({ code }) => code);
        await when(() => look().includes('claimed'), 'the waiter sleeps');
        assert.deepEqual(look().slice(0, 1), ['claimed']);
        assert.ok(!look().includes('blocked-by-all') && !look().includes('caught'));
        assert.ok(!diagnostics.explain(process.pid, 'SIGHUP').some(({ code }) => code === 'claimed'));
        stream.close();
        await startWorker(() => {});
        assert.ok(!look().includes('claimed'));
        process.exit(0);
      }));

    it("a stopped process does not tell what sigkit's waiter waits for", function () {
      needRoot(this);
      return scenario(async ({ diagnostics, otherProcess, events, until: when }) => {
        const child = otherProcess(`globalThis.kept = sigkit.signals('SIGUSR2'); console.log('ready')`);
        const [pid = 0] = [child.pid];
        await events.once(child.stdout ?? assert.fail(), 'data');
        const look = (): string =>
          diagnostics
            .explain(pid, 'SIGUSR2')
            .map(({ code, outcome }) => `${code}: ${outcome}`)
            .join();
        try {
          await when(() => look() === 'claimed: delivered', 'the waiter sleeps');
          child.kill('SIGSTOP');
          // Who may look at its descriptors sees that all the same.
          await when(() => look() === 'stopped: held,signalfd: delivered', 'it has stopped');
          process.seteuid?.(54_321);
          assert.equal(look(), 'stopped: held,blocked-by-all: note');
        } finally {
          process.seteuid?.(0);
          child.kill('SIGKILL');
        }
      });
    });

    it('who reads a signalfd', () =>
      scenario(({ sigkit, diagnostics }) => {
        const stream = sigkit.signals('SIGUSR2', { transport: 'loop' });
        const found = diagnostics.explain(process.pid, 'SIGUSR2').find(({ code }) => code === 'signalfd');
        assert.equal(found?.outcome, 'delivered');
        assert.match(found.evidence[0] ?? '', /fdinfo\/\d+: sigmask: 0{13}800$/);
        stream.close();
      }));
  });

  describe('what keeps it', () => {
    it('stopped: SIGCONT and SIGKILL come all the same, and what would stop it is lost', async () => {
      const pid = await target('plain');
      process.kill(pid, 'SIGSTOP');
      await untilState(pid, 'T');
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['stopped: held', 'default: delivered']);
      assert.deepEqual(brief(explain(pid, 'SIGSTOP')), ['stopped: lost', 'default: delivered']);
      assert.deepEqual(brief(explain(pid, 'SIGKILL')), ['default: delivered']);
      assert.equal(find(pid, 'SIGCONT', 'continues').text, 'it is stopped, and goes on');
      process.kill(pid, 'SIGSTOP');
      process.kill(pid, 'SIGCONT');
      targets[0]?.write('goes on\n');
      await targets[0]?.line(/^answer goes on$/);
      assert.match(find(pid, 'SIGCONT', 'continues').text, /^it is not stopped/);
    });

    it('a tracer', async function () {
      need(this, spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0, 'a strace that may trace');
      needNoSanitizer(this);
      const child = startCommand(['strace', '-o', '/dev/null', ...targetOf('ignore')]);
      targets.push(child);
      await child.line(/^ready$/);
      const pid = childrenOf(child.pid).at(-1) ?? 0;
      // It holds the process for a moment at each system call.
      await until(() => find(pid, 'SIGHUP', 'traced').outcome === 'note', 'it waits for stdin');
      const { text, evidence } = find(pid, 'SIGHUP', 'traced');
      assert.match(text, /^process \d+ traces it/);
      assert.match(evidence[0] ?? '', /TracerPid: [1-9]\d*$/);
      assert.match(find(pid, 'SIGTERM', 'ignored').text, /once it is neither blocked nor traced/);
    });

    it('state D: a parent in vfork', async () => {
      const fifo = path.join(folder, 'fifo');
      execFileSync('mkfifo', [fifo]);
      const pid = await target('spawn', fifo);
      await untilState(pid, 'D');
      const { outcome, text, evidence } = find(pid, 'SIGTERM', 'uninterruptible');
      assert.equal(outcome, 'held');
      assert.match(text, /^just now thread \d+ \(.+\) is in state D: the signal waits until that is over$/);
      assert.match(evidence[0] ?? '', /State: D \(disk sleep\)$/);
      assert.match(find(pid, 'SIGKILL', 'uninterruptible').text, /which \/proc does not tell$/);
      closeSync(openSync(fifo, 'w'));
      await targets[0]?.line(/^ready$/);
    });

    // Where this user may make a control group in it.
    for (const [version, root, freeze, thaw] of [
      [1, '/sys/fs/cgroup/freezer', ['freezer.state', 'FROZEN'], ['freezer.state', 'THAWED']],
      [2, '/sys/fs/cgroup', ['cgroup.freeze', '1'], ['cgroup.freeze', '0']],
      [2, '/sys/fs/cgroup/unified', ['cgroup.freeze', '1'], ['cgroup.freeze', '0']],
    ] as const)
      it(`a frozen control group of version ${version}, below ${root}`, async function () {
        needRoot(this);
        const group = path.join(root, `sigkit-test-${process.pid}`);
        const has = existsSync(path.join(root, version === 2 ? 'cgroup.procs' : 'tasks'));
        need(this, has, `a hierarchy of version ${version}`);
        try {
          mkdirSync(group);
        } catch {
          need(this, false, 'leave to make a control group');
        }
        try {
          need(this, existsSync(path.join(group, freeze[0])), 'a kernel that freezes');
          const pid = await target('plain');
          writeFileSync(path.join(group, 'cgroup.procs'), String(pid));
          writeFileSync(path.join(group, freeze[0]), freeze[1]);
          await until(() => explain(pid, 'SIGTERM').some(({ code }) => code === 'frozen'), 'it is frozen');
          const { outcome, evidence } = find(pid, 'SIGTERM', 'frozen');
          assert.equal(outcome, 'held');
          assert.match(evidence[0] ?? '', version === 1 ? /freezer\.state: FR\w+$/ : /cgroup\.events: frozen 1$/);
          const kill = explain(pid, 'SIGKILL').map(({ code }) => code);
          assert.equal(kill.includes('frozen'), version === 1);
          if (version === 1) {
            process.kill(pid, 'SIGKILL');
            assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['ending: lost']);
          }
        } finally {
          if (existsSync(path.join(group, thaw[0]))) writeFileSync(path.join(group, thaw[0]), thaw[1]);
          await Promise.all(targets.splice(0).map(async (child) => endTarget(child, 'SIGKILL')));
          await until(() => {
            try {
              rmdirSync(group);
            } catch {
              return false;
            }
            return true;
          }, 'the control group is empty');
        }
      });

    it('a full queue', async () => {
      const pid = await target('queue');
      const { outcome, evidence } = find(pid, 'SIGRTMIN+1', 'queue-full');
      assert.equal(outcome, 'refused');
      assert.match(evidence[0] ?? '', /SigQ: \d+\/0$/);
      assert.throws(() => sigqueue(pid, 'SIGRTMIN+1', 1), { code: 'EAGAIN' });
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['queue-full: altered', 'default: delivered']);
      assert.match(find(pid, 'SIGTERM', 'queue-full').text, /by sigqueue and tgkill it comes without sender and value/);
    });
  });

  describe('whom it does not reach', () => {
    it('a zombie', async () => {
      const child = startCommand(targetOf('zombie'));
      targets.push(child);
      const pid = Number((await child.line(/^zombie /)).split(' ')[1]);
      const [zombie, ...more] = explain(pid, 'SIGKILL');
      assert.deepEqual([zombie?.code, zombie?.outcome, more], ['zombie', 'lost', []]);
      assert.deepEqual(zombie?.evidence, [`/proc/${pid}/stat: state Z, parent ${child.pid}`]);
    });

    it('a thread of the kernel', function () {
      need(this, statOf(2)?.comm === 'kthreadd', 'the first pid namespace');
      assert.deepEqual(brief(explain(2, 'SIGTERM')), ['kernel-thread: lost']);
    });

    it('PID 1 of its own namespace, which has no handler: from inside, SIGKILL too', function () {
      return scenario(
        ({ diagnostics, sigkit }) => {
          const look = (sig: Parameters<typeof diagnostics.explain>[1]): (string | undefined)[] => {
            const findings = diagnostics.explain(process.pid, sig);
            return [findings.at(-1)?.code, findings.at(-1)?.outcome];
          };
          assert.equal(process.pid, 1);
          assert.deepEqual(look('SIGKILL'), ['init', 'lost']);
          assert.deepEqual(look('SIGHUP'), ['init', 'lost']);
          assert.deepEqual(look('SIGTERM'), ['caught', 'delivered']);
          sigkit.kill(process.pid, 'SIGKILL');
          sigkit.kill(process.pid, 'SIGHUP');
        },
        { wrapper: inNamespace(this) },
      );
    });

    it('PID 1 of a namespace below: SIGKILL reaches that, and pid 0 has sent it', async function () {
      need(this, canUnshare, 'a pid namespace');
      const child = startCommand([...asPid1, ...targetOf('plain')]);
      targets.push(child);
      await child.line(/^ready$/);
      const pid = await childOf(child.pid);
      assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['other-namespace: altered', 'init: lost']);
      assert.deepEqual(brief(explain(pid, 'SIGKILL')), ['other-namespace: altered', 'default: delivered']);
      assert.match(find(pid, 'SIGTERM', 'init').evidence[0] ?? '', /NSpid: \d+\s+1$/);
      process.kill(pid, 'SIGTERM');
      child.write('still there\n');
      await child.line(/^answer still there$/);
      process.kill(pid, 'SIGKILL');
      await child.ended;
    });

    it('a process of another user, but for SIGCONT in the same session', function () {
      needRoot(this);
      return scenario(({ childProcess, diagnostics, sigkit }) => {
        const child = childProcess.spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
        const apart = childProcess.spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
        const [pid = 0, elsewhere = 0] = [child.pid, apart.pid];
        process.setuid?.(54_321);
        const first = (of: number, sig: 'SIGTERM' | 'SIGCONT'): string | undefined =>
          diagnostics.explain(of, sig)[0]?.code;
        assert.equal(first(pid, 'SIGTERM'), 'not-permitted');
        assert.deepEqual(diagnostics.explain(pid, 'SIGTERM')[0]?.evidence, [
          `kill(${pid}, 0): EPERM`,
          'geteuid(): 54321',
          `/proc/${pid}/status: Uid: 0 0 0 0`,
        ]);
        assert.equal(first(pid, 'SIGCONT'), 'continues');
        assert.equal(first(elsewhere, 'SIGCONT'), 'not-permitted');
        assert.throws(() => sigkit.kill(pid, 'SIGTERM'), { code: 'EPERM' });
        sigkit.kill(pid, 'SIGCONT');
        child.stdin.end();
        apart.stdin.end();
      });
    });
  });

  describe('who is in between', () => {
    it('sh -c', async () => {
      const shell = other('sh', ['-c', 'cat; true']);
      const pid = shell.pid ?? 0;
      const child = await childOf(pid);
      await until(() => statOf(child)?.comm === 'cat', 'it runs');
      // After its fork it blocks all for a moment.
      const look = (): string => brief(explain(pid, 'SIGTERM')).join();
      await until(() => look() === 'default: delivered,launcher: lost', `what it does, not ${look()}`);
      const { text, evidence } = find(pid, 'SIGTERM', 'launcher');
      assert.equal(
        text,
        `sh passes nothing on, unless a trap of its own does: its child ${child} gets no SIGTERM. Signal the program, or start it by exec`,
      );
      assert.deepEqual(evidence, [`/proc/${pid}/cmdline: sh -c cat; true`, `/proc/${child}/cmdline: cat`]);
      assert.deepEqual(brief(explain(child, 'SIGTERM')), ['default: delivered', 'behind-launcher: note']);
    });

    it('npm, which passes two on, and to a shell that does not', async () => {
      mkdirSync(path.join(folder, 'bin'));
      const file = path.join(folder, 'bin/npm-cli.js');
      const run = `require('node:child_process').spawn('sh', ['-c', process.argv[2]], { stdio: 'inherit' })`;
      writeFileSync(file, run);
      const start = async (script: string, programs: number): Promise<readonly [npm: number, child: number]> => {
        const { pid = 0 } = other(process.execPath, [file, script]);
        const child = await childOf(pid);
        await until(() => childrenOf(child).length === programs - 1 && statOf(child)?.state === 'S', 'it runs');
        return [pid, child];
      };
      const [npm, shell] = await start('cat; true', 2);
      const { outcome, text } = find(npm, 'SIGTERM', 'launcher');
      assert.equal(outcome, 'lost');
      assert.match(
        text,
        /^npm passes on SIGINT and SIGTERM at most, and to its own child alone: child \d+ may get it, but not/,
      );
      assert.match(find(npm, 'SIGHUP', 'launcher').text, /: its child \d+ gets no SIGHUP\. Signal the program/);
      assert.equal(find(shell, 'SIGHUP', 'behind-launcher').outcome, 'note');
      const [execing, program] = await start('exec cat', 1);
      await until(() => statOf(program)?.comm === 'cat', 'the shell has gone');
      assert.equal(find(execing, 'SIGTERM', 'launcher').outcome, 'note');
      assert.equal(find(execing, 'SIGHUP', 'launcher').outcome, 'lost');
      assert.ok(!explain(program, 'SIGTERM').some(({ code }) => code === 'behind-launcher'));
    });

    it('a shell that somebody types into is none', async () => {
      const shell = other('sh', []);
      shell.stdin?.write('cat\n');
      await childOf(shell.pid ?? 0);
      assert.ok(!explain(shell.pid ?? 0, 'SIGTERM').some(({ code }) => code === 'launcher'));
    });
  });

  it('Node before it has its handlers', async () => {
    // Not the real one, which is ready too soon.
    const file = path.join(folder, 'node');
    cpSync('/bin/cat', file);
    const starting = other(file, []);
    const pid = starting.pid ?? 0;
    starting.stdin?.write('x');
    await once(starting.stdout ?? assert.fail(), 'data');
    assert.deepEqual(brief(explain(pid, 'SIGTERM')), ['default: delivered', 'node-starting: lost']);
    assert.deepEqual(brief(explain(pid, 'SIGKILL')), ['default: delivered']);
    await scenario(({ diagnostics }) => {
      assert.ok(!diagnostics.explain(process.pid, 'SIGHUP').some(({ code }) => code === 'node-starting'));
    });
  });

  it('sends nothing', async () => {
    const pid = await target('catch');
    for (let number = 1; number <= 64; number += 1) explain(pid, number);
    targets[0]?.write('x\n');
    await targets[0]?.line(/^answer x$/);
    await endTarget(targets[0] ?? assert.fail());
    assert.doesNotMatch((await targets[0]?.ended)?.stdout ?? '', /caught/);
  });

  it('of nobody, and of no signal', () => {
    assert.throws(() => explain(0x7fffffff, 'SIGTERM'), { code: 'ESRCH', syscall: 'explain' });
    assert.throws(() => explain(process.pid, 'TERM' as Signal), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => explain(0, 'SIGTERM'), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => explain('1' as unknown as number, 'SIGTERM'), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

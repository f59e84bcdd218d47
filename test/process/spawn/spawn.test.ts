import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { injecting, need, needPython, needRoot } from '../../fixtures/process/means.js';
import { outcomeOf, scenario } from '../../support/scenario.js';

// Starts a command with 40 descriptors that stay open over exec. Node closes neither these nor any behind a gap.
const extraDescriptors = `
import os, sys
for number in range(100, 140): os.dup2(1, number, inheritable=True)
os.execvp(sys.argv[1], sys.argv[1:])
`;
// Starts a command that ignores every signal that can be ignored; Node keeps the real-time ones so.
const allIgnored = `
import os, signal, sys
for number in signal.valid_signals() - {9, 19}: signal.signal(number, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])
`;

describe('spawn: a group of its own', () => {
  it('is there when spawn returns: killpg at once, 2,000 times', function () {
    this.timeout(120_000);
    return scenario(
      async ({ processes, sigkit }) => {
        for (let made = 0; made < 2000; made += 20) {
          const some = Array.from({ length: 20 }, () => {
            const child = processes.spawn('sleep', ['100'], { processGroup: true, stdio: 'ignore' });
            assert.equal(child.processGroup, child.pid);
            sigkit.killpg(child.processGroup, 'SIGKILL');
            return child;
          });
          for (const { pid, exited } of some) {
            const { pid: reaped, raw, termSignal } = await exited;
            assert.deepEqual({ reaped, raw, termSignal }, { reaped: pid, raw: 9, termSignal: 'SIGKILL' });
          }
        }
        assert.deepEqual(processes.children(), []);
      },
      { deadlineMs: 110_000 },
    );
  });

  it('however long setpgid takes', async function () {
    const wrapper = injecting(this, 'setpgid', 'delay_enter=50000');
    const { code, stderr } = await outcomeOf(
      async ({ processes, sigkit }) => {
        for (let made = 0; made < 20; made += 1) {
          const start = performance.now();
          const child = processes.spawn('sleep', ['100'], { processGroup: true, stdio: 'ignore' });
          assert.ok(performance.now() - start >= 50, 'the call has been delayed');
          sigkit.killpg(child.pid, 'SIGKILL');
          assert.equal((await child.exited).raw, 9);
        }
        assert.deepEqual(processes.children(), []);
      },
      { wrapper },
    );
    // Its timers count as queued signals of the user, of whom others may have a full queue at the moment.
    need(this, !/strace: timer_create/.test(stderr), 'a strace that can delay');
    assert.equal(code, 0, stderr);
  });

  it('a group, one that is joined, a session, or none', () =>
    scenario(async ({ processes }) => {
      const start = (options: Parameters<typeof processes.spawn>[2]) => {
        const child = processes.spawn('sleep', ['100'], { stdio: 'ignore', ...options });
        const { pid, processGroup } = child;
        assert.equal(processes.getpgid(pid), processGroup);
        return { child, pid, processGroup, session: processes.getsid(pid) };
      };
      const [group, session] = [processes.getpgrp(), processes.getsid()];
      const own = start({ processGroup: true });
      const zero = start({ processGroup: 0 });
      const joined = start({ processGroup: own.pid });
      const same = start({});
      const none = start({ processGroup: false });
      const leader = start({ session: true });
      const both = start({ session: true, processGroup: own.pid });
      assert.deepEqual([own.processGroup, own.session], [own.pid, session]);
      assert.deepEqual([zero.processGroup, zero.session], [zero.pid, session]);
      assert.deepEqual([joined.processGroup, joined.session], [own.pid, session]);
      assert.deepEqual([same.processGroup, same.session], [group, session]);
      assert.deepEqual([none.processGroup, none.session], [group, session]);
      assert.deepEqual([leader.processGroup, leader.session], [leader.pid, leader.pid]);
      assert.deepEqual([both.processGroup, both.session], [both.pid, both.pid]);
      for (const { child } of [own, zero, joined, same, none, leader, both]) {
        child.kill('SIGKILL');
        await child.exited;
      }
    }));
});

describe('spawn: signals', () => {
  it('the child blocks nothing and ignores nothing, whatever its parent has claimed, ignored, blocked or listens to', function () {
    needPython(this);
    return scenario(
      async ({ processes, sigkit, fs }) => {
        const inherited = /^SigIgn:\s+(\w+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1];
        assert.ok(BigInt(`0x${inherited}`) >> 33n !== 0n, 'real-time signals are ignored here');
        const expectNone = async (situation: string): Promise<void> => {
          const child = processes.spawn('cat', ['/proc/self/status']);
          const text = (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
          const sets = [...text.matchAll(/^(Sig\w+|ShdPnd):\s+(\w+)$/gm)].map(([, name, set]) => `${name} ${set}`);
          const zero = '0'.repeat(16);
          const names = ['SigPnd', 'ShdPnd', 'SigBlk', 'SigIgn', 'SigCgt'];
          assert.deepEqual(
            sets.filter((set) => !set.startsWith('SigQ')),
            names.map((name) => `${name} ${zero}`),
            situation,
          );
          assert.equal((await child.exited).exitCode, 0);
        };
        await expectNone('at first');
        const valid = [...sigkit.validSignals()];
        const claimable = valid.filter((name) => {
          try {
            sigkit.signals(name).close();
            return true;
          } catch {
            return false;
          }
        });
        assert.ok(claimable.length > 50);
        const stream = sigkit.signals(claimable);
        await expectNone('claimed');
        stream.close();
        sigkit.ignoreSignals(claimable.filter((name) => name !== 'SIGCHLD'));
        await expectNone('ignored');
        sigkit.resetSignals();
        const blockable = valid.filter((name) => !['SIGKILL', 'SIGSTOP', 'SIGCHLD'].includes(name));
        const before = sigkit.pthreadSigmask('SIG_BLOCK', blockable);
        await expectNone('blocked in the thread');
        sigkit.pthreadSigmask('SIG_SETMASK', before);
        const section = sigkit.blockSignals(claimable.filter((name) => name !== 'SIGCHLD'));
        process.kill(process.pid, 'SIGHUP');
        await expectNone('blocked in the process, one of them pending');
        assert.ok(sigkit.sigpending().has('SIGHUP'));
        const taken = sigkit.signals('SIGHUP');
        section[Symbol.dispose]();
        await taken.next();
        taken.close();
        for (const name of ['SIGHUP', 'SIGTERM', 'SIGUSR2', 'SIGCHLD', 'SIGWINCH'] as const) process.on(name, () => {});
        await expectNone('with listeners');
        process.exit();
      },
      { wrapper: ['python3', '-c', allIgnored] },
    );
  });

  it('signalMask, ignoreSignals and defaultSignals are what the child starts with, for each of the 64', function () {
    needPython(this);
    this.timeout(120_000);
    return scenario(
      async ({ processes, sigkit, fs }) => {
        const setIn = (text: string, name: string): bigint =>
          BigInt(`0x${new RegExp(`^${name}:\\s+(\\w+)$`, 'm').exec(text)?.[1]}`);
        const start = async (options: Parameters<typeof processes.spawn>[2]): Promise<readonly bigint[]> => {
          const child = processes.spawn('cat', ['/proc/self/status'], options);
          const text = (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
          return ['SigBlk', 'SigIgn', 'SigCgt'].map((name) => setIn(text, name));
        };
        const bit = (number: number): bigint => 1n << BigInt(number - 1);
        const never = bit(9) | bit(19);
        for (let first = 1; first <= 64; first += 8) {
          const numbers = Array.from({ length: 8 }, (_, index) => first + index);
          await Promise.all(
            numbers.map(async (number) => {
              const blocked = bit(number) & ~never;
              assert.deepEqual(await start({ signalMask: number }), [blocked, 0n, 0n], `mask ${number}`);
              if (blocked === 0n) return;
              assert.deepEqual(await start({ ignoreSignals: [number] }), [0n, blocked, 0n], `ignore ${number}`);
            }),
          );
        }
        const all = sigkit.validSignals();
        const allButNever = [...all].filter((name) => name !== 'SIGKILL' && name !== 'SIGSTOP');
        const sum = allButNever.reduce((mask, name) => mask | bit(sigkit.signalNumber(name)), 0n);
        assert.deepEqual(await start({ signalMask: all }), [sum, 0n, 0n]);
        assert.deepEqual(await start({ ignoreSignals: allButNever }), [0n, sum, 0n]);
        assert.deepEqual(await start({ signalMask: [], ignoreSignals: [], defaultSignals: 'all' }), [0n, 0n, 0n]);

        // What the parent ignores stays ignored, but for those named; what it handles is reset.
        sigkit.ignoreSignals(['SIGHUP', 'SIGUSR2', 'SIGTTOU']);
        process.on('SIGWINCH', () => {});
        const stream = sigkit.signals('SIGUSR1');
        const own = setIn(fs.readFileSync('/proc/self/status', 'utf8'), 'SigIgn');
        const missing = (['SIGHUP', 'SIGUSR2', 'SIGTTOU', 'SIGPIPE', 'SIGRTMIN+2'] as const).filter(
          (name) => (own & bit(sigkit.signalNumber(name))) === 0n,
        );
        assert.deepEqual(missing, []);
        assert.deepEqual(await start({ defaultSignals: [] }), [0n, own, 0n]);
        for (const name of ['SIGHUP', 'SIGPIPE', 'SIGRTMIN+2'] as const)
          assert.deepEqual(
            await start({ defaultSignals: [name] }),
            [0n, own & ~bit(sigkit.signalNumber(name)), 0n],
            `all but ${name}`,
          );
        assert.deepEqual(await start({ defaultSignals: ['SIGHUP'], ignoreSignals: ['SIGHUP', 'SIGTERM'] }), [
          0n,
          own | bit(15),
          0n,
        ]);
        stream.close();
        process.exit();
      },
      { wrapper: ['python3', '-c', allIgnored], deadlineMs: 110_000 },
    );
  });
});

describe('spawn: descriptors', () => {
  it('exactly those asked for are open, and no other of the parent', function () {
    needPython(this);
    return scenario(
      async ({ processes, fs }) => {
        const flags = /^flags:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/fdinfo/139', 'utf8'))?.[1] ?? '';
        assert.equal(Number.parseInt(flags, 8) & 0o2000000, 0, 'it would stay open over exec');
        const listed = async (stdio: Parameters<typeof processes.spawn>[2]): Promise<Record<string, string>> => {
          const child = processes.spawn('ls', ['-l', '/proc/self/fd'], stdio);
          const text = (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
          assert.equal((await child.exited).exitCode, 0, text);
          const links = [...text.matchAll(/ (\d+) -> (.*)$/gm)].map(([, fd = '', link = '']) => [fd, link] as const);
          return Object.fromEntries(links.filter(([, link]) => !/^\/proc\/\d+\/fd$/.test(link)));
        };
        const ownLink = (fd: number): string => fs.readlinkSync(`/proc/self/fd/${fd}`);
        const shape = (links: Record<string, string>): string =>
          Object.entries(links)
            .map(([fd, link]) => `${fd}:${link.replace(/:\[\d+\]/, '')}`)
            .join(' ');

        assert.equal(shape(await listed(undefined)), '0:pipe 1:pipe 2:pipe');
        assert.equal(shape(await listed({ stdio: 'pipe' })), '0:pipe 1:pipe 2:pipe');
        assert.equal(shape(await listed({ stdio: ['ignore', 'pipe', 'ignore'] })), '0:/dev/null 1:pipe 2:/dev/null');
        assert.equal(shape(await listed({ stdio: [] })), '0:pipe 1:pipe 2:pipe');
        assert.equal(shape(await listed({ stdio: [undefined, null] })), '0:pipe 1:pipe 2:pipe');
        const holes = Object.assign(Array<undefined>(5), { 0: 'ignore', 2: 'ignore', 4: 'pipe' } as const);
        assert.equal(shape(await listed({ stdio: holes })), '0:/dev/null 1:pipe 2:/dev/null 3:/dev/null 4:socket');
        const inherited = await listed({ stdio: ['inherit', 'pipe', 'inherit'] });
        assert.deepEqual([inherited[0], inherited[2]], [ownLink(0), ownLink(2)]);
        assert.equal(Object.keys(inherited).length, 3);
        const far = await listed({ stdio: ['pipe', 'pipe', 'pipe', 139, null, 120] });
        assert.deepEqual([far[3], far[5]], [ownLink(139), ownLink(120)]);
        assert.equal(shape(far).replace(/ [35]:\S+/g, ''), '0:pipe 1:pipe 2:pipe 4:/dev/null');
        // One at its own place, with others of the parent before and behind it.
        const places = [...Array<'ignore'>(120).fill('ignore'), 'inherit'] as const;
        const kept = await listed({ stdio: ['pipe', 'pipe', ...places.slice(2)] });
        assert.equal(kept[120], ownLink(120));
        assert.equal(Object.keys(kept).length, 121);

        const file = fs.createWriteStream('/dev/null');
        await new Promise((resolve) => file.once('open', resolve));
        const streams = await listed({ stdio: [process.stdin, 'pipe', process.stderr, file] });
        assert.deepEqual([streams[0], streams[2], streams[3]], [ownLink(0), ownLink(2), '/dev/null']);
        file.destroy();
      },
      { wrapper: ['python3', '-c', extraDescriptors] },
    );
  });

  it('descriptors change places, as many as there are', () =>
    scenario(async ({ processes, fs }) => {
      const folder = fs.mkdtempSync('/tmp/sigkit-');
      try {
        const files = Array.from({ length: 12 }, (_, index) => fs.openSync(`${folder}/${index}`, 'w+'));
        const count = Math.max(...files) + 1;
        const swapped = [...files.slice(1), files[0] ?? 0];
        const stdio = Array.from({ length: count }, (_, place) => swapped[files.indexOf(place)] ?? ('ignore' as const));
        const child = processes.spawn('ls', ['-l', '/proc/self/fd'], { stdio: ['ignore', 'pipe', ...stdio.slice(2)] });
        const text = (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
        for (const [index, fd] of files.entries()) {
          const link = new RegExp(` ${fd} -> (.*)$`, 'm').exec(text)?.[1];
          assert.equal(link, `${folder}/${(index + 1) % files.length}`, text);
        }
        // One file in many places, its position shared.
        const [first = 0] = files;
        const shared = processes.spawn('sh', ['-c', 'echo one; echo two >&2; echo three >&4'], {
          stdio: ['ignore', first, first, first, first],
        });
        assert.equal((await shared.exited).exitCode, 0);
        assert.equal(fs.readFileSync(`${folder}/0`, 'utf8'), 'one\ntwo\nthree\n');
        // As `>&2 2>&1` would have it.
        const tell = 'one=$(readlink /proc/$$/fd/1); two=$(readlink /proc/$$/fd/2); echo "$one $two" >&3';
        const crossed = processes.spawn('sh', ['-c', tell], {
          stdio: ['ignore', 2, 1, files[1]],
        });
        assert.equal((await crossed.exited).exitCode, 0);
        assert.notEqual(fs.readlinkSync('/proc/self/fd/1'), fs.readlinkSync('/proc/self/fd/2'));
        assert.equal(
          fs.readFileSync(`${folder}/1`, 'utf8'),
          `${fs.readlinkSync('/proc/self/fd/2')} ${fs.readlinkSync('/proc/self/fd/1')}\n`,
        );
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    }));

  it('pipes carry a megabyte each way; the extra ones do both', () =>
    scenario(async ({ processes }) => {
      const data = Buffer.alloc(2 ** 20, 'sigkit');
      const read = async (stream: NodeJS.ReadableStream | null | undefined): Promise<Buffer> => {
        const chunks: Buffer[] = [];
        for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      };
      const child = processes.spawn('cat');
      assert.equal(child.stdio.length, 3);
      assert.deepEqual([child.stdin, child.stdout, child.stderr], child.stdio);
      child.stdin?.end(data);
      const [out, error] = await Promise.all([read(child.stdout), read(child.stderr)]);
      assert.ok(out.equals(data));
      assert.equal(error.length, 0);
      assert.equal((await child.exited).exitCode, 0);

      const script = 'cat <&3 >&3 & cat <&4 >&4; wait; echo end >&2';
      const extra = processes.spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
      assert.deepEqual([extra.stdin, extra.stdout, extra.stdio.length], [null, null, 5]);
      const [three, four] = [extra.stdio[3] ?? assert.fail(), extra.stdio[4] ?? assert.fail()];
      three.write(data, () => three.end());
      four.write(data, () => four.end());
      const [a, b, text] = await Promise.all([read(three), read(four), read(extra.stderr)]);
      assert.ok(a.equals(data) && b.equals(data));
      assert.equal(text.toString(), 'end\n');
      assert.equal((await extra.exited).exitCode, 0);
    }));

  it('a descriptor that is not open is EBADF, not one that spawn itself has opened meanwhile', () =>
    scenario(({ processes, fs }) => {
      const isOpen = (fd: number): boolean => fs.existsSync(`/proc/self/fd/${fd}`);
      const closed = fs.openSync('/dev/null', 'r');
      fs.closeSync(closed);
      for (let fd = closed; fd < closed + 12; fd += 1) {
        for (const stdio of [
          ['pipe', 'pipe', 'pipe', fd],
          [fd, 'pipe', 'pipe'],
          ['ignore', fd, 'inherit'],
        ] as const) {
          if (isOpen(fd)) continue;
          try {
            assert.throws(() => processes.spawn('true', [], { stdio }), { code: 'EBADF', errno: -9 }, stdio.join());
          } catch (error) {
            // A sanitizer may have opened its log there meanwhile.
            if (isOpen(fd)) return;
            throw error;
          }
          assert.deepEqual(processes.children(), []);
        }
      }
    }));
});

describe('spawn: what cannot be started', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-spawn-'));
  before(() => {
    writeFileSync(`${folder}/plain`, '#!/bin/sh\nexit 0\n', { mode: 0o644 });
    writeFileSync(`${folder}/garbage`, 'no program\n', { mode: 0o755 });
    writeFileSync(`${folder}/orphaned`, '#!/nonexistent/interpreter\n', { mode: 0o755 });
    symlinkSync(`${folder}/loop`, `${folder}/loop`);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is an error with errno, code, syscall and path, and leaves no child, zombie or descriptor', () =>
    scenario(
      ({ processes, fs, descriptors }) => {
        const at = process.env['FOLDER'] ?? '';
        const open = (): number => descriptors().length;
        const none = fs.openSync('/dev/null', 'r');
        processes.spawn('true', [], { stdio: 'ignore' });
        while (processes.waitpid(-1) === null) continue;
        const before = open();
        type Options = Parameters<typeof processes.spawn>[2];
        const fails = (code: string, errno: number, syscall: string, file: string, given: Options, about?: string) => {
          for (let round = 0; round < 3; round += 1) {
            try {
              processes.spawn(file, [], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], ...given });
              assert.fail(`${file} has been started`);
            } catch (error) {
              if (error instanceof assert.AssertionError) throw error;
              const { name, message, stack = '', ...rest } = error as NodeJS.ErrnoException;
              assert.deepEqual(rest, { code, errno, syscall, ...(about === undefined ? {} : { path: about }) }, stack);
              const where = about === undefined ? '' : ` '${about}'`;
              assert.deepEqual([name, message], ['Error', `${syscall} ${code}${where}`]);
            }
            assert.deepEqual(processes.children(), [], file);
            assert.equal(open(), before, file);
          }
        };
        const missing = ['/nonexistent/program', 'a-program-that-is-nowhere', `${at}/orphaned`, ''].slice(0, 3);
        for (const file of missing) fails('ENOENT', -2, 'execve', file, {}, file);
        for (const file of [`${at}/plain`, at]) fails('EACCES', -13, 'execve', file, {}, file);
        fails('ENOEXEC', -8, 'execve', `${at}/garbage`, {}, `${at}/garbage`);
        fails('ENOTDIR', -20, 'execve', `${at}/plain/x`, {}, `${at}/plain/x`);
        fails('ELOOP', -40, 'execve', `${at}/loop`, {}, `${at}/loop`);
        fails('ENAMETOOLONG', -36, 'execve', `/${'x'.repeat(300)}`, {}, `/${'x'.repeat(300)}`);
        fails('E2BIG', -7, 'execve', 'true', { env: { PATH: '/usr/bin:/bin', BIG: 'x'.repeat(2 ** 18) } }, 'true');
        fails('ENOENT', -2, 'chdir', 'true', { cwd: '/nonexistent/folder' }, '/nonexistent/folder');
        fails('ENOTDIR', -20, 'chdir', 'true', { cwd: `${at}/plain` }, `${at}/plain`);
        fails('EPERM', -1, 'setpgid', 'true', { processGroup: 2 ** 22 + 7 });
        fails('ENOTTY', -25, 'tcsetpgrp', 'true', { foreground: none });
      },
      { wrapper: ['env', `FOLDER=${folder}`] },
    ));

  it('nor does a failure change the next start, or the parent', () =>
    scenario(async ({ processes, signalState, descriptors }) => {
      await processes.spawn('true', [], { stdio: 'ignore' }).exited;
      const state = (): unknown => [signalState(), processes.getpgrp(), process.cwd(), descriptors()];
      const before = state();
      for (let round = 0; round < 50; round += 1) {
        assert.throws(
          () =>
            processes.spawn('/nonexistent', [], {
              cwd: '/',
              processGroup: true,
              signalMask: ['SIGTERM'],
              ignoreSignals: ['SIGHUP'],
            }),
          { code: 'ENOENT' },
        );
        assert.equal((await processes.spawn('true', [], { stdio: 'ignore' }).exited).exitCode, 0);
      }
      assert.deepEqual(state(), before);
      assert.deepEqual(processes.children(), []);
    }));

  it('with no descriptor left, or but a few, nothing is left behind', async function () {
    this.timeout(240_000);
    for (const [stdio, most] of [
      ['inherit', 6],
      ['pipe', 10],
    ] as const) {
      for (let free = 0; free < most; free += 1) {
        await scenario(
          async ({ processes, fs }) => {
            const [kind = '', count = ''] = (process.env['STDIO'] ?? '').split(' ');
            const held: number[] = [];
            try {
              for (;;) held.push(fs.openSync('/dev/null', 'r'));
            } catch {
              for (const fd of held.splice(0, Number(count))) fs.closeSync(fd);
            }
            try {
              const child = processes.spawn('sleep', ['0.01'], { stdio: kind as 'inherit' | 'pipe' });
              for (const stream of child.stdio) stream?.destroy();
              await child.exited;
            } catch (error) {
              assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE', String(error));
            }
            for (const fd of held) fs.closeSync(fd);
            // Whatever the outcome, there is nobody whom nobody waits for, and nothing that keeps this process alive.
            assert.deepEqual(processes.children(), []);
          },
          { wrapper: ['env', `STDIO=${stdio} ${free}`, 'prlimit', '--nofile=64:64'] },
        );
      }
    }
  });
});

describe('spawn: file, environment, folder and user', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-path-'));
  before(() => {
    for (const [name, text, mode] of [
      ['first', '#!/bin/sh\necho first\n', 0o644],
      ['second', '#!/bin/sh\necho second "$@"\n', 0o755],
      ['third', '#!/bin/sh\necho third\n', 0o755],
    ] as const) {
      mkdirSync(`${folder}/${name}`);
      writeFileSync(`${folder}/${name}/sigkit-tool`, text);
      chmodSync(`${folder}/${name}/sigkit-tool`, mode);
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  it("the program is looked for in the child's PATH, from the child's folder, as execvp(3) does", () =>
    scenario(
      async ({ processes }) => {
        const at = process.env['FOLDER'] ?? '';
        const output = async (file: string, options: Parameters<typeof processes.spawn>[2]): Promise<string> => {
          const child = processes.spawn(file, ['x'], options);
          return (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
        };
        const tool = 'sigkit-tool';
        assert.throws(() => processes.spawn(tool), { code: 'ENOENT' });
        assert.equal(await output(tool, { env: { PATH: `${at}/second:${at}/third` } }), 'second x\n');
        // Neither a missing folder, nor a file that may not be executed, nor a file in place of a folder ends the search.
        for (const passed of ['/nonexistent', `${at}/first`, `${at}/first/sigkit-tool`])
          assert.equal(await output(tool, { env: { PATH: `${passed}:${at}/second` } }), 'second x\n');
        assert.throws(() => processes.spawn(tool, [], { env: { PATH: `${at}/first:/nonexistent` } }), {
          code: 'EACCES',
          path: tool,
        });
        for (const PATH of ['.', '', ':/usr/bin', '/usr/bin:'])
          assert.equal(await output(tool, { env: { PATH }, cwd: `${at}/second` }), 'second x\n', PATH);
        assert.equal(await output('./sigkit-tool', { cwd: `${at}/second` }), 'second x\n');
        assert.equal(await output('second/sigkit-tool', { env: { PATH: '/nonexistent' }, cwd: at }), 'second x\n');
        assert.equal(await output('echo', { env: {} }), 'x\n');
        // Nor does one whose name is too long, as a whole or in a part; a program's own may be too long everywhere.
        for (const long of [`/${'x'.repeat(300)}`, '/x'.repeat(2100), `${at}/first:${'x/'.repeat(3000)}`]) {
          assert.equal(await output(tool, { env: { PATH: `${long}:${at}/second:${long}` } }), 'second x\n');
          const code = long.startsWith(at) ? 'EACCES' : 'ENOENT';
          assert.throws(() => processes.spawn(tool, { env: { PATH: `${long}:/nonexistent` } }), { code, path: tool });
        }
        for (const PATH of [`${at}/second`, `${at}/first:${at}/second`, '/usr/bin:/bin'])
          assert.throws(() => processes.spawn('x'.repeat(300), { env: { PATH } }), { code: 'ENAMETOOLONG' });
        process.env['PATH'] = `${at}/third:${process.env['PATH']}`;
        assert.equal(await output(tool, {}), 'third\n');
      },
      { wrapper: ['env', `FOLDER=${folder}`] },
    ));

  it('options may stand in place of the arguments, as in child_process', () =>
    scenario(async ({ processes, childProcess }) => {
      const options = { env: { ONLY: '1' }, argv0: 'called', stdio: ['ignore', 'pipe', 'inherit'] } as const;
      const wanted = childProcess.spawnSync('/usr/bin/env', { env: options.env, encoding: 'utf8' }).stdout;
      for (const args of [[options], [undefined, options], [[], options]] as const) {
        const child = processes.spawn('/usr/bin/env', ...(args as [typeof options]));
        assert.equal(child.stdin, null);
        assert.equal((await child.stdout?.setEncoding('utf8').toArray())?.join(''), wanted);
      }
      const { exitCode } = await processes.spawn('true', Object.create({ cwd: '/' })).exited;
      assert.equal(exitCode, 0);
      const shell = { shell: true } as object;
      assert.throws(() => processes.spawn('true', shell), { code: 'ERR_SIGKIT_UNKNOWN_OPTION' });
    }));

  it('a signal and a URL may be of another realm, or merely behave so', () =>
    scenario(async ({ processes, sigkit, childProcess }) => {
      const { runInNewContext } = process.getBuiltinModule('node:vm');
      const foreign = (): { signal: AbortSignal; abort: () => void; listeners: Set<unknown> } =>
        runInNewContext(`
          const listeners = new Set();
          const signal = {
            aborted: false,
            addEventListener(name, listener) { if (name === 'abort') listeners.add(listener); },
            removeEventListener(name, listener) { listeners.delete(listener); },
          };
          const abort = () => { signal.aborted = true; for (const listener of listeners) listener({ type: 'abort' }); };
          ({ signal, abort, listeners })`) as ReturnType<typeof foreign>;
      const url = runInNewContext(
        `({ href: 'file:///usr/../tmp', protocol: 'file:', pathname: '/tmp', hostname: '' })`,
      );
      assert.equal(childProcess.spawnSync('pwd', { cwd: url as URL, encoding: 'utf8' }).stdout, '/tmp\n');
      const { stdout } = processes.spawn('pwd', { cwd: url as URL });
      assert.equal((await stdout?.setEncoding('utf8').toArray())?.join(''), '/tmp\n');
      const parsed = process.getBuiltinModule('node:url').parse('file:///tmp') as unknown as URL;
      assert.throws(() => processes.spawn('pwd', { cwd: parsed }), { code: 'ERR_INVALID_ARG_TYPE' });
      for (const { signal, abort, listeners } of [foreign(), foreign()]) {
        const child = processes.spawn('sleep', ['1000'], { signal });
        abort();
        assert.equal((await child.exited).termSignal, 'SIGTERM');
        assert.equal(listeners.size, 0);
        assert.throws(() => processes.spawn('true', { signal }), { code: 'ABORT_ERR' });
      }
      // Node's own, where somebody has put another class in its place.
      const own = new AbortController();
      Object.assign(globalThis, { AbortSignal: class {} });
      const child = processes.spawn('sleep', ['1000'], { signal: own.signal });
      const waiting = assert.rejects(sigkit.waitForSignal('SIGUSR2', { signal: own.signal }), { code: 'ABORT_ERR' });
      own.abort();
      assert.equal((await child.exited).termSignal, 'SIGTERM');
      await waiting;
      const late = foreign();
      const stream = sigkit.signals('SIGUSR2', { signal: late.signal });
      const following = sigkit.abortOnSignal('SIGUSR2', { signal: late.signal });
      const exit = assert.rejects(processes.waitForExit(process.pid, { signal: late.signal }), { code: 'ABORT_ERR' });
      late.abort();
      assert.deepEqual([stream.closed, following.signal.aborted], [true, true]);
      await exit;
      following.stop();
    }));

  it('arguments, environment and name arrive as they are', () =>
    scenario(async ({ processes, childProcess, fs }) => {
      const output = async (...given: Parameters<typeof processes.spawn>): Promise<string> => {
        const child = processes.spawn(...given);
        return (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
      };
      const env = { A: '1', B: 'x=y', EMPTY: '', 'D-E': 'über', LINES: 'a\nb', GONE: undefined, ['__proto__']: 'p' };
      const expected = ['A=1', 'B=x=y', 'EMPTY=', 'D-E=über', 'LINES=a\nb', '__proto__=p'].map((entry) => `${entry}\0`);
      assert.equal(await output('/bin/cat', ['/proc/self/environ'], { env }), expected.join(''));
      assert.equal(await output('/bin/cat', ['/proc/self/environ'], { env: {} }), '');
      const inherited = Object.create(Object.create({ FAR: '1', A: 'hidden' }, { B: { value: '2' } }), {
        A: { value: '3', enumerable: true },
      }) as NodeJS.ProcessEnv;
      const seen = await output('/bin/cat', ['/proc/self/environ'], { env: inherited });
      assert.equal(seen, childProcess.execFileSync('/bin/cat', ['/proc/self/environ'], { env: inherited }).toString());
      process.env['SIGKIT_TEST'] = 'inherited';
      assert.match(await output('/bin/cat', ['/proc/self/environ']), /(^|\0)SIGKIT_TEST=inherited\0/);

      const args = ['-c', 'cat /proc/$$/cmdline', '', ' ', 'ü\n"\'$x', '', 'x'.repeat(100_000), ''];
      assert.equal(await output('sh', args), ['sh', ...args].map((text) => `${text}\0`).join(''));
      assert.equal(
        await output('cat', ['/proc/self/cmdline'], { argv0: 'other name' }),
        'other name\0/proc/self/cmdline\0',
      );
      assert.equal(await output('cat', ['/proc/self/cmdline'], { argv0: '' }), '\0/proc/self/cmdline\0');
      assert.equal(await output('pwd', [], { cwd: '/usr' }), '/usr\n');
      assert.equal(await output('pwd', [], { cwd: new URL('file:///usr') }), '/usr\n');
      assert.equal(await output('pwd', []), `${process.cwd()}\n`);
      assert.equal(fs.realpathSync('.'), process.cwd());
    }));

  it('uid, gid and groups', function () {
    needRoot(this);
    return scenario(
      async ({ processes }) => {
        const ids = async (options: Parameters<typeof processes.spawn>[2]): Promise<string> => {
          const child = processes.spawn('grep', ['-E', '^(Uid|Gid|Groups):', '/proc/self/status'], options);
          const text = (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
          await child.exited;
          return text.replaceAll(/\s+/g, ' ').trim();
        };
        const four = (id: number): string => `${id} ${id} ${id} ${id}`;
        assert.equal(await ids({}), `Uid: ${four(0)} Gid: ${four(0)} Groups: 5 6`);
        assert.equal(await ids({ uid: 65_534 }), `Uid: ${four(65_534)} Gid: ${four(0)} Groups:`);
        assert.equal(await ids({ gid: 100 }), `Uid: ${four(0)} Gid: ${four(100)} Groups:`);
        assert.equal(
          await ids({ uid: 1000, gid: 100, groups: [7, 3] }),
          `Uid: ${four(1000)} Gid: ${four(100)} Groups: 3 7`,
        );
        assert.equal(await ids({ groups: [9] }), `Uid: ${four(0)} Gid: ${four(0)} Groups: 9`);
        assert.equal(await ids({ groups: [] }), `Uid: ${four(0)} Gid: ${four(0)} Groups:`);
        const largest = 2 ** 32 - 2;
        assert.equal(
          await ids({ uid: largest, gid: largest, groups: [largest] }),
          `Uid: ${four(largest)} Gid: ${four(largest)} Groups: ${largest}`,
        );
        assert.equal(process.getuid?.(), 0);
        assert.deepEqual(new Set(process.getgroups?.()), new Set([0, 5, 6]));

        process.seteuid?.(65_534);
        for (const [options, syscall] of [
          [{ uid: 0, gid: 1 }, 'setresgid'],
          [{ uid: 1 }, 'setresuid'],
          [{ groups: [1] }, 'setgroups'],
        ] as const)
          assert.throws(() => processes.spawn('true', [], options), { code: 'EPERM', syscall }, syscall);
        assert.deepEqual(processes.children(), []);
        // Or LeakSanitizer may not look at this process's threads (ptrace(2)).
        process.seteuid?.(0);
      },
      { wrapper: ['setpriv', '--groups=5,6'] },
    );
  });
});

describe('spawn: how children end', () => {
  it('by each signal that can end one: the result says so, real-time ones too', () =>
    scenario(
      async ({ processes, sigkit, fs }) => {
        // A pipe takes dumps whatever the limit is (core(5)).
        const dumped = fs.readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('|');
        const harmless = ['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGWINCH'];
        const ending = [...sigkit.validSignals(), 32, 33].filter((sig) => !harmless.includes(String(sig)));
        assert.equal(ending.length, 56);
        const results = ending.map(async (sig) => {
          const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
          assert.equal(child.kill(sig), true);
          const { rusage: _rusage, raw, coreDumped, ...rest } = await child.exited;
          const number = sigkit.signalNumber(sig);
          assert.deepEqual(rest, {
            pid: child.pid,
            exited: false,
            exitCode: null,
            signaled: true,
            termSignal: sigkit.signalName(sig),
            stopped: false,
            stopSignal: null,
            continued: false,
            aborted: false,
          });
          assert.equal(raw & 0x7f, number);
          assert.equal(coreDumped, (raw & 0x80) !== 0);
          if (!dumped) assert.equal(raw, number);
        });
        await Promise.all(results);
        assert.deepEqual(processes.children(), []);
      },
      { wrapper: ['sh', '-c', 'ulimit -c 0; exec "$@"', 'sh'] },
    ));

  it('by themselves: the exit code is all eight bits of it', () =>
    scenario(async ({ processes }) => {
      for (const code of [0, 1, 2, 126, 127, 128, 143, 255]) {
        const { raw, exited, exitCode, signaled, termSignal } = await processes.spawn('sh', ['-c', `exit ${code}`])
          .exited;
        assert.deepEqual(
          { raw, exited, exitCode, signaled, termSignal },
          { raw: code << 8, exited: true, exitCode: code, signaled: false, termSignal: null },
        );
      }
    }));

  it('coreDumped is what the kernel says', function () {
    needPython(this);
    const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-core-'));
    return scenario(
      async ({ processes, childProcess }) => {
        const code = `import os, time
pid = os.fork()
if pid == 0: os.abort()
print(os.waitpid(pid, 0)[1])`;
        for (const limit of ['0', 'unlimited']) {
          const run = ['-c', `ulimit -c ${limit} 2>/dev/null; exec "$@"`, 'sh'];
          const status = Number(childProcess.execFileSync('sh', [...run, 'python3', '-c', code]));
          const child = processes.spawn('sh', [...run, 'python3', '-c', 'import os; os.abort()'], { stdio: 'ignore' });
          const { termSignal, coreDumped, raw } = await child.exited;
          assert.deepEqual([termSignal, coreDumped, raw], ['SIGABRT', (status & 0x80) !== 0, status], limit);
        }
      },
      { cwd: folder },
    ).finally(() => rmSync(folder, { recursive: true }));
  });

  it('with what they have used', () =>
    scenario(async ({ processes }) => {
      const busy = processes.spawn('sh', ['-c', 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'], {
        stdio: 'ignore',
      });
      const idle = processes.spawn('true', [], { stdio: 'ignore' });
      const [used, little] = [(await busy.exited).rusage, (await idle.exited).rusage];
      assert.ok(used !== null && little !== null);
      assert.ok(used.userCPUTime > 20_000, `${used.userCPUTime}`);
      assert.ok(used.userCPUTime < 60_000_000);
      assert.ok(little.userCPUTime + little.systemCPUTime < used.userCPUTime + used.systemCPUTime);
      assert.ok(little.maxRSS > 500 && little.maxRSS < 10_000_000, `${little.maxRSS}`);
      assert.ok(little.minorPageFault > 0);
      for (const [name, figure] of Object.entries(used)) assert.ok(Number.isInteger(figure) && figure >= 0, name);
    }));
});

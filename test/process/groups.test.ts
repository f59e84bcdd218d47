import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { needPython } from '../fixtures/process/means.js';
import type { Tools } from '../fixtures/scenario.js';
import { scenario, startScenario } from '../support/scenario.js';

const pty = fileURLToPath(new URL('../../../test/fixtures/pty.py', import.meta.url));

describe('process groups and sessions', () => {
  it('setsid makes a leader, once; the others see it', () =>
    scenario(({ processes }) => {
      const parentsGroup = processes.getpgid(process.ppid);
      assert.equal(processes.getpgrp(), parentsGroup);
      assert.equal(processes.getpgid(), parentsGroup);
      assert.equal(processes.getsid(), processes.getsid(process.ppid));
      assert.equal(processes.setsid(), process.pid);
      for (const pid of [undefined, 0, process.pid]) {
        assert.equal(processes.getpgid(pid), process.pid);
        assert.equal(processes.getsid(pid), process.pid);
      }
      assert.equal(processes.getpgrp(), process.pid);
      assert.notEqual(processes.getsid(process.ppid), process.pid);
      assert.throws(() => processes.setsid(), { message: 'setsid EPERM', code: 'EPERM', errno: -1, syscall: 'setsid' });
    }));

  it('setpgid makes a group, joins one and leaves it', () =>
    scenario(async ({ processes }) => {
      const first = processes.getpgrp();
      processes.setpgid(0, 0);
      assert.equal(processes.getpgrp(), process.pid);
      processes.setpgid(0, first);
      assert.equal(processes.getpgrp(), first);
      processes.setpgid(process.pid, process.pid);
      assert.equal(processes.getpgrp(), process.pid);
      const child = processes.spawn('sleep', ['100'], { processGroup: true, stdio: 'ignore' });
      processes.setpgid(0, child.pid);
      assert.equal(processes.getpgrp(), child.pid);
      assert.equal(processes.getpgid(child.pid), child.pid);
      child.kill('SIGKILL');
      await child.exited;
    }));

  it("errors have the shape of Node's own", () =>
    scenario(async ({ processes, fs }) => {
      const nobody = 2 ** 22 + 7;
      const shape = (call: () => unknown): unknown => {
        try {
          return call();
        } catch (error) {
          const { name, message, code, errno, syscall } = error as NodeJS.ErrnoException;
          return [name, message, code, errno, syscall];
        }
      };
      const fails = (syscall: string, code: string, errno: number, call: () => unknown): void =>
        assert.deepEqual(shape(call), ['Error', `${syscall} ${code}`, code, errno, syscall], String(call));
      // The shape itself is what Node makes of a call of its own.
      assert.deepEqual(
        shape(() => process.kill(nobody, 0)),
        ['Error', 'kill ESRCH', 'ESRCH', -3, 'kill'],
      );

      fails('setpgid', 'ESRCH', -3, () => processes.setpgid(nobody, 0));
      fails('setpgid', 'ESRCH', -3, () => processes.setpgid(process.ppid, 0));
      fails('setpgid', 'EPERM', -1, () => processes.setpgid(0, nobody));
      fails('getpgid', 'ESRCH', -3, () => processes.getpgid(nobody));
      fails('getsid', 'ESRCH', -3, () => processes.getsid(nobody));
      const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      const group = processes.getpgid(child.pid);
      fails('setpgid', 'EACCES', -13, () => processes.setpgid(child.pid, 0));
      fails('setpgid', 'EACCES', -13, () => processes.setpgid(child.pid, child.pid));
      assert.equal(processes.getpgid(child.pid), group);
      child.kill('SIGKILL');
      await child.exited;
      fails('getpgid', 'ESRCH', -3, () => processes.getpgid(child.pid));

      processes.setsid();
      fails('setpgid', 'EPERM', -1, () => processes.setpgid(0, 0));
      fails('setsid', 'EPERM', -1, () => processes.setsid());
      const fd = fs.openSync('/dev/null', 'r');
      fails('tcgetpgrp', 'ENOTTY', -25, () => processes.tcgetpgrp(fd));
      fails('tcsetpgrp', 'ENOTTY', -25, () => processes.tcsetpgrp(fd, process.pid));
      fs.closeSync(fd);
      for (const closed of [fd, 2 ** 30]) {
        fails('tcgetpgrp', 'EBADF', -9, () => processes.tcgetpgrp(closed));
        fails('tcsetpgrp', 'EBADF', -9, () => processes.tcsetpgrp(closed, process.pid));
      }
    }));

  it('the foreground of a terminal is given away and taken back, from the background too', async function () {
    needPython(this);
    const child = startScenario(
      async ({ processes }) => {
        const attempt = (call: () => unknown): unknown => {
          try {
            return call();
          } catch (error) {
            return (error as NodeJS.ErrnoException).code;
          }
        };
        assert.equal(processes.getsid(), process.pid);
        assert.equal(processes.tcgetpgrp(0), process.pid);
        const job = processes.spawn('sleep', ['100'], { processGroup: true, stdio: 'ignore' });
        assert.equal(processes.tcgetpgrp(0), process.pid);
        processes.tcsetpgrp(0, job.pid);
        assert.equal(processes.tcgetpgrp(0), job.pid);
        // In the background now: SIGTTOU would stop it here for good.
        processes.tcsetpgrp(0, process.pid);
        assert.equal(processes.tcgetpgrp(0), process.pid);
        assert.equal(
          attempt(() => processes.tcsetpgrp(0, 2 ** 22 + 7)),
          'ESRCH',
        );
        const other = processes.spawn('sleep', ['100'], { session: true, stdio: 'ignore' });
        assert.equal(
          attempt(() => processes.tcsetpgrp(0, other.pid)),
          'EPERM',
        );
        assert.equal(processes.tcgetpgrp(0), process.pid);
        const foreground = processes.spawn('sleep', ['100'], { foreground: true, stdio: 'inherit' });
        assert.equal(foreground.processGroup, foreground.pid);
        assert.equal(processes.tcgetpgrp(0), foreground.pid);
        processes.tcsetpgrp(0, process.pid);
        for (const { pid } of [job, other, foreground]) process.kill(pid, 'SIGKILL');
        await Promise.all([job, other, foreground].map(({ exited }) => exited));
        console.log('done');
      },
      { wrapper: ['python3', pty] },
    );
    await child.line(/^done/);
    const { code, stdout } = await child.ended;
    assert.equal(code, 0, stdout);
  });
});

describe('prctl', () => {
  it('a subreaper adopts what its descendants lose, and only while it is one', () =>
    scenario(async ({ processes, childProcess, until }) => {
      const start = (): number =>
        Number(childProcess.execFileSync('sh', ['-c', 'sleep 100 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }));
      assert.equal(processes.isChildSubreaper(), false);
      const lost = start();
      await until(() => !processes.children().includes(lost), 'it has another parent');
      process.kill(lost, 'SIGKILL');
      processes.setChildSubreaper();
      assert.equal(processes.isChildSubreaper(), true);
      const adopted = start();
      await until(() => processes.children().includes(adopted), 'it is ours');
      process.kill(adopted, 'SIGKILL');
      processes.setChildSubreaper(false);
      assert.equal(processes.isChildSubreaper(), false);
      processes.setChildSubreaper(true);
      assert.equal(processes.isChildSubreaper(), true);
    }));

  it('setParentDeathSignal: the signal comes when the parent has gone', async () => {
    const parent = startScenario(({ childProcess }) => {
      const inner = async ({ processes, sigkit }: Tools) => {
        const stream = sigkit.signals('SIGRTMIN+3');
        processes.setParentDeathSignal('SIGRTMIN+3');
        console.log('armed');
        const { value } = await stream.next();
        console.log(`got ${value?.signal}`);
        stream.close();
      };
      childProcess.spawn(process.execPath, [process.argv[1] ?? '', inner.toString()], { stdio: 'inherit' });
    });
    await parent.line(/^armed$/);
    parent.process.kill('SIGKILL');
    await parent.line(/^got SIGRTMIN\+3$/);
    await parent.ended;
  });

  it('setParentDeathSignal(0) takes it back', async () => {
    const parent = startScenario(({ childProcess }) => {
      const inner = async ({ processes, until }: Tools) => {
        const { ppid } = process;
        processes.setParentDeathSignal('SIGKILL');
        processes.setParentDeathSignal(0);
        console.log('armed');
        await until(() => process.ppid !== ppid, 'it has another parent');
        console.log('alive');
      };
      childProcess.spawn(process.execPath, [process.argv[1] ?? '', inner.toString()], { stdio: 'inherit' });
    });
    await parent.line(/^armed$/);
    parent.process.kill('SIGKILL');
    await parent.line(/^alive$/);
    await parent.ended;
  });
});

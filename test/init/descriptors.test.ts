import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';

import { until } from '../support/child.js';
import { canUnshare, fixture, init, scratch, shell, startCommand } from '../support/init.js';
import { injecting, needNoSanitizer } from '../fixtures/process/means.js';
import { namespace, plain } from './places/place.js';
import { childOf } from '../support/processes.js';

// It may have been closed since it was listed.
function fileOf(pid: number, fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** What a process has open, without a pidfd of init's own. */
function openIn(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => fileOf(pid, fd)?.includes('pidfd') === false);
}

const manager = fixture('probe-manager');
const opened = 'exec 5</dev/null 9>/dev/null';

describe('sigkit-init and descriptors, once its command runs', () => {
  for (const place of [plain, namespace]) {
    const why = place.missing === undefined ? '' : ` (skipped: ${place.missing})`;
    describe(`as ${place.name}${why}`, () => {
      before(function () {
        if (place.missing !== undefined) this.skip();
      });

      it('has stderr open, and nothing else of what it was started with', async () => {
        const command = shell('ls /proc/self/fd | tr "\\n" " "; echo; echo ready; read line; exit 4');
        const script = `${opened}; exec "$@"`;
        const child = startCommand(place.enter(['sh', '-c', script, 'sh', init, '-s', ...command]));
        const fds = (await child.line(/^0 /)).trim().split(' ');
        assert.ok(
          ['0', '1', '2', '5', '9'].every((fd) => fds.includes(fd)),
          fds.join(),
        );
        await child.line(/^ready$/);
        const pid = place.asPid1 ? await childOf(child.pid) : child.pid;
        await until(() => openIn(pid).join() === '2', `${pid} has only stderr: ${openIn(pid).join()}`);
        child.write('go\n');
        assert.equal((await child.ended).code, 4);
      });

      it('a pipe that its command closes has its end', async () => {
        const fifo = path.join(scratch(), `closed-${place.asPid1}`);
        execFileSync('mkfifo', [fifo]);
        const command = shell('echo text >&5; exec 5>&-; echo ready; read line; exit 4');
        const child = startCommand(
          place.enter(['sh', '-c', `exec 5>${fifo}; exec "$@"`, 'sh', init, '-s', ...command]),
        );
        let [text, hasEnded] = ['', false];
        createReadStream(fifo, 'utf8')
          .on('data', (part) => (text += String(part)))
          .on('end', () => (hasEnded = true));
        await child.line(/^ready$/);
        await until(() => hasEnded, 'the reader sees the end');
        assert.equal(text, 'text\n');
        child.write('go\n');
        assert.equal((await child.ended).code, 4);
      });
    });
  }

  it('so has its stdout, and who writes to its stdin is told that nobody reads', async () => {
    const child = startCommand([init, '-s', ...shell('exec <&-; echo ready; exec >&-; exec sleep 1000')]);
    const { stdin, stdout } = child.process;
    let [hasEnded, code] = [false, ''];
    stdout?.on('end', () => (hasEnded = true));
    stdin?.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? error.message));
    await child.line(/^ready$/);
    await until(() => hasEnded, `stdout has its end: ${openIn(child.pid).join()} are open in sigkit-init`);
    // The kernel takes what is written as long as somebody has a copy, as who is between fork and exec.
    const isTold = (): boolean => {
      if (code === '' && stdin?.writableLength === 0) child.write('text');
      return code !== '';
    };
    await until(isTold, `a write fails: ${openIn(child.pid).join()} are open in sigkit-init`);
    assert.equal(code, 'EPIPE');
    process.kill(child.pid, 'SIGTERM');
    assert.equal((await child.ended).signal, 'SIGTERM');
  });

  it('a socket that its command closes listens no more', async () => {
    const command = shell('exec 3<&-; echo ready; read line; exit 4');
    const child = startCommand([manager, 'start', init, '-s', '--', ...command]);
    await child.line(/^ready$/);
    const refuses = (): boolean => spawnSync(manager, ['connect', String(child.pid)]).status === 1;
    await until(refuses, 'nobody listens');
    child.write('go\n');
    assert.equal((await child.ended).code, 4);
  });

  for (const [what, hide] of [
    ['close_range(2) is missing', ''],
    ['close_range(2) and /proc are missing', 'mount -t tmpfs none /proc; '],
  ] as const) {
    it(`also where ${what}`, async function () {
      needNoSanitizer(this);
      if (hide !== '' && (!canUnshare || spawnSync('unshare', ['--mount', 'true']).status !== 0)) this.skip();
      const wrapper = injecting(this, 'close_range', 'error=ENOSYS');
      const mounts = hide === '' ? [] : ['unshare', '--mount'];
      const command = shell('echo ready $PPID; read line; exit 4');
      const script = `${hide}${opened}; exec "$@"`;
      const child = startCommand([...wrapper, ...mounts, 'sh', '-c', script, 'sh', init, '-s', '--', ...command]);
      const pid = Number((await child.line(/^ready/)).split(' ')[1]);
      await until(() => openIn(pid).join() === '2', `${pid} has only stderr: ${openIn(pid).join()}`);
      child.write('go\n');
      assert.equal((await child.ended).code, 4);
    });
  }
});

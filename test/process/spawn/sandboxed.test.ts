import assert from 'node:assert/strict';

import { injecting } from '../../fixtures/process/means.js';
import { scenario } from '../../support/scenario.js';

describe('where a sandbox forbids what pidfds need', () => {
  // A count is of one thread: the first of each that makes children.
  for (const error of ['EINVAL', 'ENOSYS', 'EPERM'])
    it(`a clone with CLONE_PIDFD (${error}): spawn goes on without`, function () {
      const wrapper = injecting(this, 'clone', `error=${error}:when=1`);
      return scenario(
        async ({ processes, fs }) => {
          const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
          const links = fs.readdirSync('/proc/self/fd').map((fd) => {
            try {
              return fs.readlinkSync(`/proc/self/fd/${fd}`);
            } catch {
              return '';
            }
          });
          assert.equal(links.filter((link) => /pidfd/.test(link)).length, 1, 'it is opened afterwards');
          assert.equal(child.kill('SIGTERM'), true);
          assert.equal((await child.exited).termSignal, 'SIGTERM');
          assert.throws(() => processes.spawn('/none'), { code: 'ENOENT', syscall: 'execve' });
          assert.deepEqual(processes.children(), []);
        },
        { wrapper },
      );
    });

  it('pidfd_open as well: the child is looked at', function () {
    const wrapper = injecting(this, 'clone,pidfd_open', 'error=ENOSYS:when=1');
    return scenario(
      async ({ processes, fs }) => {
        const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
        const hasPidfd = fs.readdirSync('/proc/self/fd').some((fd) => {
          try {
            return /pidfd/.test(fs.readlinkSync(`/proc/self/fd/${fd}`));
          } catch {
            return false;
          }
        });
        assert.ok(!hasPidfd);
        assert.equal(child.kill('SIGRTMIN+3', 5), true);
        assert.equal((await child.exited).termSignal, 'SIGRTMIN+3');
        assert.equal(child.kill(0), false);
      },
      { wrapper },
    );
  });

  it('a clone at all: an error, and no child', function () {
    const wrapper = injecting(this, 'clone', 'error=EPERM');
    return scenario(
      ({ processes, descriptors }) => {
        assert.throws(() => processes.spawn('true'), { code: 'EPERM', syscall: 'clone' });
        const before = descriptors().length;
        assert.throws(() => processes.spawn('true'), { code: 'EPERM', syscall: 'clone' });
        assert.equal(descriptors().length, before);
      },
      { wrapper },
    );
  });

  for (const error of ['EPERM', 'ENOSYS'])
    it(`pidfd_send_signal (${error}): kill, an abort and \`await using\` end the child, and a handle reaches its process`, function () {
      const wrapper = injecting(this, 'pidfd_send_signal', `error=${error}`);
      return scenario(
        async ({ processes, childProcess }) => {
          const sleeper = () => processes.spawn('sleep', ['100'], { stdio: 'ignore' });
          const killed = sleeper();
          assert.equal(killed.kill(0), true);
          assert.equal(killed.kill('SIGRTMIN+3', 7), true);
          assert.equal((await killed.exited).termSignal, 'SIGRTMIN+3');
          assert.equal(killed.kill(0), false);

          const abort = new AbortController();
          const aborted = processes.spawn('sleep', ['100'], { stdio: 'ignore', signal: abort.signal });
          abort.abort();
          assert.equal((await aborted.exited).termSignal, 'SIGTERM');

          const disposed = sleeper();
          await disposed[Symbol.asyncDispose]();
          assert.equal((await disposed.exited).termSignal, 'SIGTERM');

          const other = Number(childProcess.execFileSync('sh', ['-c', 'sleep 100 >/dev/null 2>&1 & echo $!']));
          const handle = processes.openProcess(other);
          assert.equal(handle.kill(0), true);
          assert.equal(handle.kill('SIGKILL'), true);
          await handle.exited;
          handle.close();

          const tree = sleeper();
          const { empty } = await processes.terminateTree(tree.pid);
          assert.equal(empty, true);
        },
        { wrapper },
      );
    });
});

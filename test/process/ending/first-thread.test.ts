import assert from 'node:assert/strict';

import { injecting } from '../../fixtures/process/means.js';
import { withPython } from '../../fixtures/process/python-tree.js';
import { scenario } from '../../support/scenario.js';

const sandboxes = {
  'with pidfds': () => [],
  'without pidfds': (context: Mocha.Context) => injecting(context, 'pidfd_open', 'error=ENOSYS'),
};

describe('a process whose first thread has ended', () => {
  for (const [how, sandbox] of Object.entries(sandboxes))
    it(`runs, and is ended as any other: ${how}`, function () {
      return scenario(
        async ({ processes, fs, until, timers }) => {
          const root = processes.spawn('python3', ['-c', process.env['TREE'] ?? ''], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          let said = '';
          root.stdout?.on('data', (data: Buffer) => (said += String(data)));
          await until(() => said.includes('\n'), 'it is there');
          const pid = Number.parseInt(said, 10);
          await until(
            () => /^State:\tZ/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8')),
            'its first thread has ended',
          );
          const handle = processes.openProcess(pid);
          let ended = false;
          const exited = Promise.all([processes.waitForExit(pid), handle.exited]).then(() => (ended = true));
          // As many looks as it takes to believe it.
          await timers.setTimeout(300);
          assert.equal(ended, false);
          assert.equal(handle.kill(0), true);
          const { empty, members } = await processes.terminateTree(pid, { graceMs: 200 });
          assert.deepEqual(
            members.map(({ pid, sent, ended }) => ({ pid, sent, ended })),
            [{ pid, sent: 'SIGKILL', ended: true }],
          );
          assert.equal(empty, true);
          await exited;
          handle.close();
          await until(() => said.includes('killed 9'), 'its parent has seen the end');
          assert.equal((await processes.terminateTree(root.pid)).empty, true);
        },
        {
          wrapper: [
            ...sandbox(this),
            ...withPython(`
import platform, threading
def run():
    report(os.getpid())
    while True: time.sleep(1000)
child = os.fork()
if child == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=run).start()
    # exit(2) of this thread alone
    libc.syscall({'x86_64': 60}.get(platform.machine(), 93), 0)
_, status = os.waitpid(child, 0)
report('killed', os.WTERMSIG(status))
time.sleep(1000)
`),
          ],
        },
      );
    });
});

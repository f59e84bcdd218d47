import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

describeTransports('behaviours of sd-event', () => {
  it('[sd-02c] a child that nobody waits for is not reaped, though its SIGCHLD is seen', () =>
    scenario(
      async ({ sigkit, fs, childProcess, events }) => {
        const stream = sigkit.signals('SIGCHLD');
        const own = `/proc/self/task/${process.pid}/children`;
        const [unknown = ''] = fs.readFileSync(own, 'utf8').split(' ');
        assert.notEqual(unknown, '');
        sigkit.kill(Number(unknown), 'SIGTERM');
        const { value: info } = await stream.next();
        assert.deepEqual([info?.code, info?.pid, info?.status], ['CLD_KILLED', Number(unknown), 15]);
        // Not by a stream, nor by what children of child_process do to others.
        await events.once(childProcess.spawn('true'), 'exit');
        assert.equal((await stream.next()).value?.code, 'CLD_EXITED');
        stream.close();
        assert.match(fs.readFileSync(`/proc/${unknown}/stat`, 'utf8'), /\) Z /);
      },
      // The shell's child becomes ours, unknown to libuv.
      { wrapper: ['sh', '-c', 'sleep 600 & exec "$@"', 'sh'] },
    ));

  it('[sd-03] the end of a child is seen with SIGCHLD blocked nowhere', () =>
    scenario(async ({ sigkit, masks, childProcess, events }) => {
      const stream = sigkit.signals(['SIGCHLD', 'SIGHUP']);
      for (const blocked of masks()) assert.ok(blocked.includes('SIGHUP') && !blocked.includes('SIGCHLD'));
      const child = childProcess.spawn('true');
      const ended = events.once(child, 'exit');
      assert.equal((await stream.next()).value?.pid, child.pid);
      await ended;
      stream.close();
    }));
});

import assert from 'node:assert/strict';

import { FakeManager } from '../support/notify-socket.js';
import { scenario } from '../support/scenario.js';

/** The message with its EXTEND_TIMEOUT_USEC, which must be of these seconds at most, and little less, taken out. */
function withoutTimeout(lines: readonly string[], seconds: number): string {
  const [extend = '', ...more] = lines.filter((line) => line.startsWith('EXTEND_TIMEOUT_USEC='));
  assert.deepEqual(more, []);
  const told = Number(extend.split('=')[1]) / 1e6;
  assert.ok(told <= seconds && told > seconds - 6, `${extend} for ${seconds} s`);
  return lines.filter((line) => line !== extend).join(' ');
}

describe('what a manager is told of a shutdown', () => {
  it('that it begins, its stages, how long it may take, also when that is extended, and its result', async () => {
    await using manager = await FakeManager.start();
    const wrapper = ['env', `NOTIFY_SOCKET=${manager.address}`];
    await scenario(
      async ({ shutdown: { createShutdown }, systemd: { openNotifier }, sendByShell, diagnosticsChannel }) => {
        const notifier = openNotifier();
        const shutdown = createShutdown({ budgetMs: 10_000, exit: 'none', sigs: 'SIGTERM', notifier });
        // Its queue is short: each waits until it has been read.
        const read = (): Promise<string> => notifier.barrier();
        shutdown.add('requests', async ({ extend }) => (await read(), extend(7000), await read()), { stage: 'drain' });
        shutdown.add('jobs', read, { stage: 'stop-work' });
        shutdown.add('files', () => Promise.reject(new Error('no')), { stage: 'flush' });
        notifier.ready();
        // Neither the claim nor the promise keeps the process until the signal is there.
        const alive = setInterval(() => {}, 1000);
        sendByShell('TERM');
        await shutdown.done;
        clearInterval(alive);
        await new Promise(setImmediate);
        assert.equal(diagnosticsChannel.hasSubscribers('sigkit:shutdown:progress'), false);
      },
      { wrapper },
    );
    const told: string[] = [];
    let last = '';
    let seconds = 15;
    while (!last.startsWith('STATUS=Stopped')) {
      const { lines } = await manager.next();
      last = lines.join(' ');
      if (last === 'BARRIER=1') continue;
      if (!last.includes('EXTEND_TIMEOUT_USEC=')) {
        told.push(last);
        continue;
      }
      // The same stage once more: its time has been extended.
      if (last.includes(told.at(-1) ?? '-')) seconds = 22;
      told.push(withoutTimeout(lines, seconds));
    }
    assert.deepEqual(told, [
      'READY=1',
      'STOPPING=1 STATUS=Stopping',
      'STATUS=Stopping: stop-accepting',
      'STATUS=Stopping: drain',
      'STATUS=Stopping: drain',
      'STATUS=Stopping: stop-work',
      'STATUS=Stopping: release',
      'STATUS=Stopping: flush',
      'STATUS=Stopped: files (failed)',
    ]);
  });

  it('nothing after it was told to end, or when the shutdown is closed; nothing of another shutdown', async () => {
    await using manager = await FakeManager.start();
    const wrapper = ['env', `NOTIFY_SOCKET=${manager.address}`];
    await scenario(
      async ({ shutdown: { createShutdown, notifyAbout }, systemd: { openNotifier }, diagnosticsChannel, until }) => {
        const notifier = openNotifier();
        const isHeard = (): boolean => diagnosticsChannel.hasSubscribers('sigkit:shutdown:progress');
        const closed = createShutdown({ exit: 'none' });
        notifyAbout(closed, notifier);
        assert.ok(isHeard());
        closed.close();
        // In the same turn, in which the first is heard still.
        const other = createShutdown({ exit: 'none' });
        await other.shutdown();
        await until(() => !isHeard(), 'it has ended with the shutdown');
        const ended = createShutdown({ exit: 'none' });
        notifyAbout(ended, notifier)[Symbol.dispose]();
        assert.ok(!isHeard());
        await ended.shutdown();
        notifier.status('the only one');
        const bad = notifyAbout as (...args: readonly unknown[]) => unknown;
        const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
        for (const value of [undefined, null, {}, 'x'])
          assert.throws(() => bad(value, notifier), { ...type, message: /"shutdown"/ });
        assert.throws(() => bad(ended, {}), { ...type, message: /"notifier"/ });
        assert.ok(!isHeard());
      },
      { wrapper },
    );
    assert.deepEqual(await manager.lines(1), [['STATUS=the only one']]);
  });
});

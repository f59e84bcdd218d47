import assert from 'node:assert/strict';

import { FakeManager } from '../support/notify-socket.js';
import { scenario, startScenario } from '../support/scenario.js';

const withVariables = (
  variables: Readonly<Record<string, string | number>>,
): { readonly wrapper: readonly string[] } => ({
  wrapper: ['env', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
});

describe('a notify socket that somebody has closed', () => {
  for (const stranger of ['nothing', 'a file', 'a FIFO', 'a full FIFO', 'a socket'])
    it(`is another one for the next message: its number is ${stranger} by then`, async () => {
      await using manager = await FakeManager.start();
      await using other = await FakeManager.start();
      const variables = { NOTIFY_SOCKET: manager.address, OTHER: other.address, STRANGER: stranger };
      await scenario(async ({ systemd, childProcess, descriptors, fs }) => {
        const { STRANGER: kind = '', OTHER: NOTIFY_SOCKET } = process.env;
        const inodeOf = (fd: number): number => fs.fstatSync(fd).ino;
        const folder = fs.mkdtempSync('/tmp/sigkit-closed-');
        const [file, fifo] = [`${folder}/file`, `${folder}/fifo`];
        childProcess.execFileSync('mkfifo', [fifo]);
        const { O_RDWR, O_NONBLOCK } = fs.constants;
        // The other end, which never waits.
        const queue = fs.openSync(fifo, O_RDWR | O_NONBLOCK);
        if (kind === 'a full FIFO') for (let left = 65_536; left > 0; left -= fs.writeSync(queue, Buffer.alloc(left)));
        const open = {
          nothing: () => fs.openSync('/dev/null', 'r'),
          'a file': () => fs.openSync(file, 'w+'),
          'a FIFO': () => fs.openSync(fifo, 'r+'),
          'a full FIFO': () => fs.openSync(fifo, 'r+'),
          'a socket': () => systemd.openNotifier({ environment: { NOTIFY_SOCKET } }),
        }[kind];
        const before = descriptors();
        const notifier = systemd.openNotifier();
        const fd = Number(descriptors().find((number) => !before.includes(number)));
        const own = inodeOf(fd);
        fs.closeSync(fd);
        const kept: unknown[] = [];
        if (kind !== 'nothing') while (!fs.existsSync(`/proc/self/fd/${fd}`)) kept.push(open?.());
        const theirs = kind === 'nothing' ? 0 : inodeOf(fd);
        assert.notEqual(theirs, own);

        assert.deepEqual([notifier.ready(), notifier.status('one'), notifier.status('two')], ['sent', 'sent', 'sent']);
        assert.equal(await notifier.barrier(), 'passed');
        if (fs.existsSync(file)) assert.equal(fs.statSync(file).size, 0);
        if (kind === 'a FIFO') assert.throws(() => fs.readSync(queue, Buffer.alloc(1)), { code: 'EAGAIN' });
        notifier.close();
        if (kind !== 'nothing') assert.equal(inodeOf(fd), theirs);
        fs.rmSync(folder, { recursive: true });
        assert.ok(kept.length < 20);
      }, withVariables(variables));
      assert.deepEqual(await manager.lines(4), [['READY=1'], ['STATUS=one'], ['STATUS=two'], ['BARRIER=1']]);
      // Nothing of it has gone to others.
      await scenario(
        ({ systemd }) => void systemd.openNotifier().status('first'),
        withVariables({ NOTIFY_SOCKET: other.address }),
      );
      assert.deepEqual(await other.lines(1), [['STATUS=first']]);
    });

  it('is not closed again: the number is left to who has it', async () => {
    await using manager = await FakeManager.start();
    await scenario(({ systemd, descriptors, fs }) => {
      const before = descriptors();
      const notifier = systemd.openNotifier();
      const fd = Number(descriptors().find((number) => !before.includes(number)));
      fs.closeSync(fd);
      while (!fs.existsSync(`/proc/self/fd/${fd}`)) fs.openSync('/dev/null', 'r');
      const theirs = fs.fstatSync(fd).ino;
      notifier.close();
      assert.equal(fs.fstatSync(fd).ino, theirs);
    }, withVariables(manager.environment));
  });

  it('is an error while there is no descriptor for another one, and works again after', async () => {
    await using manager = await FakeManager.start();
    await scenario(
      ({ systemd, descriptors, fs }) => {
        const before = descriptors();
        const notifier = systemd.openNotifier();
        const fd = Number(descriptors().find((number) => !before.includes(number)));
        fs.closeSync(fd);
        const taken: number[] = [];
        assert.throws(
          () => {
            for (;;) taken.push(fs.openSync('/dev/null', 'r'));
          },
          { code: 'EMFILE' },
        );
        assert.throws(() => notifier.ready(), { code: 'EMFILE', syscall: 'sendmsg' });
        for (const number of taken) fs.closeSync(number);
        assert.equal(notifier.ready(), 'sent');
      },
      { wrapper: ['prlimit', '--nofile=200', '--', 'env', `NOTIFY_SOCKET=${manager.address}`] },
    );
    assert.deepEqual(await manager.lines(1), [['READY=1']]);
  });

  it('keeps no sign of life of the watchdog from the manager', async () => {
    await using manager = await FakeManager.start();
    const child = startScenario(
      ({ systemd, descriptors, fs }) => {
        const open = (): string[] => descriptors().filter((fd) => fs.statSync(`/proc/self/fd/${fd}`).isSocket());
        const before = open();
        const notifier = systemd.openNotifier();
        const fd = Number(open().find((number) => !before.includes(number)));
        const watchdog = systemd.openWatchdog(notifier);
        assert.ok(watchdog.enabled);
        const file = `/tmp/sigkit-closed-${process.pid}`;
        fs.writeFileSync(file, '');
        fs.closeSync(fd);
        // The native thread, with another socket, may be the first to get the number.
        while (!fs.existsSync(`/proc/self/fd/${fd}`)) fs.openSync(file, 'w');
        const second = systemd.openNotifier();
        second.status('closed');
        second.close();
        process.stdin.resume().once('end', () => {
          watchdog.close();
          assert.equal(fs.statSync(file).size, 0);
          fs.rmSync(file);
          process.stdin.destroy();
        });
      },
      withVariables({ NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: 100_000 }),
    );
    const closed = async (): Promise<void> => {
      while ((await manager.next()).lines[0] !== 'STATUS=closed');
      assert.deepEqual(await manager.lines(3), [['WATCHDOG=1'], ['WATCHDOG=1'], ['WATCHDOG=1']]);
    };
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no three signs of life within 20 s')), 20_000).unref();
    });
    const ended = child.ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
    try {
      await Promise.race([closed(), late, ended]);
    } finally {
      ended.catch(() => {});
      child.process.stdin?.end();
    }
    const { code, stderr } = await child.ended;
    assert.equal(code, 0, stderr);
  });
});

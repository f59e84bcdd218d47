import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { openNotifier } from 'sigkit/systemd';

import { openDescriptors } from '../support/descriptors.js';
import { scratch } from '../support/init.js';
import { FakeManager, freeAddress } from '../support/notify-socket.js';

const folder = (): string => mkdtempSync(path.join(scratch(), 'notify-'));

const monotonicUsec = (line: string | undefined): bigint => {
  const [name, value = ''] = line?.split('=') ?? [];
  assert.equal(name, 'MONOTONIC_USEC');
  return BigInt(value);
};

describe('what a service tells its manager', () => {
  it('each call is one datagram of the protocol, in order, with the credentials of this process', async () => {
    for (const address of [freeAddress(), path.join(folder(), 'notify')]) {
      await using manager = await FakeManager.start(address);
      using notifier = openNotifier({ environment: manager.environment });
      assert.deepEqual([notifier.enabled, notifier.disabledBecause], [true, null]);
      const before = process.hrtime.bigint() / 1000n;
      const outcomes = [
        notifier.ready(),
        notifier.ready('up\nand\r\n\trunning\0'),
        notifier.status(''),
        notifier.reloading('again'),
        notifier.stopping('bye'),
        notifier.extendTimeout(1500.5),
        notifier.notify({ mainPid: 4711, errno: 2, watchdog: 'trigger' }),
        notifier.notify({ watchdog: 'ping' }),
        notifier.removeDescriptors('queue'),
      ];
      const after = process.hrtime.bigint() / 1000n;
      assert.deepEqual(new Set(outcomes), new Set(['sent']));
      const messages = [];
      for (const _ of outcomes) messages.push(await manager.next());
      const reloading = monotonicUsec(messages[3]?.lines[1]);
      assert.ok(before <= reloading && reloading <= after);
      assert.deepEqual(
        messages.map(({ lines }) => lines),
        [
          ['READY=1'],
          ['READY=1', 'STATUS=up and running'],
          ['STATUS='],
          ['RELOADING=1', `MONOTONIC_USEC=${reloading}`, 'STATUS=again'],
          ['STOPPING=1', 'STATUS=bye'],
          ['EXTEND_TIMEOUT_USEC=1500500'],
          ['ERRNO=2', 'MAINPID=4711', 'WATCHDOG=trigger'],
          ['WATCHDOG=1'],
          ['FDSTOREREMOVE=1', 'FDNAME=queue'],
        ],
      );
      for (const { pid, uid, gid, descriptors: passed } of messages) {
        assert.deepEqual([pid, uid, gid], [process.pid, process.getuid?.(), process.getgid?.()]);
        assert.deepEqual(passed, []);
      }
    }
  });

  it('a status that is too long is cut to what a manager reads, between two characters', async () => {
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment });
    notifier.notify({ ready: true, status: 'ä'.repeat(5000) });
    const { lines, bytes } = await manager.next();
    assert.ok(bytes === 4095 || bytes === 4096, String(bytes));
    assert.equal(lines[0], 'READY=1');
    assert.match(lines[1] ?? '', /^STATUS=ä+$/);
  });

  it('what has no name here goes as fields, beside the rest, whole or not at all', async () => {
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment });
    const inherited = Object.create({ X_INHERITED: 'too' }) as Record<string, string>;
    Object.assign(inherited, { NOTIFYACCESS: 'all', X_FOO: 'a=b, "ä"\t', X_NONE: undefined, x_1: '' });
    const expected = ['NOTIFYACCESS=all', 'X_FOO=a=b, "ä"\t', 'x_1=', 'X_INHERITED=too'];
    assert.equal(notifier.notify({ fields: inherited, status: 'up', watchdog: 'ping' }), 'sent');
    assert.equal(notifier.notify({ fields: { RESTART_RESET: '1' } }), 'sent');
    assert.deepEqual(await manager.lines(2), [['WATCHDOG=1', ...expected, 'STATUS=up'], ['RESTART_RESET=1']]);
    // X_=... to the last byte; then what is left of the name of the status is left out.
    for (const room of [0, 1, 7, 8, 9]) {
      notifier.notify({ fields: { X_: 'x'.repeat(4093 - room) }, status: 'yz' });
      const { lines, bytes } = await manager.next();
      assert.deepEqual(lines.slice(1), room < 8 ? [] : [`STATUS=${'yz'.slice(0, room - 8)}`], String(room));
      assert.equal(bytes, room < 8 ? 4096 - room : 4096);
    }
    notifier.notify({ fields: { X_: 'x'.repeat(4085) }, status: '' });
    assert.deepEqual((await manager.next()).lines.slice(1), ['STATUS=']);
    assert.throws(() => notifier.notify({ fields: { X_: 'ä'.repeat(2047) } }), { code: 'ERR_OUT_OF_RANGE' });
  });

  it('descriptors are passed as copies; a name goes with them', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'hold');
    using notifier = openNotifier({ environment: manager.environment });
    const file = path.join(folder(), 'file');
    const fds = [openSync(file, 'w'), openSync('/dev/null', 'r')];
    const inodes = fds.map((fd) => fstatSync(fd).ino);
    assert.equal(notifier.storeDescriptors(fds, 'queue; part-1'), 'sent');
    assert.equal(notifier.storeDescriptors(fds.slice(0, 1)), 'sent');
    assert.equal(notifier.storeDescriptors(fds.slice(0, 1), 'pipe', { poll: false }), 'sent');
    assert.equal(notifier.storeDescriptors(fds.slice(0, 1), undefined, { poll: true }), 'sent');
    for (const fd of fds) closeSync(fd);
    const [first, second] = [await manager.next(), await manager.next()];
    assert.deepEqual(await manager.lines(2), [['FDSTORE=1', 'FDNAME=pipe', 'FDPOLL=0'], ['FDSTORE=1']]);
    assert.deepEqual(first.lines, ['FDSTORE=1', 'FDNAME=queue; part-1']);
    assert.deepEqual(
      first.descriptors,
      inodes.map((inode, index) => ({ kind: ['file', 'device'][index], inode })),
    );
    assert.deepEqual([second.lines, second.descriptors.length], [['FDSTORE=1'], 1]);
    assert.throws(() => notifier.storeDescriptors([fds[0] ?? -1]), { code: 'EBADF', syscall: 'sendmsg' });
  });

  it('a barrier waits until the manager has closed its end, and no longer than it may', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'hold');
    using notifier = openNotifier({ environment: manager.environment });
    const open = openDescriptors();
    let passed = false;
    const barrier = notifier.barrier({ timeoutMs: Infinity });
    void barrier.then(() => (passed = true));
    const { lines, descriptors: sent } = await manager.next();
    assert.deepEqual([lines, sent.map(({ kind }) => kind)], [['BARRIER=1'], ['fifo']]);
    assert.equal(await notifier.barrier({ timeoutMs: 5 }), 'timed-out');
    assert.equal(passed, false);
    manager.release();
    assert.equal(await barrier, 'passed');
    assert.deepEqual(openDescriptors(), open);
  });

  it('a barrier that has passed leaves no timer', async () => {
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment });
    const timers = (): string[] => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = timers();
    assert.equal(await notifier.barrier(), 'passed');
    assert.deepEqual(timers(), before);
  });

  it('a manager that does not read: told as a result, at once, and nothing is thrown', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'deaf');
    using notifier = openNotifier({ environment: manager.environment });
    let sent = 0;
    while (notifier.status(`message ${sent}`) === 'sent') sent += 1;
    assert.equal(notifier.ready(), 'full');
    assert.equal(notifier.lastError?.code, 'EAGAIN');
    const open = openDescriptors();
    assert.equal(await notifier.barrier(), 'full');
    assert.deepEqual(openDescriptors(), open);
    manager.hear();
    for (const [index, lines] of (await manager.lines(sent)).entries())
      assert.deepEqual(lines, [`STATUS=message ${index}`]);
    assert.equal(notifier.ready(), 'sent');
    assert.deepEqual(await manager.lines(1), [['READY=1']]);
  });

  it('a manager that is not there, goes away, and comes back', async () => {
    const address = path.join(folder(), 'notify');
    using notifier = openNotifier({ environment: { NOTIFY_SOCKET: address } });
    assert.equal(notifier.enabled, true);
    assert.deepEqual([notifier.ready(), notifier.lastError?.code], ['unreachable', 'ENOENT']);
    assert.equal(await notifier.barrier(), 'unreachable');
    for (const status of ['first', 'second']) {
      {
        await using manager = await FakeManager.start(address);
        assert.equal(notifier.status(status), 'sent');
        assert.deepEqual(await manager.lines(1), [[`STATUS=${status}`]]);
      }
      assert.deepEqual([notifier.ready(), notifier.lastError?.code], ['unreachable', 'ECONNREFUSED']);
      rmSync(address);
    }
  });

  it('in the name of another process, as far as the kernel allows it', async function () {
    if (process.getuid?.() !== 0) return this.skip();
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment, pid: process.ppid });
    assert.equal(notifier.ready(), 'sent');
    assert.equal((await manager.next()).pid, process.ppid);
  });

  it('without a manager: a no-op that says so', async () => {
    const unusable = ['vsock:2:1234', 'vsock-stream:2:1234', 'notify', '/', '@', '', `/${'n'.repeat(107)}`, '/a\0b'];
    const warnings: string[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning.message);
    process.on('warning', onWarning);
    const open = openDescriptors();
    for (const NOTIFY_SOCKET of [undefined, ...unusable]) {
      const notifier = openNotifier({ environment: { NOTIFY_SOCKET } });
      assert.equal(notifier.enabled, false);
      assert.match(
        notifier.disabledBecause ?? '',
        NOTIFY_SOCKET ? /^NOTIFY_SOCKET is "/ : /^NOTIFY_SOCKET is not set$/,
      );
      assert.deepEqual(
        [notifier.ready(), notifier.reloading(), notifier.status('x'), notifier.extendTimeout(1)],
        Array(4).fill('disabled'),
      );
      assert.equal(notifier.storeDescriptors([0], 'x'), 'disabled');
      assert.equal(await notifier.barrier(), 'disabled');
      assert.equal(notifier.lastError, null);
      notifier.close();
    }
    assert.deepEqual(openDescriptors(), open);
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    assert.equal(warnings.length, unusable.length - 1);
    assert.match(warnings[0] ?? '', /"vsock:2:1234": sigkit does not support vsock$/);
  });

  it('close gives the socket back, and disables; twice is no error', async () => {
    await using manager = await FakeManager.start();
    const open = openDescriptors();
    const notifier = openNotifier({ environment: manager.environment });
    assert.equal(openDescriptors().length, open.length + 1);
    notifier.close();
    notifier.close();
    assert.deepEqual(openDescriptors(), open);
    assert.deepEqual([notifier.enabled, notifier.ready()], [false, 'disabled']);
    assert.equal(notifier.disabledBecause, 'it has been closed');
  });

  it('the variable stays where it is, or is taken away on request', async () => {
    await using manager = await FakeManager.start();
    const environment: Record<string, string | undefined> = { ...manager.environment, OTHER: 'stays' };
    openNotifier({ environment }).close();
    assert.deepEqual(environment, { ...manager.environment, OTHER: 'stays' });
    openNotifier({ environment, unset: true }).close();
    assert.deepEqual(environment, { OTHER: 'stays' });
  });

  it('a child inherits neither socket nor barrier', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'hold');
    // But regular files: a sanitizer may open its log meanwhile.
    const list = (): readonly string[] =>
      execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }).match(/\d+ -> [^/:]+:/g) ?? [];
    const inherited = list();
    using notifier = openNotifier({ environment: manager.environment });
    const barrier = notifier.barrier();
    assert.deepEqual(list(), inherited);
    await manager.next();
    manager.release();
    assert.equal(await barrier, 'passed');
  });

  it('in a Worker as well; one that ends without close leaves no descriptor', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'hold');
    const open = openDescriptors();
    const program = `
      import { parentPort } from 'node:worker_threads';
      import { openNotifier } from ${JSON.stringify(import.meta.resolve('sigkit/systemd'))};
      const notifier = openNotifier({ environment: ${JSON.stringify(manager.environment)} });
      parentPort.postMessage(notifier.ready('from a Worker'));
      void notifier.barrier({ timeoutMs: Infinity });
      setInterval(() => {}, 1000);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    assert.deepEqual(await once(worker, 'message'), ['sent']);
    const { lines, pid } = await manager.next();
    assert.deepEqual([lines, pid], [['READY=1', 'STATUS=from a Worker'], process.pid]);
    assert.deepEqual((await manager.next()).lines, ['BARRIER=1']);
    await worker.terminate();
    assert.deepEqual(openDescriptors(), open);
  });

  it('what a message does not have is an error that names it and what is meant, and sends nothing', async () => {
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment });
    using disabled = openNotifier({ environment: {} });
    for (const [state, unknown, advice] of [
      [{ READY: 1 }, 'state.READY', 'Did you mean "ready"?'],
      [{ ready: true, MAINPID: 1 }, 'state.MAINPID', 'Did you mean "mainPid"?'],
      [{ extendTimeout: 1 }, 'state.extendTimeout', 'Did you mean "extendTimeoutMs"?'],
      [{ 'X_MY=1\n': 1 }, 'state["X_MY=1\\n"]', 'There are: ready, reloading, stopping, status, '],
    ] as const)
      for (const told of [notifier, disabled])
        assert.throws(
          () => told.notify(state as object),
          ({ code, message }: NodeJS.ErrnoException) =>
            code === 'ERR_SIGKIT_UNKNOWN_OPTION' && message.startsWith(`Unknown option "${unknown}". ${advice}`),
        );
    assert.deepEqual([notifier.notify({ READY: undefined } as object), notifier.status('last')], ['sent', 'sent']);
    await manager.next();
    assert.deepEqual((await manager.next()).lines, ['STATUS=last']);
  });

  it('wrong arguments are errors that name them, and send nothing', async () => {
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment });
    // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
    const any = notifier as any;
    // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
    const open = openNotifier as any;
    const wrong: readonly [string, string, () => unknown][] = [
      ['TypeError', 'options', () => open(1)],
      ['TypeError', 'options.environment', () => open({ environment: null })],
      ['TypeError', 'options.unset', () => open({ unset: 1 })],
      ['TypeError', 'options.pid', () => open({ pid: '1' })],
      ['RangeError', 'options.pid', () => open({ pid: 0 })],
      ['TypeError', 'state', () => any.notify()],
      ['TypeError', 'state', () => any.notify('READY=1')],
      ['TypeError', 'state.ready', () => any.notify({ ready: 1 })],
      ['TypeError', 'state.reloading', () => any.notify({ reloading: 'yes' })],
      ['TypeError', 'state.stopping', () => any.notify({ stopping: null })],
      ['TypeError', 'state.status', () => any.status(7)],
      ['TypeError', 'status', () => any.status()],
      ['TypeError', 'state.errno', () => any.notify({ errno: 'ENOENT' })],
      ['RangeError', 'state.errno', () => any.notify({ errno: -2 })],
      ['RangeError', 'state.mainPid', () => any.notify({ mainPid: 0 })],
      ['TypeError', 'state.extendTimeoutMs', () => any.extendTimeout('1')],
      ['TypeError', 'ms', () => any.extendTimeout()],
      ['RangeError', 'state.extendTimeoutMs', () => any.extendTimeout(-1)],
      ['RangeError', 'state.extendTimeoutMs', () => any.extendTimeout(Infinity)],
      ['RangeError', 'state.extendTimeoutMs', () => any.extendTimeout(NaN)],
      ['TypeError', 'state.watchdog', () => any.notify({ watchdog: 1 })],
      ['RangeError', 'state.watchdog', () => any.notify({ watchdog: 'now' })],
      ...[null, 'X=1', 1, []].map((fields): [string, string, () => unknown] => [
        'TypeError',
        'state.fields',
        () => any.notify({ fields }),
      ]),
      ...[null, 1, true, {}].map((value): [string, string, () => unknown] => [
        'TypeError',
        'state.fields.X_FOO',
        () => any.notify({ fields: { X_FOO: value } }),
      ]),
      ...['a\nREADY=1', 'a\rREADY=1', 'a\0'].map((value): [string, string, () => unknown] => [
        'RangeError',
        'state.fields.X_FOO',
        () => any.notify({ fields: { X_FOO: value } }),
      ]),
      ...['READY', 'STATUS', 'MONOTONIC_USEC', 'WATCHDOG', 'FDSTORE', 'BARRIER', 'MAINPIDFD'].map(
        (name): [string, string, () => unknown] => [
          'RangeError',
          `state.fields.${name}`,
          () => any.notify({ fields: { [name]: '1' } }),
        ],
      ),
      ['RangeError', 'state.fields["X-FOO"]', () => any.notify({ fields: { 'X-FOO': '1' } })],
      ['RangeError', 'state.fields["X=1"]', () => any.notify({ fields: { 'X=1': '1' } })],
      ['RangeError', 'state.fields["1X"]', () => any.notify({ fields: { '1X': '1' } })],
      ['RangeError', 'state.fields[""]', () => any.notify({ fields: { '': '1' } })],
      ['RangeError', 'state.fields["X\\nREADY"]', () => any.notify({ fields: { 'X\nREADY': '1' } })],
      ['TypeError', 'options.poll', () => any.storeDescriptors([0], 'x', { poll: 0 })],
      ['TypeError', 'options', () => any.storeDescriptors([0], 'x', false)],
      ['TypeError', 'descriptors', () => any.storeDescriptors(1)],
      ['RangeError', 'descriptors.length', () => any.storeDescriptors([])],
      ['RangeError', 'descriptors.length', () => any.storeDescriptors(Array(254).fill(0))],
      ['RangeError', 'descriptors[1]', () => any.storeDescriptors([0, -1])],
      ['TypeError', 'descriptors[0]', () => any.storeDescriptors(['0'])],
      ['TypeError', 'name', () => any.storeDescriptors([0], 1)],
      ...['', 'a:b', 'a\nb', 'ä', 'n'.repeat(256)].flatMap((name): [string, string, () => unknown][] => [
        ['RangeError', 'name', () => any.storeDescriptors([0], name)],
        ['RangeError', 'name', () => any.removeDescriptors(name)],
      ]),
      ['TypeError', 'name', () => any.removeDescriptors()],
      ['TypeError', 'options.timeoutMs', () => any.barrier({ timeoutMs: '1' })],
      ['RangeError', 'options.timeoutMs', () => any.barrier({ timeoutMs: -1 })],
      ['TypeError', 'new Notifier', () => new any.constructor()],
      ['TypeError', 'this', () => any.ready.call({ notify: any.notify })],
      ['TypeError', 'this', () => any.close.call({})],
    ];
    for (const [name, argument, call] of wrong) {
      const code = name === 'TypeError' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_OUT_OF_RANGE';
      const message = new RegExp(`"${argument.replace(/[[\].\\]/g, String.raw`\$&`)}"`);
      await assert.rejects(async () => call(), { name, code, message }, `${argument}: ${String(call)}`);
    }
    assert.equal(notifier.status('the first'), 'sent');
    assert.deepEqual(await manager.lines(1), [['STATUS=the first']]);
  });
});

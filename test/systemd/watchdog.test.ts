import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { openNotifier, openWatchdog } from 'sigkit/systemd';

import { type Child, type ChildOptions, startChild, until } from '../support/child.js';
import { FakeManager, freeAddress, type Message } from '../support/notify-socket.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/systemd/${name}.js`, import.meta.url));
const service = fixture('watchdog');
const owners = fixture('watchdog-owners');
// Long enough that a busy machine does not matter.
const intervalMs = 200;
const ping = 'WATCHDOG=1';

function start(manager: FakeManager, options: ChildOptions = {}, everyMs: number = intervalMs): Child {
  const variables = [`NOTIFY_SOCKET=${manager.address}`, `WATCHDOG_USEC=${everyMs * 2000}`];
  return startChild(service, { ...options, wrapper: ['env', ...variables] });
}

/** Sends what a deaf manager does not read, until no more fits. Gives how many these are. */
function fill({ environment }: FakeManager): number {
  using other = openNotifier({ environment });
  let filled = 0;
  while (other.status('') === 'sent') filled += 1;
  return filled;
}

/** Reads pings until one has been read after that time; gives the times of all. */
async function pingsUntil(manager: FakeManager, endMs: number): Promise<number[]> {
  const times: number[] = [];
  while ((times.at(-1) ?? 0) <= endMs) {
    const message = await manager.next();
    assert.deepEqual(message.lines, [ping]);
    times.push(message.time);
  }
  return times;
}

async function hang(child: Child, how: string, ms: number = Infinity): Promise<{ from: number; to: number }> {
  child.write(`${how} ${ms}\n`);
  const [, from = 0, to = 0] = (await child.line(/^hung/)).split(' ').map(Number);
  return { from, to };
}

describe('the watchdog', () => {
  it('an idle event loop gives a sign of life in each half of the time that the manager allows', async () => {
    await using manager = await FakeManager.start();
    const child = start(manager);
    await child.line(new RegExp(`^enabled true ${intervalMs}$`));
    const { pid, time } = await manager.next();
    assert.equal(pid, child.pid);
    const times = await pingsUntil(manager, time + 8 * intervalMs);
    assert.ok(times.length >= 4 && times.length <= 10, `${times.length} pings in eight intervals`);
    child.process.stdin?.end();
    assert.equal((await child.ended).code, 0);
  });

  for (const [how, ...args] of [['spin'], ['wait'], ['exec'], ['regexp'], ['spin', 'Infinity', 'worker']] as const) {
    const where = args.length === 0 ? how : `${how}, in a Worker`;
    it(`a loop that hangs (${where}) gives none after two intervals, and again when it goes on`, async () => {
      await using manager = await FakeManager.start();
      const child = start(manager, { args });
      await manager.next();
      const { from, to } = await hang(child, how, 6 * intervalMs);
      assert.ok(to - from >= 5.9 * intervalMs);
      const times = await pingsUntil(manager, to);
      const during = times.filter((time) => time > from && time < to);
      assert.ok(
        during.every((time) => time < from + 2 * intervalMs),
        `hung at ${from}: ${during.join(', ')}`,
      );
      child.process.stdin?.end();
      await child.ended;
    });
  }

  it('a loop that is dead for longer than allowed is told of, once, while it is', async () => {
    await using manager = await FakeManager.start();
    const child = start(manager, { args: [String(3 * intervalMs)] });
    await manager.next();
    for (const _ of [1, 2]) {
      const { from, to } = await hang(child, 'spin', 7 * intervalMs);
      const told: Message[] = [];
      while ((told.at(-1)?.time ?? 0) <= to) told.push(await manager.next());
      const during = told.filter(({ time }) => time > from && time < to);
      const triggers = during.filter(({ lines }) => lines.join() === 'WATCHDOG=trigger');
      assert.equal(triggers.length, 1);
      const [trigger] = triggers;
      assert.equal(during.at(-1), trigger, 'nothing after it');
      const waited = (trigger?.time ?? 0) - from;
      assert.ok(waited > 2 * intervalMs && waited < 6 * intervalMs, String(waited));
      assert.deepEqual(told.at(-1)?.lines, [ping]);
    }
    child.process.stdin?.end();
    const { stderr } = await child.ended;
    const line =
      'sigkit: watchdog: the event loop has not answered for \\d+ ms(?:, at .* < .*)?; asking the manager to act\n';
    assert.match(stderr, new RegExp(`^(?:${line}){2}$`));
  });

  it('after close there is no sign of life, and no thread', async () => {
    await using manager = await FakeManager.start();
    const child = start(manager);
    await manager.next();
    child.write('close\n');
    let lines: readonly string[] = [ping];
    while (lines[0] === ping) ({ lines } = await manager.next());
    assert.deepEqual([lines, ...(await manager.lines(1))], [['STATUS=closed'], ['STATUS=still false 0']]);
    child.process.stdin?.end();
    await child.ended;
  });

  it('a manager that does not read holds up nothing', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'deaf');
    const filled = fill(manager);
    const child = start(manager);
    await child.line(/^enabled/);
    await hang(child, 'spin', 4 * intervalMs);
    manager.hear();
    for (const lines of await manager.lines(filled)) assert.deepEqual(lines, ['STATUS=']);
    const { time } = await manager.next();
    await pingsUntil(manager, time + 4 * intervalMs);
    child.process.stdin?.end();
    await child.ended;
  });

  it('a sign of life that the manager does not take is given again soon, not in the next half of its time', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'deaf');
    const filled = fill(manager);
    const child = start(manager, {}, 3_600_000);
    await child.line(/^enabled/);
    // By its end the first one has been tried.
    await hang(child, 'spin', 100);
    manager.hear();
    assert.deepEqual((await manager.lines(filled + 1)).at(-1), [ping]);
    child.process.stdin?.end();
    await child.ended;
  });

  it('so is what a dead loop is told of by', async () => {
    await using manager = await FakeManager.start(freeAddress(), 'deaf');
    fill(manager);
    const child = start(manager, { args: [String(intervalMs)] });
    await child.line(/^enabled/);
    const hanging = hang(child, 'told');
    const since = performance.now();
    await until(() => performance.now() - since > 4 * intervalMs, 'it has been dead for longer than allowed');
    manager.hear();
    // Where the machine is slow, a sign of life is still on its way.
    while ((await manager.next()).lines[0] !== 'WATCHDOG=trigger');
    child.write('go on\n');
    await hanging;
    child.process.stdin?.end();
    await child.ended;
  });

  it('one in a process, whichever thread has it, until it or its thread ends; it keeps no process alive', async () => {
    await using manager = await FakeManager.start();
    const child = startChild(owners, {
      wrapper: ['env', `NOTIFY_SOCKET=${manager.address}`, 'WATCHDOG_USEC=60000000'],
    });
    const { code, stderr } = await child.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('where the manager wants no sign of life, or not of this process, it does nothing', async () => {
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment });
    const usec = '1000000';
    const [own, other] = [String(process.pid), String(process.ppid)];
    const cases: readonly (readonly [Record<string, string>, string])[] = [
      [{}, 'WATCHDOG_USEC is not set'],
      [{ WATCHDOG_USEC: '' }, 'WATCHDOG_USEC is not set'],
      ...['0', '-1', 'abc', '1e6', '18446744073709551615'].map(
        (given) => [{ WATCHDOG_USEC: given }, `WATCHDOG_USEC is "${given}": no number of microseconds`] as const,
      ),
      [{ WATCHDOG_USEC: usec, WATCHDOG_PID: other }, `WATCHDOG_PID is "${other}", this process is ${own}`],
      [{ WATCHDOG_USEC: usec, WATCHDOG_PID: '' }, 'WATCHDOG_PID is not set'],
    ];
    for (const [environment, because] of cases) {
      using watchdog = openWatchdog(notifier, { environment });
      const { enabled, disabledBecause, intervalMs: everyMs } = watchdog;
      assert.deepEqual([enabled, disabledBecause, everyMs], [false, because, 0], JSON.stringify(environment));
    }
    const environment = { WATCHDOG_USEC: usec, WATCHDOG_PID: own, OTHER: 'stays' };
    using nobody = openNotifier({ environment: {} });
    using watchdog = openWatchdog(nobody, { environment, unset: true });
    assert.equal(watchdog.enabled, false);
    assert.equal(watchdog.disabledBecause, 'nobody can be told: NOTIFY_SOCKET is not set');
    assert.deepEqual(environment, { OTHER: 'stays' });
    {
      using opened = openWatchdog(notifier, { environment: { WATCHDOG_USEC: '60000000', WATCHDOG_PID: own } });
      assert.deepEqual([opened.enabled, opened.disabledBecause], [true, null]);
      opened.close();
      assert.deepEqual([opened.enabled, opened.disabledBecause], [false, 'it has been closed']);
    }
  });

  it('wrong arguments are errors that name them', () => {
    using notifier = openNotifier({ environment: {} });
    // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
    const open = openWatchdog as any;
    const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    for (const value of [undefined, null, {}, 'notifier'])
      assert.throws(() => open(value), { ...type, message: /"notifier"/ });
    assert.throws(() => open(notifier, 1), { ...type, message: /"options"/ });
    assert.throws(() => open(notifier, { unset: 1 }), { ...type, message: /"options.unset"/ });
    for (const triggerAfterMs of [null, '1'])
      assert.throws(() => open(notifier, { triggerAfterMs }), { ...type, message: /"options.triggerAfterMs"/ });
    for (const triggerAfterMs of [0, -1, NaN])
      assert.throws(() => open(notifier, { triggerAfterMs }), { ...range, message: /"options.triggerAfterMs"/ });
  });
});

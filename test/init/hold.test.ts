import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { kill, sigqueue } from 'sigkit';

import { type Child, until } from '../support/child.js';
import { fixture, init, startCommand } from '../support/init.js';

const [term, hangUp, first, second] = [15, 1, 41, 40];

// None when it is gone.
function pendingIn(pid: number): bigint {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return BigInt(`0x${/^ShdPnd:\t(\w+)$/m.exec(status)?.[1] ?? '0'}`);
  } catch {
    return 0n;
  }
}

/** Sends it to init and waits until init has taken it: so the next one comes later. */
async function send(pid: number, signal: number, value?: number): Promise<void> {
  if (value === undefined) kill(pid, signal);
  else sigqueue(pid, signal, value);
  await until(() => (pendingIn(pid) & (1n << BigInt(signal - 1))) === 0n, `init takes signal ${signal}`);
}

// Without a time there is none that could end the hold in a test.
async function start(count: number, hold = '--hold=300'): Promise<Child> {
  const child = startCommand([init, '--subreaper', '--verbose', hold, '--', fixture('hold-probe'), String(count)]);
  await child.line(/^ready/);
  return child;
}

async function endOf(child: Child): Promise<{ readonly code: number | null; readonly signals: readonly string[] }> {
  const { code, stdout, stderr } = await child.ended;
  assert.notEqual(code, 99, stderr);
  // SIGNO CODE PID UID [VALUE]
  const records = [...stdout.matchAll(/^child (\d+) \S+ \S+ \S+(?: (\w+))?$/gm)];
  return { code, signals: records.map(([, signo, value]) => (value === undefined ? `${signo}` : `${signo}=${value}`)) };
}

describe('sigkit-init --hold', () => {
  for (const [byte, what] of [
    ['a', 'writes a byte'],
    ['c', 'closes the pipe'],
  ] as const) {
    it(`holds a signal until the child ${what}`, async () => {
      const child = await start(1);
      await send(child.pid, term);
      child.write('p');
      await child.line(/^pending 0$/);
      child.write(byte);
      await child.line(/^child 15 /);
      assert.deepEqual(await endOf(child), { code: 5, signals: ['15'] });
    });
  }

  it('holds it until the time is over, and not longer', async () => {
    const started = performance.now();
    const child = await start(1, '--hold=0.3');
    await send(child.pid, term);
    child.process.stdin?.end();
    await child.line(/^child 15 /);
    assert.ok(performance.now() - started >= 300);
    assert.deepEqual(await endOf(child), { code: 5, signals: ['15'] });
  });

  it('a byte that comes after that time does the child no harm', async () => {
    const child = startCommand([init, '--subreaper', '--hold=0.05', '--', fixture('hold-probe'), '1']);
    const ready = await child.line(/^ready/);
    const probe = Number(ready.split(' ')[1]);
    kill(child.pid, term);
    await until(() => pendingIn(probe) !== 0n, 'the signal is forwarded');
    child.write('a');
    assert.deepEqual(await endOf(child), { code: 5, signals: ['15'] });
  });

  it('forwards it never when the child ends first', async () => {
    const child = startCommand([init, '-v', '--hold=300', '--', 'sh', '-c', 'echo ready; read line; exit 4']);
    await child.line(/^ready$/);
    await send(child.pid, term);
    child.write('go\n');
    const { code, signal, stderr } = await child.ended;
    assert.deepEqual({ code, signal }, { code: 4, signal: null });
    assert.doesNotMatch(stderr, /forwarded/);
  });

  it('forwards what it held in order of arrival with the values, the same standard signal once', async () => {
    const child = await start(5);
    await send(child.pid, first, 0x1b);
    await send(child.pid, term);
    await send(child.pid, second, 0x2c);
    await send(child.pid, term);
    await send(child.pid, first, 0x3d);
    await send(child.pid, hangUp);
    child.write('a');
    const { code, signals } = await endOf(child);
    assert.equal(code, 5);
    // All are pending at once, so the child takes the lowest number first.
    assert.deepEqual([...signals].sort(), ['1', '15', `${first}=1b`, `${first}=3d`, `${second}=2c`].sort());
    assert.ok(signals.indexOf(`${first}=1b`) < signals.indexOf(`${first}=3d`));
    const { stderr } = await child.ended;
    assert.deepEqual(
      [...stderr.matchAll(/forwarded (\S+) to/g)].map(([, name]) => name),
      ['SIGRTMIN+7', 'SIGTERM', 'SIGRTMIN+6', 'SIGRTMIN+7', 'SIGHUP'],
    );
  });

  it('forwards at once what comes after the hold', async () => {
    const child = await start(2);
    child.write('a');
    await send(child.pid, term);
    await child.line(/^child 15 /);
    await send(child.pid, hangUp);
    assert.deepEqual(await endOf(child), { code: 5, signals: ['15', '1'] });
  });

  it('holds 5,000 values, more than it has memory for', async () => {
    const count = 5000;
    const child = await start(count);
    for (let value = 0; value < count; value += 1) sigqueue(child.pid, first, value);
    child.write('p');
    await child.line(/^pending 0$/);
    child.write('a');
    const { code, signals } = await endOf(child);
    assert.equal(code, 5);
    assert.deepEqual(
      signals,
      Array.from({ length: count }, (_, value) => `${first}=${value.toString(16)}`),
    );
  });

  it('a shell can say that it is armed', async () => {
    const script =
      'trap "echo got; exit 3" TERM; echo ready; read line; echo > /proc/self/fd/$SIGKIT_INIT_HOLD_FD; while :; do :; done';
    const child = startCommand([init, '--hold', '--', 'sh', '-c', script]);
    await child.line(/^ready$/);
    await send(child.pid, term);
    child.write('go\n');
    const { code, stdout, stderr } = await child.ended;
    assert.deepEqual({ code, stdout }, { code: 3, stdout: 'ready\ngot\n' }, stderr);
  });
});

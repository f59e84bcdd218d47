import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openNotifier } from 'sigkit/systemd';

import { scratch, startCommand } from '../support/init.js';
import { FakeManager, freeAddress } from '../support/notify-socket.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const withManager = path.join(root, 'test/fixtures/systemd/user-manager.sh');
const service = fileURLToPath(new URL('../fixtures/systemd/service.js', import.meta.url));
const firstLoad = fileURLToPath(new URL('../fixtures/systemd/first-load.js', import.meta.url));
const hungUp = fileURLToPath(new URL('../fixtures/systemd/hung-up.js', import.meta.url));
const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;
const folder = (): string => mkdtempSync(path.join(scratch(), 'systemd-'));

// Each step is one line of output; `show` prints the values of properties, `until` waits for them.
const shell = `
set -eu
export LC_ALL=C
show() { unit=$1; shift; for name; do systemctl --user show --value -p "$name" "$unit"; done | paste -sd '|'; }
until_is() {
  wanted=$1; shift; deadline=$(($(date +%s) + 20))
  until [ "$(show "$@")" = "$wanted" ]; do
    [ "$(date +%s)" -lt "$deadline" ] || { echo "not $wanted: $(show "$@")"; exit 1; }
    sleep 0.05
  done
  echo "$wanted"
}
`;

function unit(slowMs: number, lines: readonly string[]): string {
  const exec = `ExecStart=${process.execPath} ${service} ${slowMs}`;
  return ['[Service]', 'Type=notify', 'FileDescriptorStoreMax=4', exec, ...lines, ''].join('\n');
}

/** Runs a script beside a systemd that knows these units; null where that is not possible. */
async function underSystemd(units: Readonly<Record<string, string>>, script: string): Promise<string[] | null> {
  const files = path.join(folder(), 'units');
  mkdirSync(files);
  const empty = '[Unit]\nDefaultDependencies=no\n';
  for (const [name, text] of Object.entries({ ...units, 'empty.target': empty }))
    writeFileSync(path.join(files, name), text);
  const child = startCommand(['sh', withManager, files, 'sh', '-c', shell + script]);
  child.process.stdin?.end();
  const { code, stdout, stderr } = await child.ended;
  if (code === 77) return null;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout.trim().split('\n');
}

describe('under systemd itself', () => {
  it('start waits for ready, reload for its end, stop for longer than TimeoutStopSec=; a socket outlives a restart', async function () {
    const result = `ExecStopPost=/bin/sh -c 'echo $$SERVICE_RESULT $$EXIT_CODE $$EXIT_STATUS >/run/result'`;
    const settings = ['TimeoutStopSec=1s', 'WatchdogSec=30s', 'ExecReload=/bin/kill -HUP $MAINPID', result];
    const lines = await underSystemd(
      { 'example.service': unit(2500, settings) },
      `
      systemctl --user start example
      show example ActiveState SubState StatusText NFileDescriptorStore
      systemctl --user reload example
      until_is 'running|Reloaded: generation 1' example SubState StatusText
      systemctl --user reload example
      until_is 'running|Reload failed in load, generation 1 stays: nothing there' example SubState StatusText
      systemctl --user restart example
      show example ActiveState StatusText NFileDescriptorStore
      systemctl --user stop --no-block example
      until_is 'deactivating|Stopping: flush' example ActiveState StatusText
      until_is inactive example ActiveState
      cat /run/result
      `,
    );
    if (lines === null) return this.skip();
    assert.deepEqual(lines, [
      'active|running|watchdog 15000 ms, a new socket|1',
      'running|Reloaded: generation 1',
      'running|Reload failed in load, generation 1 stays: nothing there',
      'active|watchdog 15000 ms, web, listener, kept|1',
      'deactivating|Stopping: flush',
      'inactive',
      'success killed TERM',
    ]);
  });

  it('a load at the start is no end of the start: a service whose first load fails has not started', async function () {
    const loading = (how: string): string =>
      `[Service]\nType=notify\nExecStart=${process.execPath} ${firstLoad} ${how}\nExecReload=/bin/kill -HUP $MAINPID\n`;
    const lines = await underSystemd(
      { 'good.service': loading('good'), 'bad.service': loading('bad') },
      `
      systemctl --user start bad 2>/dev/null && echo started || echo not started
      show bad ActiveState Result
      systemctl --user start good
      show good ActiveState StatusText
      systemctl --user reload good
      until_is 'running|Reloaded: generation 2' good SubState StatusText
      `,
    );
    if (lines === null) return this.skip();
    assert.deepEqual(lines, ['not started', 'failed|exit-code', 'active|up', 'running|Reloaded: generation 2']);
  });

  it('a descriptor that hangs up leaves the store, unless it was stored with poll: false', async function () {
    const exec = `Environment=TMPDIR=/run\nExecStart=${process.execPath} ${hungUp}`;
    const lines = await underSystemd(
      { 'stores.service': `[Service]\nType=notify\nFileDescriptorStoreMax=4\n${exec}\n` },
      `
      systemctl --user start stores
      until_is 'stored|1' stores StatusText NFileDescriptorStore
      `,
    );
    if (lines === null) return this.skip();
    assert.deepEqual(lines, ['stored|1']);
  });

  it('a loop that hangs is seen by the watchdog, one that is idle is not', async function () {
    const lines = await underSystemd(
      {
        'idle.service': unit(0, ['WatchdogSec=1s']),
        'hung.service': unit(0, ['WatchdogSec=1s', 'WatchdogSignal=SIGKILL']),
      },
      `
      systemctl --user start idle hung
      systemctl --user kill --kill-whom=main --signal=USR2 hung
      until_is 'failed|watchdog' hung ActiveState Result
      show idle ActiveState Result
      `,
    );
    if (lines === null) return this.skip();
    assert.deepEqual(lines, ['failed|watchdog', 'active|success']);
  });
});

describe("systemd's tools", () => {
  it('systemd-notify and sigkit send the same', async function () {
    if (!has('systemd-notify')) return this.skip();
    await using manager = await FakeManager.start();
    using notifier = openNotifier({ environment: manager.environment });
    const notify = async (...args: readonly string[]): Promise<void> => {
      const child = startCommand(['env', `NOTIFY_SOCKET=${manager.address}`, 'systemd-notify', ...args]);
      assert.deepEqual(await child.ended, { code: 0, signal: null, stdout: '', stderr: '' });
    };
    const pid = process.pid;
    await notify('--ready', '--status=up and running', `--pid=${pid}`, '--no-block');
    notifier.notify({ ready: true, mainPid: pid, status: 'up and running' });
    const [theirs, ours] = [await manager.next(), await manager.next()];
    assert.deepEqual(theirs.lines.toSorted(), ours.lines.toSorted());
    assert.deepEqual([theirs.pid, theirs.uid, theirs.gid], [ours.pid, ours.uid, ours.gid]);
    // Which waits for its barrier.
    await notify('--ready');
    notifier.ready();
    assert.equal(await notifier.barrier(), 'passed');
    const [first, second, third, fourth] = [
      await manager.next(),
      await manager.next(),
      await manager.next(),
      await manager.next(),
    ];
    assert.deepEqual(first.lines, third.lines);
    assert.deepEqual([second.lines, kindsIn(second)], [fourth.lines, kindsIn(fourth)]);
  });

  it('both wait for a barrier that the manager holds', async function () {
    if (!has('systemd-notify')) return this.skip();
    await using manager = await FakeManager.start(freeAddress(), 'hold');
    using notifier = openNotifier({ environment: manager.environment });
    const theirs = startCommand(['env', `NOTIFY_SOCKET=${manager.address}`, 'systemd-notify', '--ready']);
    assert.deepEqual(await manager.lines(2), [['READY=1'], ['BARRIER=1']]);
    const ours = notifier.barrier({ timeoutMs: Infinity });
    assert.deepEqual(await manager.lines(1), [['BARRIER=1']]);
    assert.equal(theirs.process.exitCode, null);
    manager.release();
    assert.equal(await ours, 'passed');
    assert.equal((await theirs.ended).code, 0);
  });

  it('the unit in docs/ is one', async function () {
    if (!has('systemd-analyze')) return this.skip();
    const file = path.join(folder(), 'example.service');
    const text = readFileSync(path.join(root, 'docs/example.service'), 'utf8');
    assert.ok(text.includes('ExecStart=/usr/bin/node '));
    // Not everybody's node is there.
    writeFileSync(file, text.replace('/usr/bin/node', process.execPath));
    const child = startCommand(['systemd-analyze', 'verify', '--man=no', file]);
    assert.deepEqual(await child.ended, { code: 0, signal: null, stdout: '', stderr: '' });
  });
});

function kindsIn({ descriptors }: { readonly descriptors: readonly { readonly kind: string }[] }): string[] {
  return descriptors.map(({ kind }) => kind);
}

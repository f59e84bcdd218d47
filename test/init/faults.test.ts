import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';

import { kill } from 'sigkit';

import { canUnshare, init, run, sanitized, scratch, shell, startCommand, startReady } from '../support/init.js';

let fifos = 0;

/** Of a new fifo both ends, which nobody reads. */
function openFifo(): number {
  fifos += 1;
  const fifo = path.join(scratch(), `fifo-${fifos}`);
  execFileSync('mkfifo', [fifo]);
  return openSync(fifo, 'r+');
}

/** As `sh -c`, by bash: its redirections take descriptors of several digits. */
const bash = (script: string): string[] => ['bash', '-c', script];

describe('sigkit-init where something is missing', () => {
  it('a stderr that nobody reads is no signal for the command', () => {
    const both = openFifo();
    const deaf = openSync(`/proc/self/fd/${both}`, 'w');
    closeSync(both);
    // Among pending signals the lowest comes first: a SIGPIPE would be there before.
    const script = "trap 'echo alive; exit' TERM; kill -TERM $PPID; while :; do :; done";
    const { error, status, stdout } = spawnSync(init, ['-v', ...shell(script)], {
      stdio: ['ignore', 'pipe', deaf],
      encoding: 'utf8',
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    closeSync(deaf);
    assert.deepEqual({ error, status, stdout }, { error: undefined, status: 0, stdout: 'alive\n' });
  });

  it('a stderr that is full keeps nobody from being killed', () => {
    const full = openFifo();
    const filling = openSync(`/proc/self/fd/${full}`, 'w');
    // It ends when the pipe is full: dd does not wait for room. Init does, as it has an open file of its own.
    spawnSync('dd', ['if=/dev/zero', 'bs=4096', 'oflag=nonblock'], { stdio: ['ignore', filling, 'ignore'] });
    closeSync(filling);
    const script = "trap '' TERM; kill -TERM $PPID; while :; do :; done";
    const { error, signal } = spawnSync(init, ['-v', '--grace=0.1', '--', ...shell(script)], {
      stdio: ['ignore', 'ignore', full],
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    closeSync(full);
    assert.deepEqual({ error, signal }, { error: undefined, signal: 'SIGKILL' });
  });

  it('without a free descriptor it starts its command', async function () {
    // Such a build needs descriptors for its libraries.
    if (sanitized) return this.skip();
    const { code, stderr } = await run(shell(`ulimit -n 3; exec ${init} -s -- ${init} --version`));
    assert.equal(code, 0, stderr);
  });

  it('without a descriptor for the pipe it holds nothing, and says so', async function () {
    if (sanitized) return this.skip();
    const script = `ulimit -n 4; exec ${init} -s --hold -- sh -c 'kill -TERM $PPID; while :; do :; done'`;
    const { signal, stderr } = await run(shell(script));
    assert.match(stderr, /^sigkit-init: cannot hold signals: (?:Too many open files|No file descriptors available)$/m);
    assert.equal(signal, 'SIGTERM', stderr);
  });

  it(`without /proc it says that it cannot end what is left${canUnshare ? '' : ' (skipped: no namespaces)'}`, async function () {
    if (!canUnshare) return this.skip();
    const script = `mount -t tmpfs none /proc; exec ${init} --drain -- sh -c 'sleep 1 & exit 5' >/dev/null`;
    const { code, stderr } = await run(['unshare', '--mount', ...shell(script)]);
    assert.equal(code, 5);
    assert.match(stderr, /^sigkit-init: cannot end what is left, as it cannot be listed: No such file or directory$/m);
  });
});

describe('sigkit-init and what comes late', () => {
  it('a signal during the drain keeps to --rewrite', async () => {
    const traps = "trap 'echo hit' USR1; trap 'exit 0' USR2; trap 'echo draining' TERM";
    const trapped = path.join(scratch(), 'trapped');
    const rest = `(${traps}; : >${trapped}; while :; do :; done) & until [ -e ${trapped} ]; do :; done; echo ready; exit 7`;
    const child = await startReady(['-v', '--drain', '--grace=40', '-r', 'USR1:0', '-r', 'HUP:USR2'], shell(rest));
    await child.line(/^draining/);
    kill(child.pid, 'SIGUSR1');
    kill(child.pid, 'SIGHUP');
    const { code, stdout, stderr } = await child.ended;
    assert.equal(code, 7);
    assert.doesNotMatch(stdout, /hit/);
    assert.match(stderr, /^sigkit-init: drained 1 process, 0 of them by SIGKILL$/m);
  });

  for (const [how, options] of [
    ['answers one that holds', []],
    ['that holds, too, answers one that holds', ['--hold']],
  ] as const) {
    it(`an init in an init ${how}`, async () => {
      const armed = '[ -z "$SIGKIT_INIT_HOLD_FD" ] || echo >&$SIGKIT_INIT_HOLD_FD';
      const script = `trap 'exit 3' TERM; ${armed}; echo ready; while :; do read -t 1; done`;
      const outer = startCommand([init, '-s', '--hold=1000', '--', init, ...options, '--', ...bash(script)]);
      await outer.line(/^ready/);
      kill(outer.pid, 'SIGTERM');
      assert.equal((await outer.ended).code, 3);
    });
  }
});

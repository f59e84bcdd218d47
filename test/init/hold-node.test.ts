import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { kill } from 'sigkit';

import { type Child, type Outcome, until } from '../support/child.js';
import { asPid1, canUnshare, init, scratch, startCommand } from '../support/init.js';
import { scenario } from '../support/scenario.js';
import { childOf, childrenOf } from '../support/processes.js';

const held = fileURLToPath(new URL('../fixtures/init/held.js', import.meta.url));
const node = process.execPath;
// Longer than any child here lives: its time is never what ends the hold.
const holding = [init, '--hold=300'];
// Its starts take ten times as long.
const rounds = process.env['SIGKIT_NODE'] === undefined ? 50 : 5;
const atOnce = 4;
const momentsMs = [1, 5, 20, 50, 100];

/** As soon as it is the one that a signal is not lost on: it blocks SIGTERM, or has its child already. */
async function isInit(pid: number): Promise<void> {
  await until(() => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const blocked = BigInt(`0x${/^SigBlk:\t(\w+)$/m.exec(status)?.[1] ?? ''}`);
    return /^Name:\tsigkit-init$/m.test(status) && ((blocked & (1n << 14n)) !== 0n || childrenOf(pid).length > 0);
  }, 'sigkit-init runs');
}

async function terminated(child: Child, pid: number, afterMs: number): Promise<Outcome> {
  await isInit(pid);
  await delay(afterMs);
  kill(pid, 'SIGTERM');
  return child.ended;
}

function assertGot({ code, signal, stdout, stderr }: Outcome, about: string): void {
  assert.deepEqual({ code, signal, stdout }, { code: 0, signal: null, stdout: 'got SIGTERM\n' }, `${about}\n${stderr}`);
}

describe('sigkit-init --hold with a Node program that reads signals()', () => {
  it(`SIGTERM after ${momentsMs.join(', ')} ms, ${rounds} times each: the program gets it every time`, async function () {
    this.timeout(300_000);
    const moments = Array.from({ length: rounds }, () => momentsMs).flat();
    const takeMoments = async (): Promise<void> => {
      for (let moment = moments.pop(); moment !== undefined; moment = moments.pop()) {
        const child = startCommand([...holding, '--', node, held]);
        assertGot(await terminated(child, child.pid, moment), `after ${moment} ms`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, takeMoments));
  });

  it('as PID 1', async function () {
    if (!canUnshare) this.skip();
    const child = startCommand([...asPid1, ...holding, '--', node, held]);
    assertGot(await terminated(child, await childOf(child.pid), 1), 'as PID 1');
  });

  const spawning = `require('node:child_process').spawn('sh', ['-c', ${JSON.stringify(`exec ${node} ${held}`)}], { stdio: 'inherit' })`;
  const forwarding = `const child = ${spawning}; process.on('SIGTERM', () => child.kill());`;
  for (const [how, command] of [
    ['through a shell that is replaced', ['sh', '-c', 'exec "$@"', 'sh', node, held]],
    ['through Node and a shell', [node, '-e', forwarding]],
  ] as const) {
    it(how, async () => {
      const child = startCommand([...holding, '--', ...command]);
      assertGot(await terminated(child, child.pid, 5), how);
    });
  }

  // A shell that waits for its command dies of a signal alone, and npm with it: so either there is none, or all get it.
  for (const [how, script, options] of [
    ['through npm start with exec', `exec ${node} ${held}`, []],
    ['through npm start, to the group', `${node} ${held}`, ['--group']],
  ] as const) {
    it(how, async function () {
      if (spawnSync('npm', ['--version']).status !== 0) this.skip();
      const cwd = mkdtempSync(path.join(scratch(), 'package-'));
      writeFileSync(path.join(cwd, 'package.json'), JSON.stringify({ scripts: { start: script } }));
      const npm = ['npm', '--silent', '--no-update-notifier', 'start'];
      const child = startCommand([...holding, ...options, '--', ...npm], { cwd });
      const { stdout, stderr } = await terminated(child, child.pid, 5);
      assert.equal(stdout, 'got SIGTERM\n', stderr);
    });
  }
});

describe('sigkit in a program that sigkit-init --hold has started', () => {
  it('closes the pipe at its first claim, and its variables are gone', () =>
    scenario(
      async ({ sigkit, fs, until: wait }) => {
        const fd = Number(process.env['SIGKIT_INIT_HOLD_FD']);
        assert.ok(fs.fstatSync(fd).isFIFO());
        assert.equal(process.env['SIGKIT_INIT_ORIGINAL'], undefined);
        sigkit.signals('SIGTERM').close();
        await wait(() => !fs.existsSync(`/proc/self/fd/${fd}`), 'the pipe is closed');
        assert.deepEqual(
          Object.keys(process.env).filter((name) => name.startsWith('SIGKIT_INIT_')),
          [],
        );
      },
      { wrapper: [init, '--hold', '--'] },
    ));

  it('closes it when init holds no longer, too', () =>
    scenario(
      async ({ sigkit, fs, until: wait }) => {
        const initFds = `/proc/${process.ppid}/fd`;
        // With that init waits for signals and for the pipe at once.
        const initHolds = (): boolean =>
          fs.readdirSync(initFds).some((each) => {
            try {
              return fs.readlinkSync(`${initFds}/${each}`) === 'anon_inode:[signalfd]';
            } catch {
              return false;
            }
          });
        const fd = Number(process.env['SIGKIT_INIT_HOLD_FD']);
        await wait(() => !initHolds(), 'init holds no longer');
        sigkit.signals('SIGTERM').close();
        await wait(() => !fs.existsSync(`/proc/self/fd/${fd}`), 'the pipe is closed');
      },
      { wrapper: [init, '--hold=0.1', '--'] },
    ));

  it("leaves another file alone that has the pipe's number", () =>
    scenario(
      async ({ sigkit, fs, timers }) => {
        const fd = Number(process.env['SIGKIT_INIT_HOLD_FD']);
        const before = fs.readlinkSync(`/proc/self/fd/${fd}`);
        sigkit.signals('SIGTERM').close();
        await timers.setImmediate();
        assert.equal(fs.readlinkSync(`/proc/self/fd/${fd}`), before);
        assert.equal(process.env['SIGKIT_INIT_HOLD_FD'], undefined);
      },
      // The number is that of stdin, which is a pipe as well.
      { wrapper: ['env', 'SIGKIT_INIT_HOLD_FD=0', 'SIGKIT_INIT_HOLD_INODE=1'] },
    ));
});

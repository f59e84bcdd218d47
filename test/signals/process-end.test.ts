import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { kill } from 'sigkit';

import { commandFor, outcomeOf, scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

// LeakSanitizer's own helper process does not work there, where the tests run with it.
const inNamespace = ['env', 'SIGKIT_DETECT_LEAKS=0', 'unshare', '-fp', '--mount-proc'];
const root = fileURLToPath(new URL('../../..', import.meta.url));

describeTransports('the end of an environment', () => {
  it('by process.exit with streams open and signals arriving', () =>
    scenario(
      async ({ sigkit, startWorker }) => {
        sigkit.signals(['SIGUSR2', 'SIGRTMIN']);
        await startWorker(({ sigkit: inWorker }) => void inWorker.signals(['SIGUSR2', 'SIGRTMIN']).next());
        for (let sent = 0; sent < 100; sent += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN', sent);
        process.exit(7);
      },
      { code: 7 },
    ));

  it('by an uncaught exception', () =>
    scenario(
      ({ sigkit }) => {
        sigkit.signals('SIGUSR2');
        setImmediate(() => {
          throw new Error('uncaught');
        });
      },
      { code: 1 },
    ));

  it("naturally, with unref'd streams and sections open", () =>
    scenario(({ sigkit }) => {
      sigkit.signals('all', { ref: false });
      sigkit.blockSignals('SIGHUP');
    }));

  it('of a Worker, by itself or terminated, releases what it had claimed and blocked', () =>
    scenario(async ({ sigkit, startWorker, signalState, until }) => {
      // The libuv pool and the Worker machinery exist before the first look.
      await (await startWorker(() => {})).terminate();
      await until(() => signalState().length > 0, 'threads');
      const before = JSON.stringify(signalState());
      for (let round = 0; round < 5; round += 1) {
        const worker = await startWorker(({ sigkit: inWorker }) => {
          void inWorker.signals(['SIGTERM', 'SIGRTMIN', 'SIGCHLD']).next();
          inWorker.blockSignals('SIGHUP');
        });
        assert.equal(sigkit.disposition('SIGTERM'), 'handler');
        await worker.terminate();
        await until(() => JSON.stringify(signalState()) === before, 'masks and dispositions as before');
      }
    }));

  it('as PID 1, exitBySignal ends with 128 + n', async function () {
    const { code, stdout, stderr } = await outcomeOf(
      ({ sigkit }) => {
        process.stdout.write(`pid ${process.pid}`);
        sigkit.exitBySignal('SIGTERM');
      },
      { wrapper: inNamespace },
    );
    if (/unshare: .*(not permitted|failed)/i.test(stderr)) {
      this.skip();
    }
    assert.deepEqual([stdout, code], ['pid 1', 143]);
  });

  it('as PID 1, a signal from outside has no pid, and says where it is from', async function () {
    const { command, args } = commandFor(
      async ({ sigkit }) => {
        const stream = sigkit.signals('SIGHUP');
        process.stdout.write('ready\n');
        const { value } = await stream.next();
        process.stdout.write(`${value?.origin} ${value?.pid} ${value?.uid}\n`);
        stream.close();
      },
      { wrapper: inNamespace },
    );
    const outer = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(outer, 'exit');
    const lines = createInterface({ input: outer.stdout })[Symbol.asyncIterator]();
    if ((await lines.next()).value !== 'ready') this.skip();
    const [inner] = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').split(' ');
    kill(Number(inner), 'SIGHUP');
    assert.equal((await lines.next()).value, 'outside-pid-namespace null null');
    await ended;
  });
});

describe('other copies and platforms', () => {
  it('a second copy of the package uses the hub of the first; its streams are foreign to the first', async () => {
    const copy = mkdtempSync(path.join(tmpdir(), 'sigkit-copy-'));
    try {
      for (const part of ['dist/package', 'build/Release/sigkit.node', 'package.json'])
        cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
      symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
      await scenario(
        async ({ sigkit, signalState, importCopy }) => {
          const before = signalState();
          const other = await importCopy(`${process.env['COPY']}/dist/package/index.mjs`);
          assert.notEqual(other.signals, sigkit.signals);
          const own = sigkit.signals('SIGRTMIN');
          const theirs = other.signals('SIGRTMIN');
          assert.equal(sigkit.threads().filter(({ name }) => name === 'sigkit').length, 1);
          sigkit.sigqueue(process.pid, 'SIGRTMIN', 5);
          assert.equal((await own.next()).value?.value, 5);
          assert.equal((await theirs.next()).value?.value, 5);
          const { poll } = Object.getPrototypeOf(own) as { readonly poll: (this: unknown) => unknown };
          assert.throws(() => poll.call(theirs), { code: 'ERR_INVALID_ARG_TYPE' });
          own.close();
          sigkit.sigqueue(process.pid, 'SIGRTMIN', 6);
          assert.equal((await theirs.next()).value?.value, 6);
          theirs.close();
          assert.deepEqual(signalState(), before);
        },
        { wrapper: ['env', `COPY=${copy}`] },
      );
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('anywhere but on Linux, if only the addon may work, import works and each call throws one clear error', () =>
    scenario(
      async ({ sigkit, processes, shutdown }) => {
        assert.equal(sigkit.capabilities.supported, false);
        assert.equal(sigkit.capabilities.ownProc, false);
        const calls: (() => unknown)[] = [
          () => sigkit.signals('SIGTERM'),
          () => sigkit.abortOnSignal('SIGTERM'),
          () => sigkit.sigprocmask('SIG_BLOCK', []),
          () => sigkit.pthreadSigmask('SIG_BLOCK', []),
          () => sigkit.blockSignals('SIGTERM'),
          () => sigkit.withSignalsBlocked('SIGTERM', () => {}),
          () => sigkit.sigpending(),
          () => sigkit.ignoreSignals('SIGTERM'),
          () => sigkit.resetSignals(),
          () => sigkit.disposition('SIGTERM'),
          () => sigkit.kill(1, 0),
          () => sigkit.killpg(2, 0),
          () => sigkit.tgkill(1, 0),
          () => sigkit.sigqueue(1, 0, 0),
          () => sigkit.exitBySignal('SIGTERM'),
          () => sigkit.signalNumber('SIGTERM'),
          () => sigkit.signalName(15),
          () => sigkit.describeSignal(15),
          () => sigkit.validSignals(),
          () => sigkit.threads(),
          () => processes.setpgid(0, 0),
          () => processes.getpgid(),
          () => processes.getpgrp(),
          () => processes.setsid(),
          () => processes.getsid(),
          () => processes.tcgetpgrp(0),
          () => processes.tcsetpgrp(0, 1),
          () => processes.setChildSubreaper(),
          () => processes.isChildSubreaper(),
          () => processes.setParentDeathSignal(0),
          () => processes.waitpid(1),
          () => processes.decodeWaitStatus(0),
          () => processes.openProcess(1),
          () => processes.spawn('true'),
          () => processes.reapOrphans(),
          () => processes.children(),
          () => processes.descendants(),
          () => shutdown.createShutdown(),
        ];
        for (const call of calls) assert.throws(call, { code: 'ERR_SIGKIT_UNSUPPORTED_PLATFORM' }, String(call));
        for (const promise of [
          sigkit.waitForSignal('SIGTERM'),
          processes.waitForExit(1),
          processes.terminateGroup(2),
          processes.terminateTree(1),
        ]) {
          await assert.rejects(promise, { code: 'ERR_SIGKIT_UNSUPPORTED_PLATFORM' });
        }
      },
      {
        wrapper: ['env', 'SIGKIT_BACKEND=native'],
        nodeOptions: ['--import', 'data:text/javascript,Object.defineProperty(process,"platform",{value:"darwin"})'],
      },
    ));
});

import assert from 'node:assert/strict';

import { backends, fallenBack, portable } from '../support/backends.js';
import { outcomeOf, scenario } from '../support/scenario.js';

describe('the portable backend', () => {
  it('says in capabilities what it is, and what it cannot do', () =>
    scenario(({ sigkit: { capabilities } }) => {
      assert.equal(capabilities.backend, 'portable');
      assert.equal(capabilities.supported, true);
      assert.equal(capabilities.pidfd, false);
      assert.ok(Object.isFrozen(capabilities.unsupported));
      assert.ok(capabilities.unsupported.includes('sigqueue'));
    }, portable));

  it('lets each function that needs the addon throw, under its name, and the name of what does instead', () =>
    scenario(async ({ sigkit, processes, systemd, diagnostics }) => {
      // Of another process: the socket of a manager, and an inherited descriptor.
      Object.assign(process.env, { NOTIFY_SOCKET: '@nobody', LISTEN_PID: String(process.pid), LISTEN_FDS: '1' });
      const calls: Readonly<Record<string, () => unknown>> = {
        blockSignals: () => sigkit.blockSignals('SIGTERM'),
        captureStacks: () => diagnostics.captureStacks(),
        children: () => processes.children(),
        descendants: () => processes.descendants(),
        disposition: () => sigkit.disposition('SIGTERM'),
        explain: () => diagnostics.explain(process.pid, 'SIGTERM'),
        getpgid: () => processes.getpgid(),
        getpgrp: () => processes.getpgrp(),
        getsid: () => processes.getsid(),
        ignoreSignals: () => sigkit.ignoreSignals('SIGUSR2'),
        inspectProcess: () => diagnostics.inspectProcess(),
        isChildSubreaper: () => processes.isChildSubreaper(),
        listenDescriptors: () => systemd.listenDescriptors({ environment: process.env }),
        onLoopStall: () => diagnostics.onLoopStall(),
        openDiagnostics: () => diagnostics.openDiagnostics(),
        openNotifier: () => systemd.openNotifier(),
        openProcess: () => processes.openProcess(process.pid),
        pthreadSigmask: () => sigkit.pthreadSigmask('SIG_BLOCK', 'SIGTERM'),
        reapOrphans: () => processes.reapOrphans(),
        resetSignals: () => sigkit.resetSignals(),
        setChildSubreaper: () => processes.setChildSubreaper(),
        setParentDeathSignal: () => processes.setParentDeathSignal('SIGTERM'),
        setpgid: () => processes.setpgid(0, 0),
        setsid: () => processes.setsid(),
        sigpending: () => sigkit.sigpending(),
        sigprocmask: () => sigkit.sigprocmask('SIG_BLOCK', 'SIGTERM'),
        sigqueue: () => sigkit.sigqueue(process.pid, 'SIGUSR2', 1),
        tcgetpgrp: () => processes.tcgetpgrp(0),
        tcsetpgrp: () => processes.tcsetpgrp(0, 1),
        terminateGroup: () => processes.terminateGroup(4711),
        terminateTree: () => processes.terminateTree(4711),
        tgkill: () => sigkit.tgkill(process.pid, 'SIGUSR2'),
        threads: () => sigkit.threads(),
        waitForExit: () => processes.waitForExit(process.pid),
        waitpid: () => processes.waitpid(-1),
        withSignalsBlocked: () => sigkit.withSignalsBlocked('SIGTERM', () => {}),
      };
      assert.deepEqual(Object.keys(calls), [...sigkit.capabilities.unsupported]);
      for (const [name, call] of Object.entries(calls)) {
        await assert.rejects(new Promise((resolve) => resolve(call())), (error: Error & { readonly code?: string }) => {
          assert.equal(error.code, 'ERR_SIGKIT_UNSUPPORTED', `${name}: ${error.message}`);
          assert.match(
            error.message,
            new RegExp(
              String.raw`^${name}\(\) needs Node on Linux .* this is linux with SIGKIT_BACKEND=portable; instead: .`,
            ),
          );
          return true;
        });
      }
    }, portable));

  it('claims no real-time signal, and nothing in a Worker', () =>
    scenario(async ({ sigkit, startWorker }) => {
      assert.throws(() => sigkit.signals('SIGRTMIN+1'), { code: 'ERR_SIGKIT_UNSUPPORTED', message: /^signal 35 / });
      assert.throws(() => sigkit.signals('SIGKILL'), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
      sigkit.signals('all').close();
      const worker = await startWorker((tools) => {
        assert.throws(() => tools.sigkit.signals('SIGUSR2'), { code: 'ERR_SIGKIT_UNSUPPORTED', message: /Worker/ });
        tools.sigkit.kill(process.pid, 0);
      });
      await worker.terminate();
    }, portable));

  it('has the names, numbers and statuses that the addon has on Linux', async () => {
    const [native, other] = await Promise.all(
      backends.map(({ wrapper }) =>
        scenario(
          ({ sigkit, processes }) => {
            const all = [...sigkit.validSignals()];
            const statuses = [0, 256, 15, 139, 0x137f, 0xffff].map((status) => processes.decodeWaitStatus(status));
            console.log(JSON.stringify([all, all.map((name) => sigkit.describeSignal(name)), statuses]));
            console.log(
              ['SIGIOT', 'SIGPOLL', 'SIGRTMAX-2'].map((name) => sigkit.signalNumber(name as 'SIGIOT')).join(),
            );
            console.log(sigkit.isSignal(65), sigkit.isSignal('SIGINFO'), sigkit.signalFromText('rtmin+3'));
          },
          { wrapper },
        ),
      ),
    );
    assert.equal(other, native);
  });

  it('sends as the addon does, and fails alike', async () => {
    const [native, other] = await Promise.all(
      backends.map(({ wrapper }) =>
        scenario(
          ({ sigkit }) => {
            sigkit.kill(process.pid, 0);
            for (const pid of [2 ** 22 - 1, -(2 ** 22 - 1)]) {
              try {
                sigkit.kill(pid, 'SIGTERM');
              } catch (error) {
                console.log(String(error), JSON.stringify(error));
              }
            }
          },
          { wrapper },
        ),
      ),
    );
    assert.match(native ?? '', /ESRCH.*\n.*ESRCH/);
    assert.equal(other, native);
  });

  for (const { name, wrapper } of backends) {
    it(`${name}: exitBySignal ends the process by the signal, past the listeners of 'exit'`, () =>
      scenario(
        ({ sigkit }) => {
          process.on('exit', () => console.log('never'));
          sigkit.signals('SIGTERM');
          process.on('SIGTERM', () => console.log('never'));
          sigkit.exitBySignal('SIGTERM');
        },
        { signal: 'SIGTERM', wrapper },
      ).then((stdout) => assert.equal(stdout, '')));
  }

  it('says with the first claim that it works where nobody has chosen it, and once', async () => {
    const claims = (): Parameters<typeof outcomeOf>[0] => (tools) => {
      tools.sigkit.signalNumber('SIGTERM');
      console.error('before');
      for (const sig of ['SIGTERM', 'SIGINT'] as const) tools.sigkit.signals(sig).close();
      tools.shutdown.createShutdown().close();
    };
    const { stderr, code } = await outcomeOf(claims(), fallenBack);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^before\nsigkit: on darwin signals come by process\.on: .*SIGKIT_BACKEND=portable keeps this quiet\)\n$/,
    );
    assert.equal((await outcomeOf(claims(), { ...fallenBack, ...portable })).stderr, 'before\n');
  });

  it('is not what a name with a slip chooses', () =>
    scenario(
      ({ sigkit }) => {
        assert.equal(sigkit.capabilities.reason, 'ERR_SIGKIT_UNSUPPORTED');
        assert.equal(sigkit.capabilities.backend, null);
        assert.throws(() => sigkit.kill(process.pid, 0), { code: 'ERR_SIGKIT_UNSUPPORTED', message: /'portabel'/ });
      },
      { wrapper: ['env', 'SIGKIT_BACKEND=portabel'] },
    ));

  it('is nothing that Node on Linux falls back to', () =>
    scenario(({ sigkit }) => assert.equal(sigkit.capabilities.backend, 'native'), {
      wrapper: ['env', '-u', 'SIGKIT_BACKEND'],
    }));

  it('warns with sigkit/early, which holds nothing there', async () => {
    const { stderr, code } = await outcomeOf(() => {}, { ...portable, nodeOptions: ['--import', 'sigkit/early'] });
    assert.equal(code, 0);
    assert.match(stderr, /SigkitWarning: sigkit\/early protects nothing: the portable backend/);
  });
});

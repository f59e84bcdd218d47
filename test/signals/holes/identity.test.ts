import assert from 'node:assert/strict';

import { needNoSanitizer } from '../../fixtures/process/means.js';
import { canUnshare } from '../../support/init.js';
import { withProbe } from '../../support/probe.js';
import { scenario } from '../../support/scenario.js';

// A shell between, as PID 1 of a namespace is spared what it does not handle.
const outerProc = ['unshare', '--pid', '--fork', '--kill-child', 'sh', '-c', '"$@"; exit $?', 'sh'];
const ownMounts = ['unshare', '--mount', '--propagation', 'private'];

describe("/proc that is not this process's own", () => {
  withProbe();

  before(function () {
    if (!canUnshare) this.skip();
  });

  it('is not believed: a claim holds by its catcher, and says so', () =>
    scenario(
      async ({ sigkit, openProbe, arrives, diagnosticsChannel }) => {
        const probe = openProbe();
        const reports: unknown[] = [];
        diagnosticsChannel.subscribe('sigkit:masks', (report) => reports.push(report));
        const actions = probe.actions();
        const actor = probe.start('asleep');
        const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
        assert.equal(reports.length, 1);
        actor.release();
        await arrives(stream);
        stream.close();
        actor.finish();
        assert.deepEqual(probe.actions(), actions);
      },
      { wrapper: outerProc },
    ));

  it('makes all that promises to block fail, and all that would read it', () =>
    scenario(
      async ({ sigkit, processes, openProbe, childProcess }) => {
        const probe = openProbe();
        const actor = probe.start('open');
        const child = childProcess.spawn('sleep', ['30']);
        const codes: (string | undefined)[] = [];
        const failing = async (run: () => unknown): Promise<void> => {
          try {
            await run();
            codes.push('none');
          } catch (error) {
            codes.push((error as { code?: string }).code);
          }
        };
        await failing(() => processes.children());
        await failing(() => processes.children(child.pid));
        await failing(() => processes.descendants());
        await failing(() => processes.descendants(child.pid));
        await failing(async () => processes.terminateTree(child.pid ?? 0, { graceMs: 100 }));
        await failing(async () => processes.terminateGroup(child.pid ?? 0, { graceMs: 100 }));
        await failing(() => processes.reapOrphans());
        child.kill('SIGKILL');
        assert.match(String(codes[0]), /^ERR_SIGKIT_/);
        assert.deepEqual(
          codes,
          Array.from(codes, () => codes[0]),
        );
        assert.throws(() => sigkit.sigprocmask('SIG_BLOCK', 'SIGHUP'), { code: /^ERR_SIGKIT_/ });
        assert.throws(() => sigkit.blockSignals('SIGHUP'), { code: /^ERR_SIGKIT_/ });
        assert.equal(actor.mask() & 1n, 0n);
        actor.finish();
      },
      { wrapper: outerProc },
    ));

  it('may go after the first claim: further claims hold, and what there was is given back', function () {
    needNoSanitizer(this);
    return scenario(
      async ({ sigkit, openProbe, arrives, childProcess }) => {
        const probe = openProbe();
        // libuv leaves its mark on SIGCHLD, even where it is the default again.
        childProcess.execFileSync('true');
        const actions = probe.actions();
        const first = sigkit.signals('SIGHUP');
        childProcess.execFileSync('umount', ['-l', '/proc']);
        const actor = probe.start('opening');
        const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
        actor.release();
        await arrives(stream);
        await arrives(first, ['SIGHUP']);
        stream.close();
        first.close();
        actor.finish();
        assert.deepEqual(probe.actions(), actions);
      },
      { wrapper: ownMounts },
    );
  });

  it('may be missing from the start', function () {
    needNoSanitizer(this);
    return scenario(
      async ({ sigkit, openProbe, arrives }) => {
        const probe = openProbe();
        const actor = probe.start('open');
        const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
        await arrives(stream);
        stream.close();
        actor.finish();
      },
      { wrapper: [...ownMounts, 'sh', '-c', 'umount -l /proc && exec "$@"', 'sh'] },
    );
  });
});

describe('a process in many groups', () => {
  withProbe();

  before(function () {
    if (process.getuid?.() !== 0) this.skip();
  });

  for (const count of [1100, 65_536]) {
    it(`${count} of them, which /proc/PID/status has before the masks`, () => {
      const start = `import os, sys\nos.setgroups(range(10**9, 10**9 + ${count}))\nos.execvp(sys.argv[1], sys.argv[1:])`;
      return scenario(
        async ({ sigkit, openProbe, arrives, masks }) => {
          const probe = openProbe();
          const actor = probe.start('open');
          const stream = sigkit.signals(['SIGTERM', 'SIGUSR2', 'SIGRTMIN', 'SIGRTMIN+5']);
          for (const blocked of masks()) assert.ok(blocked.includes('SIGTERM'));
          await arrives(stream);
          stream.close();
          sigkit.blockSignals('SIGHUP').unblock();
          actor.finish();
        },
        { wrapper: ['python3', '-c', start] },
      );
    });
  }
});

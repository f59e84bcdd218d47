import assert from 'node:assert/strict';

import { need } from '../../fixtures/process/means.js';
import { withProbe } from '../../support/probe.js';
import { outcomeOf, scenario } from '../../support/scenario.js';

describe('withClaimsOpen', () => {
  withProbe();

  it('has what native code forks start with the mask that it had without the claims; they go on', async () => {
    const masks = await scenario(async ({ sigkit, openProbe, masks: ours }) => {
      const probe = openProbe();
      const fork = async (): Promise<void> => {
        assert.equal(await probe.statusOf(probe.forkExec('/bin/grep', 'SigBlk', '/proc/self/status')), 0);
      };
      sigkit.pthreadSigmask('SIG_BLOCK', 'SIGALRM');
      sigkit.sigprocmask('SIG_BLOCK', ['SIGUSR1', 'SIGWINCH']);
      sigkit.pthreadSigmask('SIG_UNBLOCK', 'SIGWINCH');
      await fork();
      const stream = sigkit.signals([
        'SIGINT',
        'SIGTERM',
        'SIGHUP',
        'SIGALRM',
        'SIGUSR1',
        'SIGWINCH',
        'SIGUSR2',
        'SIGRTMIN+1',
      ]);
      const closed = ours();
      await fork();
      const child = sigkit.withClaimsOpen(() => sigkit.withClaimsOpen(fork));
      assert.deepEqual(ours(), closed);
      await child;
      const section = sigkit.blockSignals('SIGUSR2');
      await sigkit.withClaimsOpen(fork);
      assert.deepEqual(ours(), closed);
      assert.throws(() => sigkit.withClaimsOpen(() => assert.fail('thrown')), { message: 'thrown' });
      assert.deepEqual(ours(), closed);
      section.unblock();
      stream.close();
    });
    const [before, claimed, open, inSection] = [...masks.matchAll(/SigBlk:\s+(\w+)/g)].map(([, mask]) =>
      BigInt(`0x${mask}`),
    );
    const bit = (number: number): bigint => 1n << BigInt(number - 1);
    // ALRM, and USR1; WINCH is open in this thread alone.
    assert.equal(before, bit(14) | bit(10));
    assert.notEqual(claimed, before);
    assert.equal(open, before);
    assert.equal(inSection, bit(14) | bit(10) | bit(12));
  });

  it('loses nothing that comes meanwhile, which closes the thread to nobody', async () => {
    const masks = await scenario(async ({ sigkit, openProbe, masks: ours }) => {
      const probe = openProbe();
      const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN+1']);
      const closed = ours();
      const pid = sigkit.withClaimsOpen(() => {
        for (let value = 0; value < 100; value += 1) sigkit.sigqueue(process.pid, 'SIGRTMIN+1', value);
        sigkit.kill(process.pid, 'SIGTERM');
        return probe.forkExec('/bin/grep', 'SigBlk', '/proc/self/status');
      });
      assert.deepEqual(ours(), closed);
      assert.equal(await probe.statusOf(pid), 0);
      const values = new Set<unknown>();
      let terms = 0;
      while (values.size < 100 || terms < 1) {
        const { value } = await stream.next();
        if (value?.signal === 'SIGTERM') terms += 1;
        else values.add(value?.value);
        assert.equal(value?.pid, process.pid);
      }
      // A claim is caught and closed afterwards as any other.
      sigkit.kill(process.pid, 'SIGTERM');
      assert.equal((await stream.next()).value?.signal, 'SIGTERM');
      stream.close();
    });
    assert.match(masks, /SigBlk:\s+0+\n/);
  });

  it('has the program of process.execve start with the mask that it had without the claims', async function () {
    need(this, 'execve' in process, 'process.execve, Node 22.15 or 23.11');
    const masks = await outcomeOf(({ sigkit }) => {
      sigkit.signals(['SIGINT', 'SIGTERM']);
      const here = process as unknown as { execve(file: string, argv: readonly string[]): never };
      sigkit.withClaimsOpen(() => here.execve('/bin/grep', ['grep', 'SigBlk', '/proc/self/status']));
    });
    assert.match(masks.stdout, /SigBlk:\s+0+\n/);
  });

  it('leaves a signal to its action when the claim ends meanwhile, and does nothing where nothing is claimed', () =>
    scenario(({ sigkit, masks: ours }) => {
      const before = ours();
      assert.equal(
        sigkit.withClaimsOpen(() => 7),
        7,
      );
      const stream = sigkit.signals('SIGTERM');
      sigkit.withClaimsOpen(() => stream.close());
      assert.deepEqual(ours(), before);
      assert.throws(() => sigkit.withClaimsOpen(1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
    }));

  it('works in a Worker, and outlives one that is terminated inside it', () =>
    scenario(async ({ sigkit, startWorker, until, masks: ours }) => {
      const stream = sigkit.signals('SIGTERM');
      const worker = await startWorker(({ sigkit: own, masks, timers }) => {
        const closed = masks();
        own.withClaimsOpen(() => assert.notDeepEqual(masks(), closed));
        assert.deepEqual(masks(), closed);
        void timers
          .setImmediate()
          .then(() => own.withClaimsOpen(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)));
      });
      await until(() => ours().some((mask) => !mask.includes('SIGTERM')), 'it is inside');
      sigkit.kill(process.pid, 'SIGTERM');
      assert.equal((await stream.next()).value?.signal, 'SIGTERM');
      await worker.terminate();
      await until(() => ours().every((mask) => mask.includes('SIGTERM')), 'all others are closed');
      sigkit.kill(process.pid, 'SIGTERM');
      assert.equal((await stream.next()).value?.signal, 'SIGTERM');
      stream.close();
    }));

  it("lets breakOnSigint of node:vm have its SIGINT, and stands again where that has left Node's own handler", () =>
    scenario(async ({ sigkit }) => {
      const { runInNewContext } = process.getBuiltinModule('node:vm');
      const send = (): unknown => sigkit.kill(process.pid, 'SIGINT');
      const run = (code: string): unknown => runInNewContext(code, { send }, { breakOnSigint: true, timeout: 30_000 });
      const stream = sigkit.signals(['SIGINT', 'SIGCHLD']);
      const endless = 'send(); while (true) {}';
      assert.throws(() => sigkit.withClaimsOpen(() => run(endless)), { code: 'ERR_SCRIPT_EXECUTION_INTERRUPTED' });
      // Once displaced inside, once before: not one of these ends the process.
      for (const around of [sigkit.withClaimsOpen, (inner: () => unknown) => inner()]) {
        around(() => run('1'));
        sigkit.withClaimsOpen(send);
        assert.equal((await stream.next()).value?.signal, 'SIGINT');
      }
      stream.close();
    }));
});

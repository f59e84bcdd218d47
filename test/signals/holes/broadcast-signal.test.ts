import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { needNoThreadSanitizer } from '../../fixtures/process/means.js';
import { type Child, until } from '../../support/child.js';
import { withProbe } from '../../support/probe.js';
import { scenario, startScenario } from '../../support/scenario.js';

const hasGdb = spawnSync('gdb', ['--version']).status === 0;

/** A process that claims and closes until a line comes, beside threads that all answer. */
function startClaiming(): Child {
  return startScenario(async ({ sigkit, openProbe, arrives, events }) => {
    const probe = openProbe();
    const actors = Array.from({ length: 10 }, () => probe.start('open'));
    let ends = false;
    void events.once(process.stdin, 'data').then(() => (ends = true));
    console.log('claiming');
    while (!ends) {
      const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
      await arrives(stream, ['SIGTERM', 'SIGRTMIN'], 1);
      stream.close();
    }
    for (const actor of actors) actor.finish();
    process.stdin.destroy();
  });
}

describe('the signal of the broadcast', () => {
  withProbe();
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-tracer-'));
  const tracer = path.join(folder, 'tracer');

  before(() => {
    const source = fileURLToPath(new URL('../../../../test/fixtures/tracer.c', import.meta.url));
    execFileSync('gcc', ['-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror', '-o', tracer, source]);
  });
  after(() => rmSync(folder, { recursive: true }));

  function startTracer(pid: number): { debugger: ChildProcess; said: () => string } {
    let text = '';
    const started = spawn(tracer, [String(pid), String(constants.signals.SIGFPE), '1100'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    started.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return { debugger: started, said: () => text };
  }

  it('kills nobody after a debugger has stopped the process for longer than an answer may take', async () => {
    const child = startClaiming();
    await child.line(/claiming/);
    const { debugger: attached, said } = startTracer(child.pid);
    await until(() => said().includes('continued') || attached.exitCode !== null, 'the debugger has stopped it');
    child.write('end\n');
    const outcome = await child.ended;
    attached.stdin?.end();
    assert.deepEqual([outcome.code, outcome.signal], [0, null], outcome.stderr);
    assert.match(said(), /continued/);
  });

  it('kills nobody under gdb as it is, which stops at SIGFPE', async function () {
    if (!hasGdb) this.skip();
    this.timeout(120_000);
    const child = startClaiming();
    await child.line(/claiming/);
    const commands = ['continue', 'shell sleep 1.1', ...Array.from({ length: 100 }, () => 'continue'), 'detach'];
    const gdb = spawn('gdb', ['-nx', '-batch', '-p', String(child.pid), ...commands.flatMap((text) => ['-ex', text])], {
      stdio: 'ignore',
    });
    await once(gdb, 'exit');
    child.write('end\n');
    const outcome = await child.ended;
    assert.deepEqual([outcome.code, outcome.signal], [0, null], outcome.stderr);
  });

  it('does not reach a crash reporter that is installed while a thread has not taken it yet', () =>
    scenario(async ({ sigkit, openProbe, arrives }) => {
      const probe = openProbe();
      const actor = probe.start('vfork');
      const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
      probe.install('SIGFPE');
      actor.release();
      await arrives(stream, ['SIGTERM', 'SIGRTMIN']);
      stream.close();
      actor.finish();
      assert.equal(probe.handled('SIGFPE'), 0);
      assert.equal(probe.action('SIGFPE'), 'handler');
    }));

  it('kills nobody where somebody sets its default action while a thread has not taken it yet', () =>
    scenario(async ({ sigkit, openProbe, arrives }) => {
      const probe = openProbe();
      const actor = probe.start('vfork');
      const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
      probe.setDefault('SIGFPE');
      actor.release();
      await arrives(stream, ['SIGTERM', 'SIGRTMIN']);
      stream.close();
      actor.finish();
    }));

  it('is not left pending, nor sent again, where a thread stays away over many claims', () =>
    scenario(async ({ sigkit, openProbe, arrives, signalState }) => {
      const probe = openProbe();
      const before = [signalState(), probe.actions()];
      const actor = probe.start('vfork');
      for (let round = 0; round < 5; round += 1) {
        const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
        await arrives(stream, ['SIGTERM', 'SIGRTMIN'], 5);
        stream.close();
      }
      actor.release();
      const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
      await arrives(stream, ['SIGTERM', 'SIGRTMIN'], 5);
      stream.close();
      assert.equal(actor.mask(), 0n);
      actor.finish();
      assert.deepEqual([signalState(), probe.actions()], before);
    }));

  for (const flag of ['SA_RESETHAND', 'SA_NODEFER', 'SA_RESTART'] as const) {
    it(`hands over as the kernel would to a handler with ${flag} and a mask`, function () {
      needNoThreadSanitizer(this);
      return scenario(
        async ({ sigkit, openProbe, bitsOf }) => {
          const probe = openProbe();
          const flagGiven = process.env['SIGKIT_TEST_FLAG'] as 'SA_RESETHAND' | 'SA_NODEFER';
          // So that there is none left that nobody handles.
          for (const signal of ['SIGILL', 'SIGSYS', 'SIGBUS', 'SIGTRAP'] as const) probe.install(signal);
          const mask = bitsOf('SIGUSR1', 'SIGRTMIN+9');
          probe.install('SIGFPE', { flags: ['SA_SIGINFO', flagGiven], mask });
          const raising = probe.start('open');
          const actor = probe.start('vfork');
          const stream = sigkit.signals(['SIGTERM', 'SIGRTMIN']);
          const own = raising.mask();
          raising.raise('SIGFPE');
          assert.equal(probe.handled('SIGFPE'), 1);
          const deferred = flagGiven === 'SA_NODEFER' ? 0n : bitsOf('SIGFPE');
          assert.equal(probe.maskInside('SIGFPE').toString(16), (own | mask | deferred).toString(16));
          if (flagGiven !== 'SA_RESETHAND') {
            raising.raise('SIGFPE');
            assert.equal(probe.handled('SIGFPE'), 2);
          }
          actor.release();
          stream.close();
          actor.finish();
          raising.finish();
          assert.equal(probe.action('SIGFPE'), flagGiven === 'SA_RESETHAND' ? 'default' : 'handler');
        },
        { wrapper: ['env', `SIGKIT_TEST_FLAG=${flag}`] },
      );
    });
  }
});

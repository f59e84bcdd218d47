import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { inNamespace, needRoot } from '../../fixtures/process/means.js';
import { type Outcome, startChild } from '../../support/child.js';
import { scenario } from '../../support/scenario.js';

const fixture = fileURLToPath(new URL('../../fixtures/process/unheard.js', import.meta.url));

async function outcomeWith(module: string, what: string): Promise<Outcome> {
  const child = startChild(fixture, { args: [module, what] });
  const { stdout, stderr, ...end } = await child.ended;
  const neutral = (text: string): string => text.replaceAll(/\d+/g, 'N');
  return { ...end, stdout: neutral(stdout), stderr: neutral(stderr) };
}

describe('an import', () => {
  const crashes = ['no such program', 'abort', 'IPC error', 'an exception of a listener'];
  for (const what of [...crashes, 'listeners', 'inspection']) {
    it(`changes nothing that a program sees of its child processes: ${what}`, async () => {
      const alone = await outcomeWith('node:events', what);
      assert.equal(alone.code, crashes.includes(what) ? 1 : 0, alone.stderr);
      for (const module of ['sigkit', 'sigkit/process', 'sigkit/shutdown', 'sigkit/systemd'])
        assert.deepEqual(await outcomeWith(module, what), alone, module);
    });
  }
});

describe('a child of child_process', () => {
  it('is forgotten after its end, and after a spawn() that throws, though the program has removed all listeners', () =>
    scenario(
      async ({ childProcess, processes, until }) => {
        const gc = globalThis.gc ?? assert.fail('--expose-gc');
        const collected = new FinalizationRegistry<string>((kind) => (left[kind] = (left[kind] ?? 0) - 1));
        const left: Record<string, number> = { ended: 40, thrown: 40 };
        const pids: number[] = [];
        const notice = (message: unknown): void =>
          collected.register((message as { readonly process: object }).process, 'thrown');
        // Functions of their own, whose frames hold none of them any longer.
        const start = (): void => {
          const child = childProcess.spawn('true', { stdio: 'ignore' });
          child.removeAllListeners();
          collected.register(child, 'ended');
          pids.push(child.pid ?? assert.fail());
        };
        for (let count = 0; count < 40; count += 1) start();
        process.getBuiltinModule('node:diagnostics_channel').subscribe('child_process', notice);
        for (let count = 0; count < 40; count += 1)
          assert.throws(() => childProcess.spawn('true', ['x'.repeat(2 ** 20)], { stdio: 'ignore' }), {
            code: 'E2BIG',
          });
        await until(() => {
          gc();
          return left['ended'] === 0 && left['thrown'] === 0;
        }, `all are collected`).catch((error: unknown) => assert.fail(`${String(error)}: ${JSON.stringify(left)}`));
        for (const pid of pids) assert.throws(() => processes.waitpid(pid), { code: 'ECHILD' });
      },
      { nodeOptions: ['--expose-gc'] },
    ));

  it('that has ended is no foreign child to waitpid, whatever has become of its listeners', () =>
    scenario(async ({ childProcess, processes, until, fs }) => {
      const child = childProcess.spawn('true', { stdio: 'ignore' });
      const pid = child.pid ?? assert.fail();
      child.removeAllListeners();
      await until(() => !fs.existsSync(`/proc/${pid}`), 'Node has reaped it');
      await until(() => child.exitCode === 0, 'Node knows');
      assert.throws(() => processes.waitpid(pid), { code: 'ECHILD' });
    }));

  it('stays its own while it runs, though the program has let go of the object', () =>
    scenario(
      async ({ childProcess, processes, fs, timers }) => {
        const gc = globalThis.gc ?? assert.fail('--expose-gc');
        processes.setChildSubreaper();
        const pids: number[] = [];
        for (let count = 0; count < 10; count += 1) {
          const child = childProcess.spawn('sleep', ['100'], { stdio: 'ignore' });
          child.removeAllListeners();
          child.unref();
          pids.push(child.pid ?? assert.fail());
        }
        for (let turn = 0; turn < 10; turn += 1) {
          await timers.setImmediate();
          gc();
        }
        const reaper = processes.reapOrphans({ graceMs: 0 });
        assert.equal(reaper.adopted, 0);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        for (const pid of pids) while (!/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) continue;
        for (const pid of pids) assert.throws(() => processes.waitpid(pid), { code: 'ERR_SIGKIT_FOREIGN_CHILD' });
        while (pids.some((pid) => fs.existsSync(`/proc/${pid}`))) await timers.setImmediate();
        assert.equal(reaper.reaped, 0);
        reaper.close();
      },
      { nodeOptions: ['--expose-gc'] },
    ));

  it('leaves its number to an orphan, which is reaped', function () {
    needRoot(this);
    return scenario(
      async ({ childProcess, processes, fs, until, timers }) => {
        const setNext = (pid: number): void => fs.writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
        // Far from those of Node's threads.
        setNext(1000);
        const child = childProcess.spawn('true', { stdio: 'ignore' });
        const pid = child.pid ?? assert.fail();
        child.removeAllListeners();
        await until(() => child.exitCode === 0, 'Node has reaped it');
        const reaper = processes.reapOrphans({ graceMs: 0 });
        // The next process gets the number before, and its child, an orphan soon, that one.
        const orphaned = async (): Promise<boolean> => {
          setNext(pid - 1);
          const parent = childProcess.spawn('sh', ['-c', '(read line; exit 9) <&3 >&- 2>&- & echo $!'], {
            stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
          });
          const output = (await parent.stdout?.toArray()) as Buffer[];
          (parent.stdio[3] as unknown as { end(): void }).end();
          return Number(Buffer.concat(output)) === pid;
        };
        let orphan = await orphaned();
        for (let tries = 0; !orphan && tries < 20; tries += 1) orphan = await orphaned();
        assert.ok(orphan, 'the number is given again');
        for await (const { pid: reaped, status } of reaper) {
          assert.equal(status.exitCode, 9);
          if (reaped === pid) break;
        }
        await timers.setImmediate();
      },
      { wrapper: inNamespace(this) },
    );
  });

  it("answers for its daemon by the time of its end, and leaves those from after that to a tree's root", () =>
    scenario(async ({ processes, childProcess, until, events }) => {
      processes.setChildSubreaper();
      const reaper = processes.reapOrphans().unref();
      const script = 'while read line; do (setsid sleep 1000 >/dev/null 2>&1 & echo $!); done';
      const whenAdopted = async (output: NodeJS.EventEmitter | null): Promise<number> => {
        const [text] = (await events.once(output ?? assert.fail(), 'data')) as [Buffer];
        const daemon = Number(String(text));
        await until(() => processes.children().includes(daemon), 'the daemon is adopted');
        await until(() => processes.getsid(daemon) === daemon, 'it has a session of its own');
        return daemon;
      };
      const root = processes.spawn('sh', ['-c', script]);
      const other = childProcess.spawn('sh', ['-c', script]);
      other.stdin.write('\n');
      const spared = await whenAdopted(other.stdout);
      other.removeAllListeners();
      other.stdin.end();
      await until(() => other.exitCode === 0, 'the other one has ended');
      // Of the next tick of the clock by which processes start.
      const later = performance.now() + 20;
      while (performance.now() < later) continue;
      root.stdin?.write('\n');
      const daemon = await whenAdopted(root.stdout);
      await until(() => processes.children(root.pid).length === 0, 'its subshell is gone');
      const { members } = await processes.terminateTree(root.pid);
      assert.deepEqual(new Set(members.map(({ pid }) => pid)), new Set([root.pid, daemon]));
      process.kill(spared, 'SIGKILL');
      await until(() => processes.children().length === 0, 'all are reaped');
      reaper.close();
    }));
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { inNamespace as namespace } from '../../fixtures/process/means.js';
import { startChild } from '../../support/child.js';
import { scenario, startScenario } from '../../support/scenario.js';

const fixture = fileURLToPath(new URL('../../fixtures/process/reaping.js', import.meta.url));
const sources = fileURLToPath(new URL('../../../../test/fixtures/process/', import.meta.url));
// LeakSanitizer's own helper process does not work there, where the tests run with it.
const inNamespace = ['env', 'SIGKIT_DETECT_LEAKS=0', 'unshare', '-fp', '--mount-proc'];
const deadlineMs = 280_000;

describe('reaping', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-'));
  const maker = path.join(folder, 'orphans');

  before(() => void execFileSync('gcc', ['-o', maker, `${sources}orphans.c`]));
  after(() => rmSync(folder, { recursive: true }));

  it('as a subreaper, reaps 5,000 orphans once each, and 500 children of child_process keep their status', async function () {
    this.timeout(deadlineMs + 10_000);
    const child = startChild(fixture, { args: ['500', '5000', maker], deadlineMs });
    const { code, stdout, stderr } = await child.ended;
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'reaped 5000, kept 500\n' }, stderr);
  });

  it('as PID 1, too', async function () {
    this.timeout(deadlineMs + 10_000);
    const child = startChild(fixture, { args: ['500', '5000', maker], wrapper: inNamespace, deadlineMs });
    const { code, stdout, stderr } = await child.ended;
    if (/unshare: .*(not permitted|failed)/i.test(stderr)) this.skip();
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'reaped 5000, kept 500\n' }, stderr);
  });

  it('looks at each orphan as often when there are 10,000 as when there are 1,000', function () {
    this.timeout(deadlineMs + 10_000);
    return scenario(
      async ({ processes, childProcess, fs, events }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans();
        const stats = { 1000: 0, 10_000: 0 };
        // A look is a read of a file of /proc; syscr counts reads (proc(5)).
        const reads = (): number => Number(/^syscr: (\d+)$/m.exec(fs.readFileSync('/proc/self/io', 'utf8'))?.[1]);
        for (const count of [1000, 10_000] as const) {
          const before = reads();
          const maker = childProcess.spawn(process.env['MAKER'] ?? '', [String(count)], {
            stdio: 'inherit',
          });
          const ended = events.once(maker, 'exit');
          for (let read = 0; read < count; read += 1) assert.equal((await reaper.next()).done, false);
          await ended;
          stats[count] = (reads() - before) / count;
        }
        reaper.close();
        assert.ok(stats[1000] >= 1 && stats[10_000] <= stats[1000] * 1.5, JSON.stringify(stats));
      },
      { wrapper: ['env', `MAKER=${maker}`], deadlineMs: 280_000 },
    );
  });

  it("leaves an addon's child to the thread that waits for it", async () => {
    const library = path.join(folder, 'waiting-thread.so');
    execFileSync('gcc', ['-shared', '-fPIC', '-pthread', '-o', library, `${sources}waiting-thread.c`]);
    const child = startScenario(
      async ({ processes, until }) => {
        processes.setChildSubreaper(true);
        const reaper = processes.reapOrphans({ graceMs: 1000 });
        process.stdout.write('open\n');
        await until(() => processes.children().length === 0, 'its own thread takes it');
        assert.equal(reaper.reaped, 0);
        reaper.close();
      },
      { wrapper: ['env', `LD_PRELOAD=${library}`] },
    );
    await child.line(/^open$/);
    child.process.stdin?.end();
    const { code, stderr } = await child.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: `waited 1 status ${42 << 8}\n` });
  });

  it('leaves to libuv what it is slow to collect, known as its child or not', async () => {
    const child = startChild(fileURLToPath(new URL('../../fixtures/process/early-children.js', import.meta.url)));
    const { code, stdout, stderr } = await child.ended;
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '50 statuses\n' }, stderr);
  });

  it('ends with close(), break, an abort and asyncDispose; several hear of each orphan', () =>
    scenario(async ({ processes, childProcess, until }) => {
      processes.setChildSubreaper(true);
      const orphan = (): void =>
        void childProcess.execFileSync('sh', ['-c', 'sh -c "sleep 0.1; exit 9" >&- 2>&- & exit 0']);
      const abort = new AbortController();
      const first = processes.reapOrphans({ graceMs: 0 });
      const second = processes.reapOrphans({ graceMs: 0, signal: abort.signal });
      orphan();
      const [one, two] = await Promise.all([first.next(), second.next()]);
      assert.equal(one.value?.status.exitCode, 9);
      assert.deepEqual(one.value, two.value);
      assert.equal(first.adopted, 1);
      const waiting = second.next();
      abort.abort('enough');
      await assert.rejects(waiting, { name: 'AbortError', cause: 'enough' });
      assert.equal(second.closed, true);
      assert.deepEqual(await second.next(), { done: true, value: undefined });
      first.close();
      first.close();
      assert.deepEqual(await first.next(), { done: true, value: undefined });

      // Nobody reaps now; the next one finds what has been left.
      orphan();
      await until(() => processes.children().length === 1, 'the orphan is adopted');
      for await (const { status } of processes.reapOrphans()) {
        assert.equal(status.exitCode, 9);
        break;
      }
      assert.deepEqual(processes.children(), []);
      await processes.reapOrphans()[Symbol.asyncDispose]();
      assert.throws(() => processes.reapOrphans({ signal: AbortSignal.abort() }), { name: 'AbortError' });
    }));

  it('tells of the job that an orphan comes from: its process group and session', () =>
    scenario(async ({ processes }) => {
      processes.setChildSubreaper();
      const reaper = processes.reapOrphans({ graceMs: 0 });
      for (const options of [{ processGroup: true }, { session: true }, {}]) {
        const job = processes.spawn('sh', ['-c', '(exit 9) & exit 0'], { ...options, stdio: 'ignore' });
        await job.exited;
        const { value } = await reaper.next();
        // 0 is one of another pid namespace, as the first process of a container may have it.
        const group = job.processGroup || null;
        const session = 'session' in options ? job.pid : processes.getsid(0) || null;
        assert.deepEqual([value?.processGroup, value?.session, value?.status.exitCode], [group, session, 9]);
      }
      reaper.close();
    }));

  it('takes no zombie for one that had its number before', function () {
    return scenario(
      async ({ processes, childProcess, fs, until }) => {
        const graceMs = 700;
        const reaper = processes.reapOrphans({ graceMs });
        const start = performance.now();
        const makeOrphan = (): number => {
          const before = processes.children();
          childProcess.execFileSync('sh', ['-c', '(exit 9) >&- 2>&- & exit 0']);
          return processes.children().find((pid) => !before.includes(pid)) ?? 0;
        };
        const old = makeOrphan();
        assert.ok(old > 0);
        // It has been noted by now, and somebody else takes it.
        await until(() => performance.now() > start + 200 && processes.waitpid(old) !== null, 'it is taken');
        let heir = 0;
        for (let tries = 0; heir !== old; tries += 1) {
          assert.ok(tries < 100, 'the number comes again');
          // Of the shell; the next one is its child's.
          fs.writeFileSync('/proc/sys/kernel/ns_last_pid', String(old - 2));
          heir = makeOrphan();
        }
        const made = performance.now();
        for (;;) {
          const { value } = await reaper.next();
          if (value?.pid === old) break;
        }
        assert.ok(performance.now() - made >= graceMs - 1, `taken after ${performance.now() - made} ms`);
        reaper.close();
      },
      { wrapper: namespace(this) },
    );
  });

  it('says null of a group and a session of another pid namespace', function () {
    return scenario(
      async ({ processes, childProcess }) => {
        const reaper = processes.reapOrphans({ graceMs: 0 });
        // PID 1 is in the group that it was started in, and so are its children.
        childProcess.execFileSync('sh', ['-c', '(exit 9) >&- 2>&- & exit 0']);
        const { value } = await reaper.next();
        assert.deepEqual([value?.processGroup, value?.session, value?.status.exitCode], [null, null, 9]);
        reaper.close();
      },
      { wrapper: namespace(this) },
    );
  });

  it('keeps as many as its capacity for a reader who is late, the latest ones', () =>
    scenario(async ({ processes, childProcess, until }) => {
      processes.setChildSubreaper();
      const late = processes.reapOrphans({ graceMs: 0, capacity: 3 });
      const one = processes.reapOrphans({ graceMs: 0, capacity: 1 });
      for (let made = 1; made <= 8; made += 1) {
        childProcess.execFileSync('sh', ['-c', `(exit ${made}) >&- 2>&- & exit 0`]);
        await until(() => late.reaped === made, 'it is reaped');
      }
      assert.deepEqual([late.dropped, one.dropped], [5, 7]);
      for (const reaper of [late, one]) reaper.close();
      const codes: unknown[] = [];
      for await (const { status } of late) codes.push(status.exitCode);
      assert.deepEqual(codes, [6, 7, 8]);
      assert.equal((await one.next()).value?.status.exitCode, 8);
      assert.equal((await one.next()).done, true);
    }));

  it('keeps the process alive while open, and does not after unref()', () =>
    scenario(({ processes }) => {
      processes.reapOrphans().unref();
    }));

  it('is refused in a Worker', () =>
    scenario(async ({ startWorker }) => {
      const worker = await startWorker(({ processes }) => {
        assert.throws(() => processes.reapOrphans(), { code: 'ERR_SIGKIT_MAIN_THREAD_ONLY' });
      });
      await worker.terminate();
    }));
});

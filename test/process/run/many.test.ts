import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

const limited = (descriptors: number): readonly string[] => ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh'];
const deadlineMs = 240_000;

describe('run(): more than there are descriptors for', () => {
  it('2,000 at once under ulimit -n 1024 take turns', function () {
    this.timeout(deadlineMs + 10_000);
    return scenario(
      async ({ processes, descriptors }) => {
        await processes.run('true');
        const before = descriptors().length;
        const results = await Promise.all(
          Array.from({ length: 2000 }, (_, index) => processes.run('echo', [String(index)], { stderr: 'ignore' })),
        );
        assert.ok(results.every(({ stdout }, index) => stdout === String(index)));
        assert.ok(descriptors().length <= before);
        assert.deepEqual(processes.children(), []);
      },
      { wrapper: limited(1024), deadlineMs },
    );
  });

  it('who waits can be aborted, disposed of, and read; what was given a descriptor does not wait', () =>
    scenario(
      async ({ processes }) => {
        const { run } = processes;
        await run('true');
        let last = run('sleep', ['1000'], { reject: false });
        const all = [last];
        while (last.pid !== undefined && all.length < 200) all.push((last = run('sleep', ['1000'], { reject: false })));
        assert.equal(last.pid, undefined);
        assert.equal(last.kill(), false);
        const abort = new AbortController();
        const aborted = run('true', { signal: abort.signal });
        const read = run('echo', ['read']).lines();
        abort.abort(new Error('reason'));
        await assert.rejects(async () => aborted, { name: 'AbortError' });
        await assert.rejects(async () => run('true', { stdin: 'pipe' }), { code: 'EMFILE' });
        await last[Symbol.asyncDispose]();
        await assert.rejects(async () => last, { name: 'AbortError' });
        const first = read.next();
        for (const command of all) command.kill('SIGKILL');
        assert.equal((await first).value, 'read');
        assert.equal((await read.next()).done, true);
        await Promise.allSettled(all);
        assert.deepEqual(processes.children(), []);
      },
      { wrapper: limited(100) },
    ));

  it('with nobody to wait for it fails', () =>
    scenario(
      async ({ processes, fs }) => {
        const open: number[] = [];
        assert.throws(() => {
          for (;;) open.push(fs.openSync('/dev/null', 'r'));
        });
        const result = processes.run('true').then(
          () => 'ran',
          ({ code }: { code: string }) => code,
        );
        for (const fd of open) fs.closeSync(fd);
        assert.equal(await result, 'EMFILE');
        assert.ok((await processes.run('true')).ok);
      },
      { wrapper: limited(64) },
    ));
});

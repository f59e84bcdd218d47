import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

// SIGKIT_LONG=1: as much as would not fit into the memory that is allowed.
const megabytes = process.env['SIGKIT_LONG'] === undefined ? 200 : 1024;

describe('run(): line by line', () => {
  it('gives the lines of stdout, of stderr, or of both with where they come from', () =>
    scenario(async ({ processes }) => {
      const { run } = processes;
      const listed = async (lines: AsyncIterable<unknown>): Promise<unknown[]> => {
        const all: unknown[] = [];
        for await (const line of lines) all.push(line);
        return all;
      };
      const script = ['-c', 'echo a; echo; echo b >&2; printf "\\303"; sleep 0.05; printf "\\244 last"'];
      assert.deepEqual(await listed(run('sh', script)), ['a', '', 'ä last']);
      assert.deepEqual(await listed(run('sh', script).lines({ from: 'stderr' })), ['b']);
      const both = await listed(
        run('sh', ['-c', 'echo a; sleep 0.1; echo b >&2; sleep 0.1; echo c']).lines({ from: 'all' }),
      );
      assert.deepEqual(both, [
        { text: 'a', from: 'stdout' },
        { text: 'b', from: 'stderr' },
        { text: 'c', from: 'stdout' },
      ]);
      assert.deepEqual(await listed(run('true')), []);
      const command = run('sh', ['-c', 'echo a; echo b >&2']);
      assert.deepEqual(await listed(command), ['a']);
      const { stdout, stderr } = await command;
      assert.deepEqual([stdout, stderr], ['', 'b']);
      assert.throws(() => command.lines(), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => command.lines({ from: 'both' } as object), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => run('true', { stdout: 'ignore' }).lines(), { code: 'ERR_OUT_OF_RANGE' });
    }));

  it('begins with what has come before anybody asked', () =>
    scenario(async ({ processes, timers }) => {
      const command = processes.run('sh', ['-c', 'echo early; read line; echo $line'], { stdin: 'pipe' });
      await timers.setTimeout(100);
      const lines = command.lines();
      command.stdin?.end('late\n');
      assert.equal((await lines.next()).value, 'early');
      assert.equal((await lines.next()).value, 'late');
      assert.equal((await lines.next()).done, true);
      assert.equal((await command).stdout, '');
    }));

  it('throws the failure of the command after its last line', () =>
    scenario(async ({ processes }) => {
      const seen: string[] = [];
      await assert.rejects(
        async () => {
          for await (const line of processes.run('sh', ['-c', 'echo a; echo why >&2; exit 4'])) seen.push(line);
        },
        { code: 'ERR_SIGKIT_RUN_FAILED', message: /^exit code 4: .*\nwhy$/ },
      );
      assert.deepEqual(seen, ['a']);
      await assert.rejects(
        async () => {
          for await (const line of processes.run('no-such-program')) seen.push(line);
        },
        { code: 'ENOENT' },
      );
    }));

  it('leaving the loop ends the command and its group, also by an error', () =>
    scenario(async ({ processes }) => {
      for await (const line of processes.run('sh', ['-c', 'yes & yes >&2 & wait'])) {
        assert.equal(line, 'y');
        break;
      }
      await assert.rejects(
        async () => {
          for await (const _line of processes.run('yes')) throw new RangeError('mine');
        },
        { name: 'RangeError', message: 'mine' },
      );
      assert.deepEqual(processes.children(), []);
    }));

  it(`a slow reader holds up who writes: ${megabytes} MB through little memory`, function () {
    this.timeout(600_000);
    return scenario(
      async ({ processes, timers }) => {
        const size = Number(process.env['MEGABYTES']) * 1e6;
        const command = processes.run('sh', ['-c', `yes ${'x'.repeat(99)} | head -c ${size}`]);
        let [count, peak] = [0, 0];
        for await (const line of command) {
          assert.equal(line.length, 99);
          count += 1;
          if (count % 2000 !== 0) continue;
          await timers.setTimeout(1);
          peak = Math.max(peak, process.memoryUsage().rss);
        }
        assert.equal(count, size / 100);
        assert.ok(peak < 200e6, `${peak} bytes`);
      },
      { wrapper: ['env', `MEGABYTES=${megabytes}`], deadlineMs: 590_000 },
    );
  });

  it('a line without an end is given in pieces of maxBuffer', () =>
    scenario(async ({ processes }) => {
      const lengths: number[] = [];
      for await (const line of processes.run('head', ['-c', '300000', '/dev/zero'], { maxBuffer: 100_000 }))
        lengths.push(line.length);
      assert.ok(lengths.length > 1 && lengths.every((length) => length <= 100_000 + 65_536), String(lengths));
      assert.equal(
        lengths.reduce((sum, length) => sum + length),
        300_000,
      );
    }));

  it('what ends a line that has been given in pieces is no empty line', () =>
    scenario(async ({ processes, until }) => {
      const command = processes.run('cat', { stdin: 'pipe', maxBuffer: 4 });
      const lines = command.lines();
      const next = async (): Promise<unknown> => (await lines.next()).value;
      command.stdin?.write('abcd');
      assert.equal(await next(), 'abcd');
      command.stdin?.end('\n\nef\n');
      assert.deepEqual([await next(), await next(), await next()], ['', 'ef', undefined]);
      await until(() => processes.children().length === 0, 'it has ended');
    }));

  it('a line that is longer than a string can be is given in pieces', function () {
    this.timeout(120_000);
    return scenario(
      async ({ processes }) => {
        const size = 600e6;
        let length = 0;
        for await (const line of processes.run('head', ['-c', String(size), '/dev/zero'], { maxBuffer: 2 ** 40 }))
          length += line.length;
        assert.equal(length, size);
      },
      { deadlineMs: 110_000 },
    );
  });
});

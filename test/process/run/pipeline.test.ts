import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('pipeline()', () => {
  it('joins commands by pipes, and has the result of each', () =>
    scenario(async ({ processes }) => {
      const { pipeline } = processes;
      const result = await pipeline(['seq', ['100000']], ['sh', ['-c', 'echo note >&2; grep 7']], ['wc', ['-l']]);
      assert.deepEqual(
        [result.stdout, result.stderr, result.all.split('\n').sort(), result.ok, result.exitCode],
        ['40951', 'note', ['40951', 'note'], true, 0],
      );
      assert.equal(result.command, "seq 100000 | sh -c 'echo note >&2; grep 7' | wc -l");
      assert.deepEqual(
        result.stages.map(({ command, stdout, stderr, ok }) => [command, stdout, stderr, ok]),
        [
          ['seq 100000', '', '', true],
          ["sh -c 'echo note >&2; grep 7'", '', 'note', true],
          ['wc -l', '40951', '', true],
        ],
      );
      assert.equal(result.pid, result.stages[0]?.pid);
      assert.equal((await pipeline(['echo', ['alone']])).stdout, 'alone');
    }));

  it('takes options for all of it and for each command', () =>
    scenario(async ({ processes }) => {
      const { pipeline } = processes;
      const { stdout } = await pipeline(
        ['cat'],
        ['sh', ['-c', 'cat; pwd; echo $A'], { env: { ...process.env, A: 'own' } }],
        ['cat', { argv0: 'c' }],
        { cwd: '/', input: 'fed\n', encoding: 'bytes' },
      );
      assert.equal(stdout.toString(), 'fed\n/\nown');
      for (const [options, message] of [
        [{ timeoutMs: 1 }, /Unknown option "stages\[1\]\.options\.timeoutMs"\. It is an option of the pipeline/],
        [{ stdin: 'ignore' }, /stages\[1\]\.options\.stdin/],
        [{ nonsense: 1 }, /stages\[1\]\.options\.nonsense/],
      ] as const)
        assert.throws(() => pipeline(['true'], ['true', [], options as object]), message);
      assert.throws(() => pipeline(['true'], { processGroup: true } as object), /options\.processGroup/);
      assert.throws(() => pipeline(), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => pipeline('true' as never, ['true']), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.deepEqual(processes.children(), []);
    }));

  it('fails as pipefail of a shell does: by the last that has failed', () =>
    scenario(async ({ processes }) => {
      const { pipeline } = processes;
      const codes = ['exit 3', 'cat > /dev/null; exit 4', 'cat > /dev/null'];
      const [a = '', b = '', c = ''] = codes;
      const failed = await pipeline(['sh', ['-c', a]], ['sh', ['-c', b]], ['sh', ['-c', c]], { reject: false });
      assert.deepEqual(
        [failed.exitCode, failed.ok, failed.stages.map(({ exitCode }) => exitCode)],
        [4, false, [3, 4, 0]],
      );
      await assert.rejects(async () => pipeline(['sh', ['-c', 'echo why >&2; exit 3']], ['cat']), {
        code: 'ERR_SIGKIT_RUN_FAILED',
        message: "exit code 3: sh -c 'echo why >&2; exit 3' | cat\nwhy",
      });
      const cut = await pipeline(['yes'], ['head', ['-1']], { reject: false });
      assert.deepEqual([cut.stdout, cut.exitCode, cut.termSignal, cut.ok], ['y', null, 'SIGPIPE', false]);
    }));

  it('is one group, also where the first has ended before the last is started', () =>
    scenario(async ({ processes, until }) => {
      const show = ['-c', 'cat > /dev/null; cut -d" " -f5 /proc/self/stat'] as const;
      for (let count = 0; count < 20; count += 1) {
        const { stdout, pid } = await processes.pipeline(['true'], ['true'], ['sh', show]);
        assert.equal(Number(stdout), pid);
      }
      const command = processes.pipeline(['sleep', ['1000']], ['cat'], ['cat'], { reject: false });
      await until(() => processes.children().length === 3, 'all run');
      assert.deepEqual(
        processes.children().map((pid) => processes.getpgid(pid)),
        Array(3).fill(command.pid),
      );
      assert.throws(() => command.kill('SIGNONE' as 'SIGTERM'), { code: 'ERR_OUT_OF_RANGE' });
      assert.ok(command.kill('SIGKILL'));
      const { stages } = await command;
      assert.equal(stages[0]?.termSignal, 'SIGKILL');
      assert.equal(command.kill(), false);
    }));

  it('one that cannot be started ends the others', () =>
    scenario(async ({ processes, until }) => {
      for (const stages of [
        [['no-such-program'], ['cat']],
        [['sleep', ['1000']], ['no-such-program'], ['cat']],
        [['sh', ['-c', 'sleep 1000 & wait']], ['cat'], ['no-such-program']],
      ] as const)
        await assert.rejects(async () => processes.pipeline(...stages), { code: 'ENOENT' });
      await until(() => processes.children().length === 0, 'nobody is left');
    }));

  it('a time-out, an abort, a failing input and leaving its lines end all of it', () =>
    scenario(async ({ processes }) => {
      const { pipeline } = processes;
      const ends = async (options: object): Promise<unknown[]> => {
        const result = await pipeline(['sh', ['-c', 'sleep 1000 & cat; wait']], ['cat'], ['cat'], {
          reject: false,
          ...options,
        });
        assert.equal(result.stages.length, 3);
        assert.deepEqual(new Set(result.stages.map(({ reason }) => reason)), new Set([result.reason]));
        assert.deepEqual(processes.children(), []);
        // The cat of the shell may have seen the end of its input before.
        const sleeps = result.left.filter(({ comm }) => comm !== 'cat');
        return [result.reason, sleeps.map(({ comm, ended }) => [comm, ended])];
      };
      const left = [['sleep', true]];
      assert.deepEqual(await ends({ timeoutMs: 200 }), ['timeout', left]);
      assert.deepEqual(await ends({ signal: AbortSignal.timeout(200), scope: 'tree' }), ['aborted', left]);
      const broken = async function* (): AsyncGenerator<string> {
        yield 'x';
        await new Promise((resolve) => setTimeout(resolve, 200));
        throw new Error('broken');
      };
      assert.deepEqual(await ends({ input: broken() }), ['input', left]);
      for await (const line of pipeline(['yes'], ['cat'])) {
        assert.equal(line, 'y');
        break;
      }
      assert.deepEqual(processes.children(), []);
    }));

  it('no byte goes through this process, and nothing stays open in it', () =>
    scenario(async ({ processes, descriptors, until }) => {
      const slow = ['sh', ['-c', 'cat; sleep 0.05']] as const;
      await processes.pipeline(['true'], slow);
      const before = descriptors().length;
      for (let count = 0; count < 10; count += 1) await processes.pipeline(['true'], slow, slow);
      // Nothing that only a garbage collection would close.
      const open = descriptors().length - before;
      assert.ok(open < 5, `${open} more descriptors`);
      const size = 200e6;
      await until(() => descriptors().length <= before, 'all is closed');
      const usage = process.cpuUsage();
      const { stdout } = await processes.pipeline(['head', ['-c', String(size), '/dev/zero']], ['cat'], ['wc', ['-c']]);
      const { user, system } = process.cpuUsage(usage);
      assert.equal(Number(stdout), size);
      assert.ok(user + system < 150_000, `${user + system} us`);
      await until(() => descriptors().length <= before, 'all is closed');
    }));

  it('is contained as a whole', () =>
    scenario(async ({ processes: { pipeline } }) => {
      const whole = await pipeline(['echo', ['x']], ['cat'], { scope: 'contained' });
      assert.deepEqual([whole.stdout, whole.containment], ['x', whole.stages[0]?.containment]);
      assert.ok(whole.containment !== null);
      assert.throws(() => pipeline(['true', { contain: true } as object]), { code: 'ERR_SIGKIT_UNKNOWN_OPTION' });
    }));
});

import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('run()', () => {
  it('tells what a command has written, how it ended, and what it has used', () =>
    scenario(async ({ processes }) => {
      const command = processes.run('sh', ['-c', "echo out; echo err >&2; echo 'ä'"]);
      const { pid } = command;
      assert.ok(pid !== undefined && pid > 1);
      const { durationMs, rusage, ...result } = await command;
      assert.deepEqual(result, {
        command: String.raw`sh -c 'echo out; echo err >&2; echo '\''ä'\'''`,
        pid,
        exitCode: 0,
        termSignal: null,
        ok: true,
        timedOut: false,
        aborted: false,
        truncated: { stdout: false, stderr: false },
        heldOpen: { stdout: false, stderr: false },
        stdout: 'out\nä',
        stderr: 'err',
        all: result.all,
        left: [],
        reason: null,
        cause: undefined,
        containment: null,
        jobUsage: null,
      });
      assert.deepEqual(result.all.split('\n').sort(), ['err', 'out', 'ä']);
      assert.ok(durationMs > 0);
      assert.ok(rusage !== null && rusage.userCPUTime + rusage.systemCPUTime > 0);
      // Of so small a program, this process's own peak is all that the kernel has.
      assert.equal(rusage.maxRSS, null);
    }));

  it('knows the memory of a command that has used more than this process', () =>
    scenario(async ({ processes }) => {
      const code = 'process.stdout.write(String(Buffer.alloc(4e8, 1).length))';
      const { rusage, stdout } = await processes.run(process.execPath, ['-e', code]);
      assert.equal(stdout, '400000000');
      assert.ok((rusage?.maxRSS ?? 0) > 400_000, String(rusage?.maxRSS));
    }));

  it('rejects with a RunError that has the result, the command, its end and its last lines', () =>
    scenario(async ({ processes, sigkit }) => {
      const { run, RunError } = processes;
      const fails = async (promise: PromiseLike<unknown>): Promise<InstanceType<typeof RunError>> => {
        const error = await Promise.resolve(promise).then(
          () => assert.fail('resolved'),
          (reason: unknown) => reason,
        );
        assert.ok(error instanceof RunError && error instanceof sigkit.SigkitError);
        assert.deepEqual([error.name, error.code, error.result.ok], ['RunError', 'ERR_SIGKIT_RUN_FAILED', false]);
        return error;
      };
      const failed = await fails(run('sh', ['-c', 'seq 20 >&2; exit 3']));
      assert.equal(failed.message, "exit code 3: sh -c 'seq 20 >&2; exit 3'\n13\n14\n15\n16\n17\n18\n19\n20");
      assert.equal(failed.result.exitCode, 3);
      const killed = await fails(run('sh', ['-c', 'kill -9 $$']));
      assert.deepEqual([killed.message, killed.result.termSignal], ["SIGKILL: sh -c 'kill -9 $$'", 'SIGKILL']);
      const escaped = await fails(run('sh', ['-c', 'exit 1', '\x1b[2J\n']));
      assert.equal(escaped.message, String.raw`exit code 1: sh -c 'exit 1' '\x1B[2J\x0A'`);
      const long = await fails(run('sh', ['-c', `exit 1 # ${'x'.repeat(10_000)}`]));
      assert.ok(long.message.length < 300);
      const silent = await run('false', { reject: false });
      assert.deepEqual([silent.ok, silent.exitCode], [false, 1]);
    }));

  it('rejects with what spawn() throws if it cannot be started, and throws at once what is wrong with its arguments', () =>
    scenario(async ({ processes }) => {
      const { run } = processes;
      await assert.rejects(async () => run('no-such-program'), { code: 'ENOENT', syscall: 'execve' });
      await assert.rejects(async () => run('true', { cwd: '/nowhere' }), { code: 'ENOENT', syscall: 'chdir' });
      await assert.rejects(async () => run('true', { stdout: { path: '/nowhere/file' } }), { code: 'ENOENT' });
      const wrong: readonly (readonly [object, string])[] = [
        [{ stdin: 'inherits' }, 'ERR_OUT_OF_RANGE'],
        [{ stdin: 'inherit', input: '' }, 'ERR_OUT_OF_RANGE'],
        [{ input: 1 }, 'ERR_INVALID_ARG_TYPE'],
        [{ stdout: 'file' }, 'ERR_OUT_OF_RANGE'],
        [{ stdout: [] }, 'ERR_OUT_OF_RANGE'],
        [{ stderr: { path: 1 } }, 'ERR_INVALID_ARG_TYPE'],
        [{ stderr: { path: 'x', flags: 'a' } }, 'ERR_SIGKIT_UNKNOWN_OPTION'],
        [{ timeoutMs: -1 }, 'ERR_OUT_OF_RANGE'],
        [{ sig: 'SIGSTOP' }, 'ERR_OUT_OF_RANGE'],
        [{ graceMs: '1' }, 'ERR_INVALID_ARG_TYPE'],
        [{ scope: 'all' }, 'ERR_OUT_OF_RANGE'],
        [{ scope: 'group', processGroup: false }, 'ERR_OUT_OF_RANGE'],
        [{ maxBuffer: 0 }, 'ERR_OUT_OF_RANGE'],
        [{ onMaxBuffer: 'cut' }, 'ERR_OUT_OF_RANGE'],
        [{ encoding: 'utf9' }, 'ERR_OUT_OF_RANGE'],
        [{ shell: '' }, 'ERR_OUT_OF_RANGE'],
        [{ preferLocal: 1 }, 'ERR_INVALID_ARG_TYPE'],
        [{ lateOutputMs: null }, 'ERR_INVALID_ARG_TYPE'],
        [{ verbose: 1 }, 'ERR_INVALID_ARG_TYPE'],
        [{ signal: {} }, 'ERR_INVALID_ARG_TYPE'],
        [{ stdio: 'pipe' }, 'ERR_SIGKIT_UNKNOWN_OPTION'],
        [{ timeout: 1 }, 'ERR_SIGKIT_UNKNOWN_OPTION'],
      ];
      for (const [options, code] of wrong) assert.throws(() => run('true', options), { code }, JSON.stringify(options));
      assert.throws(() => run('true', { cancelSignal: 1 } as object), /Did you mean "signal"\?/);
      assert.throws(() => run(''), { code: 'ERR_OUT_OF_RANGE' });
      assert.deepEqual(processes.children(), []);
    }));

  it('a failure that nobody looks at is an unhandled rejection, unless its lines are read or it is disposed of', async () => {
    const code = async (use: Parameters<typeof scenario>[0], expected: number): Promise<string> =>
      scenario(use, { code: expected });
    await code(({ processes }) => void processes.run('false'), 1);
    await code(async ({ processes }) => {
      const command = processes.run('sleep', ['100']);
      await command[Symbol.asyncDispose]();
      await assert.rejects(async () => command, { message: 'ended before it was over (SIGTERM): sleep 100' });
    }, 0);
  });

  it('gives the environment, folder, name and local programs that are asked for', () =>
    scenario(async ({ processes, fs }) => {
      const { run } = processes;
      const folder = fs.mkdtempSync('/tmp/sigkit-run-');
      try {
        const bin = `${folder}/node_modules/.bin`;
        const inner = `${folder}/a/b`;
        fs.mkdirSync(bin, { recursive: true });
        fs.mkdirSync(inner, { recursive: true });
        fs.writeFileSync(`${bin}/local-program`, '#!/bin/sh\necho local "$@"\n', { mode: 0o755 });
        assert.equal((await run('local-program', ['1'], { preferLocal: true, cwd: inner })).stdout, 'local 1');
        assert.equal((await run('local-program', [], { preferLocal: inner })).stdout, 'local');
        await assert.rejects(async () => run('local-program', { cwd: inner }), { code: 'ENOENT' });
        assert.equal((await run('pwd', { cwd: inner })).stdout, inner);
        assert.equal((await run('sh', ['-c', 'echo $A'], { env: { A: 'b' } })).stdout, 'b');
        const name = await run('sh', ['-c', 'cat /proc/$$/cmdline; :'], { argv0: 'named' });
        assert.ok(name.stdout.startsWith('named\0'));
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    }));

  it('has a shell read the command only where that is asked for', () =>
    scenario(async ({ processes }) => {
      const { run } = processes;
      const shell = await run('echo $1 | tr a b', ['aa; echo $0'], { shell: true });
      assert.deepEqual([shell.stdout, shell.command], ['bb; echo $0', 'echo $1 | tr a b']);
      assert.equal((await run('echo ${BASH_VERSION:+bash}', { shell: 'bash' })).stdout, 'bash');
      await assert.rejects(async () => run('echo $HOME'), { code: 'ENOENT' });
    }));

  it('is told of on stderr, a line at the start and one at the end', () =>
    scenario(async ({ processes }) => {
      const code = `
        const { run } = await import(process.env.SIGKIT);
        await run('sh', ['-c', 'exit 2'], { verbose: true, reject: false });
        process.env.SIGKIT_VERBOSE = '1';
        await run('true');
        await run('true', { verbose: false });`;
      const url = process
        .getBuiltinModule('node:module')
        .createRequire(process.argv[1] ?? '')
        .resolve('sigkit/process');
      const { stderr } = await processes.run(process.execPath, ['--input-type=module', '-e', code], {
        env: { ...process.env, SIGKIT: url },
      });
      const lines = stderr.replaceAll(/\b\d+ (?=\$|exit)/g, 'P ').replaceAll(/\d+ ms/g, 'N ms');
      assert.equal(
        lines,
        [
          "sigkit: P $ sh -c 'exit 2'",
          "sigkit: P exit code 2 in N ms: sh -c 'exit 2'",
          'sigkit: P $ true',
          'sigkit: P exit code 0 in N ms: true',
        ].join('\n'),
      );
    }));

  it('is in a group of its own, and ends when this process does', () =>
    scenario(async ({ processes, until }) => {
      const script = `
        const { run } = await import(process.env.SIGKIT);
        const command = run('sleep', ['1000']);
        console.log(command.pid);
        await command;`;
      const url = process
        .getBuiltinModule('node:module')
        .createRequire(process.argv[1] ?? '')
        .resolve('sigkit/process');
      const runner = processes.run(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, SIGKIT: url },
        reject: false,
      });
      const { value } = await runner.lines().next();
      const pid = Number(value);
      assert.equal(processes.getpgid(pid), pid);
      runner.kill('SIGKILL');
      await until(() => {
        try {
          return process.kill(pid, 0) !== true;
        } catch {
          return true;
        }
      }, 'the command has ended with its runner');
    }));
});

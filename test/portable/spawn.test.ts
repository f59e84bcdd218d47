import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { backends, everywhere, otherRuntimes, portables } from '../support/backends.js';
import { outcomeOf, scenario } from '../support/scenario.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

for (const { name, ...backend } of everywhere) {
  describe(`spawn, ${name}`, () => {
    it('starts a program with its arguments, environment, folder and name, and tells how it ended', () =>
      scenario(async ({ processes }) => {
        const script = 'pwd; echo "$0 $1 $A"; read line; echo "$line" >&2; exit 7';
        const child = processes.spawn('sh', ['-c', script, 'zero', 'a b'], {
          env: { A: '=1\n2', PATH: '/bin' },
          cwd: '/',
        });
        const texts = [child.stdout, child.stderr].map(async (stream) => {
          let text = '';
          for await (const data of stream) text += String(data);
          return text;
        });
        assert.equal(child.kill(0), true);
        child.stdin.end('a line\n');
        const { pid, exited, exitCode, termSignal, raw, aborted } = await child.exited;
        assert.deepEqual([pid, exited, exitCode, termSignal, raw, aborted], [child.pid, true, 7, null, 0x700, false]);
        assert.deepEqual(await Promise.all(texts), ['/\nzero a b =1\n2\n', 'a line\n']);
        assert.equal((await child.closed).exitCode, 7);
        assert.equal(child.kill(), false);
        const named = processes.spawn('sh', ['-c', 'echo "$0"'], { argv0: 'another' });
        assert.equal(String((await named.stdout.toArray()).join('')), 'another\n');
      }, backend));

    it('throws what cannot be started, and why', () =>
      scenario(({ processes, fs }) => {
        const folder = fs.mkdtempSync('/tmp/sigkit-spawn-');
        try {
          fs.writeFileSync(`${folder}/plain`, 'no program');
          fs.writeFileSync(`${folder}/script`, '#!/no/such/interpreter\n', { mode: 0o755 });
          const told = (file: string, cwd?: string): unknown => {
            try {
              return processes.spawn(file, { cwd, stdio: 'ignore' }).pid;
            } catch (error) {
              const { message, code, errno, syscall, path } = error as NodeJS.ErrnoException;
              return [message, code, errno, syscall, path];
            }
          };
          const exec = (code: string, errno: number, file: string): unknown => [
            `execve ${code} '${file}'`,
            code,
            errno,
            'execve',
            file,
          ];
          assert.deepEqual(told('no-such-program'), exec('ENOENT', -2, 'no-such-program'));
          for (const [code, errno, file] of [
            ['EACCES', -13, `${folder}/plain`],
            ['EACCES', -13, folder],
            ['ENOENT', -2, `${folder}/script`],
            ['ENOTDIR', -20, `${folder}/plain/x`],
          ] as const)
            assert.deepEqual(told(file), exec(code, errno, file));
          assert.deepEqual(told('true', `${folder}/none`), [
            `chdir ENOENT '${folder}/none'`,
            'ENOENT',
            -2,
            'chdir',
            `${folder}/none`,
          ]);
          assert.equal((told('true', `${folder}/plain`) as unknown[])[1], 'ENOTDIR');
        } finally {
          fs.rmSync(folder, { recursive: true });
        }
      }, backend));

    it('keeps what nobody has read by the end, and gives no more to nobody', () =>
      scenario(async ({ processes, timers, until }) => {
        for (const [fd, size] of [
          [1, 0],
          [1, 80_000],
          [2, 1],
          [3, 80_000],
        ] as const) {
          const child = processes.spawn('sh', ['-c', `head -c ${size} /dev/zero >&${fd}`], {
            stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
          });
          assert.equal((await child.closed).exitCode, 0);
          for (let turn = 0; turn < 5; turn += 1) await timers.setImmediate();
          // Where there is nothing to read, it ends by itself.
          if (size === 0) await until(() => child.stdio[fd].destroyed, 'it has ended');
          const all = Buffer.concat((await child.stdio[fd].toArray()) as Buffer[]);
          assert.deepEqual([fd, all.length], [fd, size]);
        }
        const endless = processes.spawn('sh', ['-c', 'head -c 2000000 /dev/zero & exit']);
        await endless.closed;
        assert.ok(Buffer.concat((await endless.stdout.toArray()) as Buffer[]).length < 2_000_000);
      }, backend));

    it('lets a reader pause, and come back after the end', () =>
      scenario(async ({ processes }) => {
        const child = processes.spawn('sh', ['-c', 'head -c 300000 /dev/zero']);
        let length = 0;
        child.stdout.on('data', (data: Buffer) => {
          length += data.length;
          child.stdout.pause();
          setTimeout(() => child.stdout.resume(), 1);
        });
        await child.closed;
        assert.equal(length, 300_000);
      }, backend));

    it('has files, nothing, and pipes both ways for descriptors', () =>
      scenario(async ({ processes, fs }) => {
        const file = `${fs.mkdtempSync('/tmp/sigkit-spawn-')}/out`;
        const fd = fs.openSync(file, 'w');
        const script = 'cat <&3 >&3; echo file >&4; cat; echo out';
        const child = processes.spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', 'pipe', fd] });
        assert.deepEqual(
          child.stdio.map((stream) => stream !== null),
          [false, true, false, true, false],
        );
        child.stdio[3].write('both ways');
        const [back] = await process.getBuiltinModule('node:events').once(child.stdio[3], 'data');
        assert.equal(String(back), 'both ways');
        child.stdio[3].end();
        assert.equal(String((await child.stdout.toArray()).join('')), 'out\n');
        await child.exited;
        assert.equal(fs.readFileSync(file, 'utf8'), 'file\n');
        fs.rmSync(file.slice(0, -4), { recursive: true });
      }, backend));

    it('keeps the process alive until the child has ended, and no longer, unless it is unref', async () => {
      const started = performance.now();
      const stdout = await scenario(({ processes }) => {
        const child = processes.spawn('sh', ['-c', 'read line'], { stdio: ['pipe', 'ignore', 'ignore'] });
        child.stdin.end();
        void child.exited.then(() => console.log('ended'));
      }, backend);
      assert.equal(stdout, 'ended\n');
      await scenario(({ processes }) => {
        const child = processes.spawn('sleep', ['30'], { stdio: 'ignore' }).unref();
        process.on('exit', () => child.kill('SIGKILL'));
      }, backend);
      assert.ok(performance.now() - started < 25_000);
    });

    it('ends a child by its signal, tells so, and what was aborted', () =>
      scenario(async ({ processes }) => {
        const killed = processes.spawn('sleep', ['1000']);
        assert.equal(killed.kill('SIGKILL'), true);
        assert.equal((await killed.exited).termSignal, 'SIGKILL');
        const abort = new AbortController();
        const aborted = processes.spawn('sleep', ['1000'], { signal: abort.signal });
        abort.abort();
        const result = await aborted.exited;
        assert.deepEqual([result.termSignal, result.aborted], ['SIGTERM', true]);
        assert.throws(() => processes.spawn('true', { signal: abort.signal }), { code: 'ABORT_ERR' });
        const ends: unknown[] = [];
        for await (const { exitCode } of processes.spawn('sh', ['-c', 'exit 3'])) ends.push(exitCode);
        assert.deepEqual(ends, [3]);
      }, backend));

    it('ends a whole group, also when its leader has gone', () =>
      scenario(async ({ processes, fs, until }) => {
        // Zombies wait for whoever has adopted them.
        const runs = (pid: number): boolean => {
          try {
            return !/\) [ZX] /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
          } catch {
            return false;
          }
        };
        const start = async (script: string, signal?: AbortSignal) => {
          const stdio = ['ignore', 'pipe', 'inherit'] as const;
          const child = processes.spawn('sh', ['-c', script], { processGroup: true, stdio, signal });
          const [line] = await process.getBuiltinModule('node:events').once(child.stdout, 'data');
          return { child, member: Number(line) };
        };
        const abort = new AbortController();
        const helped = await start('sleep 1000 & echo $!; wait', abort.signal);
        assert.equal(helped.child.processGroup, helped.child.pid);
        assert.equal(runs(helped.member), true);
        abort.abort();
        assert.equal((await helped.child.exited).termSignal, 'SIGTERM');
        await until(() => !runs(helped.member), 'all of the group have ended');
        const left = await start('sleep 1000 & echo $!; exit 5');
        assert.equal((await left.child.exited).exitCode, 5);
        assert.equal(runs(left.member), true);
        await left.child[Symbol.asyncDispose]();
        assert.equal(runs(left.member), false);
      }, backend));

    it('starts nothing with an option that it does not know, or a wrong one', () =>
      scenario(({ processes }) => {
        assert.throws(() => processes.spawn('true', { shell: true } as object), { code: 'ERR_SIGKIT_UNKNOWN_OPTION' });
        assert.throws(() => processes.spawn('true', { cwd: 1 } as object), { code: 'ERR_INVALID_ARG_TYPE' });
        assert.throws(() => processes.spawn('true', { stdio: 'ipc' } as object), { code: 'ERR_OUT_OF_RANGE' });
        assert.throws(() => processes.spawn(''), { code: 'ERR_OUT_OF_RANGE' });
      }, backend));
  });
}

for (const { name, ...backend } of portables) {
  describe(`spawn over child_process, ${name}`, () => {
    it('refuses what that would ignore, by name', () =>
      scenario(async ({ processes }) => {
        const refused = {
          processGroup: process.pid,
          foreground: true,
          signalMask: ['SIGTERM'],
          defaultSignals: [],
          ignoreSignals: ['SIGHUP'],
          parentDeathSignal: 'SIGKILL',
          groups: [1],
          terminal: true,
          limits: { core: 0 },
          nice: 1,
          ioPriority: { class: 'idle' },
          oomScoreAdj: 1,
          umask: 0o77,
          affinity: [0],
          noNewPrivileges: true,
          keepCapabilities: false,
          cgroup: '/sys/fs/cgroup',
          contain: true,
        };
        for (const [option, value] of Object.entries(refused)) {
          assert.throws(() => processes.spawn('true', { [option]: value }), {
            code: 'ERR_SIGKIT_UNSUPPORTED',
            message: new RegExp(`^the option "${option}" of spawn\\(\\) needs Node on Linux .*; instead: .`),
          });
        }
        const usual = { processGroup: false, foreground: false, signalMask: [], defaultSignals: 'all' } as const;
        const child = processes.spawn('cat', { ...usual, session: true });
        assert.throws(() => child.kill('SIGTERM', 1), { code: 'ERR_SIGKIT_UNSUPPORTED', message: /^a value/ });
        child.stdin.end();
        const { rusage } = await child.exited;
        assert.deepEqual([rusage, processes.spawn('true').processGroup], [null, 0]);
      }, backend));
  });
}

for (const { name, ...backend } of backends) {
  describe(`spawn in Node, ${name}`, () => {
    it('gives a stream of one child to another, and reads nothing of it', () =>
      scenario(async ({ processes }) => {
        const numbers = processes.spawn('seq', ['1', '200000'], { stdio: ['ignore', 'pipe', 'inherit'] });
        let read = 0;
        numbers.stdout.on('data', (data: Buffer) => (read += data.length));
        const count = processes.spawn('wc', ['-l'], { stdio: [numbers.stdout, 'pipe', 'inherit'] });
        assert.equal(numbers.stdout.isPaused(), true);
        assert.equal(String((await count.stdout.toArray()).join('')).trim(), '200000');
        assert.equal((await count.closed).exitCode, 0);
        numbers.stdout.resume();
        await numbers.closed;
        assert.equal(read, 0);
      }, backend));

    it('says so where there is no descriptor left, and goes on', async () => {
      const { code, stderr } = await outcomeOf(
        async ({ processes, fs }) => {
          processes.spawn('true', { stdio: 'ignore' });
          const held: number[] = [];
          try {
            for (;;) held.push(fs.openSync('/dev/null', 'r'));
          } catch {}
          assert.throws(() => processes.spawn('true'), { code: 'EMFILE' });
          for (const fd of held) fs.closeSync(fd);
          assert.equal((await processes.spawn('true').exited).exitCode, 0);
        },
        { ...backend, wrapper: ['prlimit', '--nofile=64', ...backend.wrapper] },
      );
      assert.equal(code, 0, stderr);
    });

    it('works in a Worker', () =>
      scenario(async ({ startWorker }) => {
        const worker = await startWorker(async ({ processes }) => {
          assert.equal((await processes.spawn('sh', ['-c', 'exit 9']).exited).exitCode, 9);
        });
        await worker.terminate();
      }, backend));

    it('leaves no descriptor and no child behind', () =>
      scenario(async ({ processes, descriptors, until }) => {
        await processes.spawn('true').exited;
        const open = descriptors().length;
        for (let run = 0; run < 60; run += 1) await processes.spawn('true').exited;
        await until(() => descriptors().length <= open, 'all pipes are closed');
      }, backend));
  });
}

describe('spawn in Bun and Deno', () => {
  for (const { name, ...runtime } of otherRuntimes) {
    it(`refuses a stream of another child, ${name}`, () =>
      scenario(async ({ processes }) => {
        const from = processes.spawn('true');
        assert.throws(() => processes.spawn('cat', { stdio: [from.stdout] }), {
          code: 'ERR_SIGKIT_UNSUPPORTED',
          message: /^a child's stream as "options.stdio\[0\]" needs Node/,
        });
        await from.exited;
      }, runtime));
  }

  for (const { name, wrapper, runtime: [deno = ''] = [] } of otherRuntimes.filter((one) => one.name === 'in Deno')) {
    it(`starts what it may not look for, ${name}`, () =>
      scenario(
        async ({ processes, fs }) => {
          assert.throws(() => fs.accessSync('/bin/sh'));
          assert.equal((await processes.spawn('sh', ['-c', 'exit 3'], { cwd: '/' }).exited).exitCode, 3);
          assert.throws(() => processes.spawn('no-such-program'), { code: 'UNKNOWN', syscall: 'execve' });
        },
        {
          wrapper,
          runtime: [deno, 'run', '--no-prompt', '--allow-env', '--allow-sys', '--allow-run', `--allow-read=${root}`],
        },
      ));
  }
});

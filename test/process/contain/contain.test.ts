import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { until } from '../../support/child.js';
import { kinds, whyNot } from '../../support/containment.js';
import { killMarked, marked } from '../../support/marked.js';
import { outcomeOf, scenario, startScenario } from '../../support/scenario.js';
import { keys, onTerminal } from '../../support/terminal.js';

const withKind = (kind: string): { wrapper: string[] } => ({ wrapper: ['env', `KIND=${kind}`] });

// As systemd mounts it beside v1, or instead of that.
const folder = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((each) => existsSync(`${each}/cgroup.controllers`));
const controllers = folder === undefined ? '' : readFileSync(`${folder}/cgroup.subtree_control`, 'utf8');

for (const { kind, refused } of kinds)
  (refused === '' ? describe : describe.skip)(`a job contained by a ${kind}${whyNot(refused)}`, () => {
    it('has the exit code, the signal and the standard streams of its command, and its end is told at once', () =>
      scenario(async ({ processes }) => {
        const contain = process.env['KIND'] as 'supervisor';
        const code = 'read line; echo "out $line"; echo err >&2; echo three >&3; exit 7';
        const child = processes.spawn('sh', ['-c', code], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], contain });
        const texts = [1, 2, 3].map(async (place) => {
          const parts: string[] = [];
          for await (const part of child.stdio[place as 1]) parts.push(String(part));
          return parts.join('');
        });
        child.stdin.write('line\n');
        assert.deepEqual(await Promise.all(texts), ['out line\n', 'err\n', 'three\n']);
        const { exitCode, pid, rusage } = await child.closed;
        assert.deepEqual([exitCode, pid], [7, child.pid]);
        assert.ok(rusage !== null && rusage.userCPUTime + rusage.systemCPUTime > 0);
        assert.deepEqual([child.containment, await child.left], [contain, []]);
        const killed = processes.spawn('sleep', ['1000'], { contain });
        assert.equal(processes.getpgid(killed.pid), processes.getpgrp());
        assert.equal(killed.kill('SIGUSR1'), true);
        const { termSignal } = await killed.exited;
        assert.deepEqual([termSignal, killed.kill()], ['SIGUSR1', false]);
        // Nobody but the command has them.
        const closing = processes.spawn('sh', ['-c', 'exec >&- 2>&-; read line; exit 3'], { contain });
        for await (const text of closing.stdout) assert.fail(`${text}`);
        closing.stdin.write('line\n');
        assert.equal((await closing.exited).exitCode, 3);
      }, withKind(kind)));

    it('names all that were left, whoever of them is killed first', () =>
      scenario(async ({ processes }) => {
        const code = 'for each in $(seq 30); do sleep 1000 & done';
        for (let round = 0; round < 16; round += 1) {
          const contain = process.env['KIND'] as 'supervisor';
          const child = processes.spawn('sh', ['-c', code], { stdio: 'ignore', contain });
          assert.equal((await child.exited).exitCode, 0);
          const left = await child.left;
          assert.equal(new Set(left.map(({ pid }) => pid)).size, 30);
        }
      }, withKind(kind)));

    it('is what it would be without: mask, dispositions, user, groups, session, directory, name, descriptors', () =>
      scenario(async ({ processes, sigkit }) => {
        sigkit.ignoreSignals(['SIGPIPE', 'SIGUSR1']);
        const code = `
          grep -E '^(SigBlk|SigIgn|SigCgt|Uid|Gid|Groups)' /proc/self/status
          pwd; echo "$0 $MARK"; ls -l /proc/self/fd | grep -oE '[0-9]+ ->' | grep -v '^3'
          read pid rest </proc/self/stat; set -- \${rest#*)}
          [ "$3" = $pid ]; echo "leads a group: $?"; [ "$4" = $pid ]; echo "a session: $?"`;
        const user = process.getuid?.() === 0 ? { uid: 12345, gid: 12346, groups: [12347] } : {};
        const given = [
          {},
          { signalMask: ['SIGTERM', 'SIGRTMAX'], ignoreSignals: ['SIGCHLD', 'SIGCONT', 'SIGRTMIN+1'] },
          { defaultSignals: [] },
          { processGroup: true, cwd: '/proc' },
          { session: true, env: { PATH: process.env['PATH'], MARK: 'marked' } },
          user,
        ] as const;
        const say = async (options: object): Promise<string> => {
          const child = processes.spawn('sh', ['-c', code, 'its name'], {
            stdio: ['ignore', 'pipe', 'inherit'],
            ...options,
          });
          let text = '';
          child.stdout.on('data', (part) => (text += part));
          assert.equal((await child.closed).exitCode, 0);
          return text;
        };
        for (const options of given)
          assert.equal(
            await say({ ...options, contain: process.env['KIND'] }),
            await say(options),
            JSON.stringify(options),
          );
      }, withKind(kind)));

    it('fails to start as it would without', () =>
      scenario(({ processes }) => {
        const rows = [
          ['no-such-program', {}],
          ['/proc', {}],
          ['true', { cwd: '/no/such/folder' }],
          ['true', { env: { LONG: 'x'.repeat(2 ** 18) } }],
          ['true', { stdio: [0, 1, 987] }],
          ['true', { foreground: true, session: true, stdio: 'ignore' }],
        ] as const;
        const thrownBy = (run: () => unknown): object => {
          try {
            run();
          } catch (error) {
            return { ...(error as object), message: (error as Error).message };
          }
          return assert.fail('it has started');
        };
        for (const [file, options] of rows)
          assert.deepEqual(
            thrownBy(() => processes.spawn(file, { ...options, contain: process.env['KIND'] } as object)),
            thrownBy(() => processes.spawn(file, options as object)),
          );
      }, withKind(kind)));

    it('ends as a whole by an abort and by its disposal, by SIGKILL where SIGTERM is ignored', async () => {
      const mark = randomUUID();
      try {
        await scenario(
          async ({ processes, events }) => {
            const contain = process.env['KIND'] as 'supervisor';
            const controller = new AbortController();
            const env = { ...process.env, MARK: process.env['MARKED'] };
            const start = (code: string): ReturnType<typeof processes.spawn<['ignore', 'pipe', 'inherit']>> =>
              processes.spawn('sh', ['-c', code], {
                stdio: ['ignore', 'pipe', 'inherit'],
                signal: controller.signal,
                env,
                contain,
              });
            const stubborn = start("trap '' TERM; (setsid sleep 1000 &); echo ready; while :; do sleep 1000; done");
            const polite = start('(setsid sleep 1000 &); echo ready; sleep 1000');
            await Promise.all([stubborn, polite].map((child) => events.once(child.stdout, 'data')));
            const begun = performance.now();
            await polite[Symbol.asyncDispose]();
            assert.ok(performance.now() - begun < 4500);
            controller.abort();
            const { termSignal, aborted } = await stubborn.exited;
            assert.deepEqual([termSignal, aborted], ['SIGKILL', true]);
          },
          { wrapper: ['env', `KIND=${kind}`, `MARKED=${mark}`] },
        );
        assert.deepEqual(marked(`MARK=${mark}`), []);
      } finally {
        killMarked(`MARK=${mark}`);
      }
    });

    it('can be one of 200, which all end with the runner', async () => {
      const mark = randomUUID();
      const child = startScenario(
        async ({ processes }) => {
          const env = { ...process.env, MARK: process.env['MARKED'] };
          for (let count = 0; count < 200; count += 1)
            processes.spawn('sh', ['-c', '(setsid sleep 1000 &); sleep 1000'], {
              stdio: 'ignore',
              env,
              contain: process.env['KIND'] as 'supervisor',
            });
          console.log('started');
          await new Promise(() => {});
        },
        { wrapper: ['env', `KIND=${kind}`, `MARKED=${mark}`] },
      );
      try {
        await child.line(/^started/);
        await until(() => marked(`MARK=${mark}`).length >= 400, 'all run');
        child.process.kill('SIGKILL');
        await child.ended;
        await until(() => marked(`MARK=${mark}`).length === 0, 'all have ended');
      } finally {
        killMarked(`MARK=${mark}`);
      }
    });

    it('ends with the Worker that has started it', () =>
      scenario(async ({ processes, startWorker, until }) => {
        const worker = await startWorker((tools) => {
          const contain = process.env['KIND'] as 'supervisor';
          tools.processes.spawn('sh', ['-c', '(setsid sleep 1000 &); sleep 1000'], { stdio: 'ignore', contain });
        });
        await until(() => processes.descendants().length >= 2, 'the job runs');
        await worker.terminate();
        await until(() => processes.descendants().length === 0, 'all have ended');
      }, withKind(kind)));

    it('is a job of the terminal as any: Ctrl-Z, fg, Ctrl-C', async () => {
      const child = startScenario(
        async ({ processes, sigkit }) => {
          sigkit.ignoreSignals(['SIGINT', 'SIGTSTP', 'SIGTTOU']);
          const job = processes.spawn('sleep', ['1000'], {
            stdio: 'inherit',
            foreground: true,
            contain: process.env['KIND'] as 'supervisor',
          });
          assert.equal(processes.tcgetpgrp(0), job.pid);
          console.log('started');
          for await (const { stopSignal, termSignal } of job) {
            console.log(`told ${stopSignal ?? termSignal ?? 'of its continuation'}`);
            if (stopSignal !== null) sigkit.killpg(job.processGroup, 'SIGCONT');
          }
          processes.tcsetpgrp(0, processes.getpgrp());
        },
        { wrapper: [...onTerminal, 'env', `KIND=${kind}`] },
      );
      await child.line(/started/);
      child.write(keys.suspend);
      await child.line(/told SIGTSTP/);
      await child.line(/told of its continuation/);
      child.write(keys.interrupt);
      await child.line(/told SIGINT/);
      const { code, stderr } = await child.ended;
      assert.equal(code, 0, stderr);
    });
  });

describe('containment', () => {
  it('is a cgroup where one can be made, else a supervisor; one that nobody can have is refused with the reasons', () =>
    scenario(async ({ processes }) => {
      const first = processes.spawn('true', { contain: true });
      assert.ok(first.containment === 'cgroup' || first.containment === 'supervisor');
      await first.exited;
      const second = processes.spawn('true', { contain: { by: ['cgroup', 'supervisor'], cgroup: '/tmp' } });
      assert.equal(second.containment, 'supervisor');
      assert.equal(await second.jobUsage, null);
      const alone = processes.spawn('true');
      assert.deepEqual([alone.containment, await alone.left, await alone.jobUsage], [null, [], null]);
      assert.throws(() => processes.spawn('true', { contain: { by: 'cgroup', cgroup: '/tmp' } }), {
        code: 'ERR_SIGKIT_NOT_CONTAINED',
        message: 'the job cannot be contained here: cgroup: /tmp is no folder of a cgroup2',
      });
      assert.throws(() => processes.spawn('true', { contain: { by: 'supervisor', pidsMax: 10 } }), {
        code: 'ERR_SIGKIT_NOT_CONTAINED',
        message: 'the job cannot be contained here: supervisor: it has no pidsMax',
      });
      for (const contain of [1, null])
        assert.throws(() => processes.spawn('true', { contain } as object), { code: 'ERR_INVALID_ARG_TYPE' });
      for (const contain of ['jail', { by: 'jail' }, { by: [] }, { cpuMax: 0 }, { memoryMax: 0 }, { pidsMax: 1.5 }])
        assert.throws(() => processes.spawn('true', { contain } as object), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => processes.spawn('true', { contain: { nope: 1 } } as object), {
        code: 'ERR_SIGKIT_UNKNOWN_OPTION',
      });
      const parentDeathSignal = 'SIGTERM';
      assert.throws(() => processes.spawn('true', { contain: true, parentDeathSignal }), { code: 'ERR_OUT_OF_RANGE' });
    }));

  it('ends with its supervisor: the command is killed, and that nobody knows how is an error', () =>
    scenario(async ({ processes }) => {
      const child = processes.spawn('sleep', ['1000'], { contain: 'supervisor' });
      const [supervisor = 0] = processes.children();
      assert.notEqual(supervisor, child.pid);
      process.kill(supervisor, 'SIGKILL');
      await assert.rejects(child.exited, { code: 'ERR_SIGKIT_NOT_CONTAINED' });
    }));
});

const ofCgroup = kinds[0]?.refused ?? '';

(ofCgroup === '' ? describe : describe.skip)(`containment by a cgroup${whyNot(ofCgroup)}`, () => {
  // Of processes that are no more: others may run here.
  const left = (): string[] =>
    readdirSync(folder ?? '').filter((name) => {
      const [, pid] = /^sigkit-\d+-(\d+)-/.exec(name) ?? [];
      return pid !== undefined && !existsSync(`/proc/${pid}`);
    });

  it('knows what the job has used, and removes the cgroup, with those that the job has made in it', async () => {
    await scenario(async ({ processes, fs }) => {
      const code =
        'f=$(sed -n s/^0:://p /proc/self/cgroup); mkdir "$1$f/inner"; echo $$ > "$1$f/inner/cgroup.procs"; sleep 1000 &';
      const mounted =
        /^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m.exec(fs.readFileSync('/proc/self/mountinfo', 'utf8'))?.[1] ?? '';
      const child = processes.spawn('sh', ['-c', code, 'sh', mounted], { stdio: 'inherit', contain: 'cgroup' });
      assert.equal((await child.exited).exitCode, 0);
      assert.equal((await child.left).length, 1);
      const usage = await child.jobUsage;
      assert.ok(usage !== null && usage.userCPUTime + usage.systemCPUTime > 0);
    });
    await until(() => left().length === 0, 'the cgroup is removed');
  });

  it('has another watcher when somebody has killed the first', async () => {
    const mark = randomUUID();
    await outcomeOf(
      async ({ processes, until }) => {
        const env = { ...process.env, MARK: process.env['MARKED'] };
        const child = processes.spawn('sleep', ['1000'], { contain: 'cgroup', stdio: 'ignore', env });
        const watcher = (): number => processes.children().find((pid) => pid !== child.pid) ?? 0;
        const first = watcher();
        process.kill(first, 'SIGKILL');
        await until(() => watcher() !== 0 && watcher() !== first, 'there is another one');
        process.kill(process.pid, 'SIGKILL');
      },
      { wrapper: ['env', `MARKED=${mark}`] },
    );
    await until(() => marked(`MARK=${mark}`).length === 0 && left().length === 0, 'all have ended');
  });

  it('sweeps what is left of a runner that has died with its watcher', async () => {
    const mark = randomUUID();
    await outcomeOf(
      ({ processes }) => {
        const env = { ...process.env, MARK: process.env['MARKED'] };
        const child = processes.spawn('sleep', ['1000'], { contain: 'cgroup', stdio: 'ignore', env });
        for (const pid of processes.children()) if (pid !== child.pid) process.kill(pid, 'SIGKILL');
        process.kill(process.pid, 'SIGKILL');
      },
      { wrapper: ['env', `MARKED=${mark}`] },
    );
    assert.equal(marked(`MARK=${mark}`).length, 1);
    await scenario(async ({ processes }) => {
      await processes.spawn('true', { contain: 'cgroup', stdio: 'ignore' }).exited;
    });
    await until(() => marked(`MARK=${mark}`).length === 0, 'it has ended');
    await scenario(async ({ processes }) => {
      await processes.spawn('true', { contain: 'cgroup', stdio: 'ignore' }).exited;
    });
    await until(() => left().length === 0, 'its cgroup is removed');
  });

  (/memory|pids|cpu/.test(controllers) ? it.skip : it)('refuses limits for which the parent has no controller', () =>
    scenario(({ processes }) => {
      assert.throws(() => processes.spawn('true', { contain: { by: 'cgroup', memoryMax: 1e9, cpuMax: 0.5 } }), {
        code: 'ERR_SIGKIT_NOT_CONTAINED',
        message: /cgroup: .*cgroup\.subtree_control does not have memory, cpu$/,
      });
    }),
  );

  (controllers.includes('pids') ? it : it.skip)(
    'limits the processes of a job (needs a v2 with the pids controller in the subtree_control)',
    () =>
      scenario(async ({ processes }) => {
        const code = 'for i in 1 2 3 4 5 6; do sleep 1000 & done; exit 0';
        const child = processes.spawn('sh', ['-c', code], { stdio: 'ignore', contain: { by: 'cgroup', pidsMax: 4 } });
        assert.notEqual((await child.exited).exitCode, 0);
        assert.equal((await child.jobUsage)?.pidsPeak, 4);
      }),
  );
});

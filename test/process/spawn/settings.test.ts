import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';

import { initPath, spawn, type SpawnOptions } from 'sigkit/process';

import { injecting, need, needNoSanitizer, needRoot } from '../../fixtures/process/means.js';
import type { Tools } from '../../fixtures/scenario.js';
import { scenario } from '../../support/scenario.js';

const nobody = 65_534;

/** What a shell says that has been given these. */
async function said(script: string, options: SpawnOptions): Promise<string> {
  const child = spawn('sh', ['-c', script], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const text = (await child.stdout.setEncoding('utf8').toArray()).join('');
  assert.equal((await child.exited).exitCode, 0);
  return text.trim().replaceAll(/\s+/g, ' ');
}

function asNobody(context: Mocha.Context, ...more: string[]): string[] {
  needRoot(context);
  return ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', ...more];
}

async function withCgroup(context: Mocha.Context, use: (folder: string, name: string) => unknown): Promise<void> {
  const name = `sigkit-test-${process.pid}`;
  const roots = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'];
  const folder = roots
    .map((root) => `${root}/${name}`)
    .find((path) => {
      try {
        mkdirSync(path);
        return true;
      } catch {
        return false;
      }
    });
  need(context, folder !== undefined, 'a cgroup of version 2 that may be changed');
  try {
    await use(folder ?? '', name);
  } finally {
    rmdirSync(folder ?? '');
  }
}

describe('spawn: limits', () => {
  it('of each side, of one of them, and none', async function () {
    needNoSanitizer(this);
    const show = 'ulimit -Sc; ulimit -Hc; ulimit -Sf';
    assert.equal(await said(show, { limits: { core: 512 * 8, fsize: 'unlimited' } }), '8 8 unlimited');
    assert.equal(await said(show, { limits: { core: { soft: 0 }, fsize: 'unlimited' } }), '0 unlimited unlimited');
    assert.equal(await said(show, { limits: { core: { soft: 0, hard: 1024 }, fsize: { hard: 512 } } }), '0 2 1');
  });

  it('of every resource', async function () {
    needNoSanitizer(this);
    const titles = {
      cpu: 'cpu time',
      data: 'data size',
      stack: 'stack size',
      core: 'core file size',
      rss: 'resident set',
      nproc: 'processes',
      nofile: 'open files',
      memlock: 'locked memory',
      as: 'address space',
      locks: 'file locks',
      sigpending: 'pending signals',
      msgqueue: 'msgqueue size',
      nice: 'nice priority',
      rtprio: 'realtime priority',
      rttime: 'realtime timeout',
    };
    const own = readFileSync('/proc/self/limits', 'utf8');
    for (const [resource, title] of Object.entries(titles)) {
      const now = Number(new RegExp(`^Max ${title} +\\S+ +(\\d+)`, 'm').exec(own)?.[1] ?? 2 ** 40);
      const hard = Math.max(0, now - 1);
      const text = await said('cat /proc/self/limits', { limits: { [resource]: { hard } } });
      assert.match(text, new RegExp(`Max ${title} \\S+ ${hard} `), resource);
    }
  });

  it('a command without room for its descriptors, its output or its memory fails by itself', async function () {
    needNoSanitizer(this);
    const failing = async (script: string, limits: SpawnOptions['limits']) => {
      const child = spawn('sh', ['-c', script], { limits, stdio: 'ignore' });
      const { exitCode, termSignal } = await child.exited;
      return termSignal ?? exitCode;
    };
    assert.equal(await failing('exit 0', { nofile: 3 }), 127);
    assert.equal(await failing('head -c 2 /dev/zero >/proc/self/fd/1 || kill -9 $$', { fsize: 0 }), 0);
    assert.equal(await failing('while :; do :; done', { cpu: { soft: 1 } }), 'SIGXCPU');
    assert.notEqual(await failing('exit 0', { as: 4096 }), 0);
  });

  it('of processes hold for the user that it becomes', function () {
    needRoot(this);
    return scenario(async ({ processes }) => {
      const first = processes.spawn('sleep', ['1000'], { uid: 54_321, stdio: 'ignore' });
      assert.throws(() => processes.spawn('true', [], { uid: 54_321, limits: { nproc: 0 } }), {
        code: 'EAGAIN',
        syscall: 'execve',
      });
      first.kill('SIGKILL');
      await first.exited;
    });
  });

  it('of open files are the usual ones, and not those to which Node has raised its own', () =>
    scenario(
      async ({ processes }) => {
        const files = async (limits?: 'inherit' | { nofile?: number; core?: number }) => {
          const child = processes.spawn('sh', ['-c', 'ulimit -Sn; ulimit -Hn'], { limits });
          return (await child.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n').map(Number);
        };
        assert.deepEqual(await files(), [1024, 3000]);
        assert.deepEqual(await files({ core: 0 }), [1024, 3000]);
        assert.deepEqual(await files('inherit'), [3000, 3000]);
        assert.deepEqual(await files({ nofile: 2000 }), [2000, 2000]);
        // More than that at once is no reason to fail.
        const stdio = Array.from({ length: 1200 }, () => 'ignore' as const);
        const many = processes.spawn('true', [], { stdio });
        assert.equal((await many.exited).exitCode, 0);
      },
      { wrapper: ['sh', '-c', 'ulimit -Sn 500; ulimit -Hn 3000; exec "$0" "$@"'] },
    ));

  it('of open files that are below are left alone', () =>
    scenario(
      async ({ processes, childProcess }) => {
        const files = async () => {
          const child = processes.spawn('sh', ['-c', 'ulimit -Sn; ulimit -Hn']);
          return (await child.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n').map(Number);
        };
        assert.deepEqual(await files(), [1024, 3000]);
        childProcess.execFileSync('prlimit', [`--pid=${process.pid}`, '--nofile=2000:3000']);
        assert.deepEqual(await files(), [2000, 3000]);
        childProcess.execFileSync('prlimit', [`--pid=${process.pid}`, '--nofile=600:600']);
        assert.deepEqual(await files(), [600, 600]);
      },
      { wrapper: ['sh', '-c', 'ulimit -n 3000; exec "$0" "$@"'] },
    ));

  it('of open files are those that sigkit-init was started with', () => {
    const init = `ulimit -Sn 700; ulimit -Hn 3000; exec ${initPath} --hold -- "$0" "$@"`;
    return scenario(
      async ({ processes, startWorker }) => {
        const child = processes.spawn('sh', ['-c', 'ulimit -Sn; ulimit -Hn']);
        assert.equal((await child.stdout.setEncoding('utf8').toArray()).join(''), '700\n3000\n');
        // A Worker's are the same.
        const worker = await startWorker(async (tools: Tools) => {
          const grandchild = tools.processes.spawn('sh', ['-c', 'test $(ulimit -Sn) = 700']);
          assert.equal((await grandchild.exited).exitCode, 0);
        });
        await worker.terminate();
      },
      { wrapper: ['sh', '-c', init] },
    );
  });
});

describe('spawn: what else a child is given', () => {
  it('nice', async () => assert.equal(await said('nice', { nice: 7 }), '7'));

  it('ioPriority', async () => {
    const show = 'ionice -p $$';
    assert.equal(await said(show, { ioPriority: { class: 'best-effort', level: 6 } }), 'best-effort: prio 6');
    assert.equal(await said(show, { ioPriority: { class: 'best-effort' } }), 'best-effort: prio 4');
    assert.equal(await said(show, { ioPriority: { class: 'idle' } }), 'idle');
  });

  it('oomScoreAdj, of the child alone', () =>
    scenario(async ({ processes, fs, until }) => {
      const own = (): string => fs.readFileSync('/proc/self/oom_score_adj', 'utf8');
      const before = own();
      const children = [500, 1000, Number(before)].map((oomScoreAdj) =>
        processes.spawn('sh', ['-c', 'cat /proc/self/oom_score_adj; exec sleep 1000'], { oomScoreAdj }),
      );
      for (const [index, child] of children.entries()) {
        let text = '';
        child.stdout.on('data', (data: Buffer) => (text += data.toString()));
        await until(() => text.includes('\n'), 'its score');
        assert.equal(text.trim(), ['500', '1000', before.trim()][index]);
        assert.equal(own(), before);
        child.kill('SIGKILL');
        await child.exited;
      }
      assert.throws(() => processes.spawn('/none', [], { oomScoreAdj: 600 }), { code: 'ENOENT' });
      assert.equal(own(), before);
    }));

  it('umask', async () => {
    assert.equal(await said('umask', { umask: 0o27 }), '0027');
    assert.equal(await said('umask', { umask: 0 }), '0000');
    assert.equal(await said('umask', {}), process.umask().toString(8).padStart(4, '0'));
  });

  it('affinity', async () => {
    assert.equal(await said('grep Cpus_allowed_list /proc/self/status', { affinity: [0] }), 'Cpus_allowed_list: 0');
    assert.throws(() => spawn('true', [], { affinity: [8191] }), { code: 'EINVAL', syscall: 'sched_setaffinity' });
  });

  it('noNewPrivileges', async () => {
    const show = 'grep NoNewPrivs /proc/self/status';
    assert.equal(await said(show, { noNewPrivileges: true }), 'NoNewPrivs: 1');
    assert.equal(await said(show, { noNewPrivileges: false }), await said(show, {}));
  });

  it('keepCapabilities: none, in no set, as root and as another', function () {
    needRoot(this);
    return scenario(async ({ processes, fs }) => {
      for (const options of [{}, { uid: 65_534 }, { uid: 65_534, noNewPrivileges: true }, { nice: -3 }]) {
        const child = processes.spawn('grep', ['^Cap', '/proc/self/status'], { ...options, keepCapabilities: false });
        const lines = (await child.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n');
        assert.equal(lines.length, 5);
        for (const line of lines) assert.match(line, /:\s0+$/, JSON.stringify(options));
      }
      assert.doesNotMatch(fs.readFileSync('/proc/self/status', 'utf8'), /CapEff:\s0+\n/);
      assert.equal(fs.statSync('/proc/self/environ').uid, process.getuid?.());
    });
  });

  it('keepCapabilities of root that may not drop what a program of root gets: an error, and no child', function () {
    needRoot(this);
    const wrapper = ['setpriv', '--bounding-set=-setpcap', '--inh-caps=-setpcap'];
    return scenario(
      ({ processes }) => {
        assert.throws(() => processes.spawn('true', [], { keepCapabilities: false }), {
          code: 'EPERM',
          syscall: 'prctl',
        });
        assert.deepEqual(processes.children(), []);
      },
      { wrapper },
    );
  });

  it('keepCapabilities of a user that has some: none is left, and nobody has been made undumpable', function () {
    const wrapper = asNobody(this, '--inh-caps=+net_raw', '--ambient-caps=+net_raw');
    return scenario(
      async ({ processes, fs }) => {
        const show = ['^Cap\\(Inh\\|Prm\\|Eff\\|Amb\\)', '/proc/self/status'];
        const count = async (keepCapabilities: boolean) => {
          const child = processes.spawn('grep', show, { keepCapabilities });
          const text = (await child.stdout.setEncoding('utf8').toArray()).join('');
          return text.split('\n').filter((line) => /[^0]\d{3}$/.test(line)).length;
        };
        assert.deepEqual([await count(true), await count(false)], [4, 0]);
        assert.equal(fs.statSync('/proc/self/environ').uid, process.getuid?.());
      },
      { wrapper },
    );
  });

  it('of all at once, before the change of user that would forbid it', function () {
    needRoot(this);
    return scenario(async ({ processes }) => {
      const child = processes.spawn(
        'sh',
        [
          '-c',
          'nice; ionice -p $$; cat /proc/self/oom_score_adj; umask; ulimit -Hn; id -u; grep NoNew /proc/self/status',
        ],
        {
          uid: 65_534,
          gid: 65_534,
          nice: -5,
          ioPriority: { class: 'realtime', level: 1 },
          oomScoreAdj: 400,
          umask: 0o77,
          limits: { nofile: { hard: 50 } },
          noNewPrivileges: true,
          keepCapabilities: false,
          session: true,
        },
      );
      const text = (await child.stdout.setEncoding('utf8').toArray()).join('').replaceAll(/\s+/g, ' ');
      assert.equal(text, '-5 realtime: prio 1 400 0077 50 65534 NoNewPrivs: 1 ');
    });
  });

  it('what is not permitted is an error by the name of its system call, and leaves no child', function () {
    const wrapper = asNobody(this);
    return scenario(
      ({ processes, descriptors }) => {
        const before = descriptors();
        const refused = [
          { options: { nice: -1 }, error: { code: 'EACCES', syscall: 'setpriority' } },
          { options: { ioPriority: { class: 'realtime' } }, error: { code: 'EPERM', syscall: 'ioprio_set' } },
          {
            options: { oomScoreAdj: -1000 },
            error: { code: 'EACCES', syscall: 'write', path: '/proc/self/oom_score_adj' },
          },
          { options: { limits: { nofile: 2 ** 31 } }, error: { code: 'EPERM', syscall: 'prlimit64' } },
          { options: { cgroup: '/none' }, error: { code: 'ENOENT', syscall: 'open', path: '/none' } },
          { options: { cgroup: '/etc/passwd' }, error: { code: 'ENOTDIR', syscall: 'open', path: '/etc/passwd' } },
          { options: { cgroup: '/' }, error: { path: '/' } },
        ] as const;
        for (const { options, error } of refused)
          assert.throws(() => processes.spawn('true', [], options), error, JSON.stringify(options));
        assert.deepEqual(processes.children(), []);
        assert.deepEqual(descriptors().length, before.length + 2, 'those of the spawner and of the watch of exits');
      },
      { wrapper },
    );
  });

  it('bad values are refused by name', () => {
    const bad: readonly [options: object, code: string, name: string][] = [
      [{ limits: { files: 1 } }, 'ERR_SIGKIT_UNKNOWN_OPTION', 'options.limits.files'],
      [{ limits: 5 }, 'ERR_INVALID_ARG_TYPE', 'options.limits'],
      [{ limits: { core: 'infinity' } }, 'ERR_INVALID_ARG_TYPE', 'options.limits.core'],
      [{ limits: { core: -1 } }, 'ERR_OUT_OF_RANGE', 'options.limits.core'],
      [{ limits: { core: { soft: 2, hard: 1 } } }, 'ERR_OUT_OF_RANGE', 'options.limits.core.soft'],
      [{ limits: { core: { low: 2 } } }, 'ERR_SIGKIT_UNKNOWN_OPTION', 'options.limits.core.low'],
      [{ nice: 20 }, 'ERR_OUT_OF_RANGE', 'options.nice'],
      [{ ioPriority: { class: 'best' } }, 'ERR_OUT_OF_RANGE', 'options.ioPriority.class'],
      [{ ioPriority: { class: 'idle', level: 8 } }, 'ERR_OUT_OF_RANGE', 'options.ioPriority.level'],
      [{ oomScoreAdj: 1001 }, 'ERR_OUT_OF_RANGE', 'options.oomScoreAdj'],
      [{ umask: 0o1000 }, 'ERR_OUT_OF_RANGE', 'options.umask'],
      [{ affinity: [] }, 'ERR_OUT_OF_RANGE', 'options.affinity'],
      [{ affinity: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.affinity'],
      [{ affinity: [1.5] }, 'ERR_OUT_OF_RANGE', 'options.affinity[0]'],
      [{ noNewPrivileges: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.noNewPrivileges'],
      [{ keepCapabilities: 'no' }, 'ERR_INVALID_ARG_TYPE', 'options.keepCapabilities'],
      [{ cgroup: 7 }, 'ERR_INVALID_ARG_TYPE', 'options.cgroup'],
    ];
    for (const [options, code, name] of bad)
      assert.throws(
        () => spawn('true', [], options),
        (error: NodeJS.ErrnoException) => error.code === code && error.message.includes(`"${name}"`),
        JSON.stringify(options),
      );
  });
});

describe('spawn: cgroup', () => {
  const show = 'grep ^0:: /proc/self/cgroup';

  it('is where the child is born, and its children', function () {
    return withCgroup(this, async (cgroup, name) => {
      assert.match(await said(show, { cgroup }), new RegExp(`/${name}$`));
      assert.match(await said(`sh -c '${show}'`, { cgroup, limits: { core: 0 } }), new RegExp(`/${name}$`));
      if (process.getuid?.() === 0) assert.match(await said(show, { cgroup, uid: nobody }), new RegExp(`/${name}$`));
      assert.throws(() => spawn('/none', [], { cgroup }), { code: 'ENOENT', syscall: 'execve', path: '/none' });
      const many = Array.from({ length: 100 }, () => spawn('true', [], { cgroup, stdio: 'ignore' }).exited);
      for (const { exitCode } of await Promise.all(many)) assert.equal(exitCode, 0);
    });
  });

  it('is entered before the program starts, where clone3 is refused', function () {
    const wrapper = injecting(this, 'clone3', 'error=ENOSYS');
    return withCgroup(this, (folder) =>
      scenario(
        async ({ processes }) => {
          const cgroup = process.env['CGROUP'] ?? '';
          const child = processes.spawn('grep', ['^0::', '/proc/self/cgroup'], { cgroup });
          const text = (await child.stdout.setEncoding('utf8').toArray()).join('');
          assert.ok(text.trim().endsWith(cgroup.split('/').at(-1) ?? '?'), text);
          assert.throws(() => processes.spawn('true', [], { cgroup: '/' }), {
            code: 'ENOENT',
            syscall: 'write',
            path: '/',
          });
          await child.exited;
          assert.deepEqual(processes.children(), []);
        },
        { wrapper: ['env', `CGROUP=${folder}`, ...wrapper] },
      ),
    );
  });
});

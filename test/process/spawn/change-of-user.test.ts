import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { need, needRoot } from '../../fixtures/process/means.js';
import { scenario } from '../../support/scenario.js';

const nobody = 65_534;

function setpriv(context: Mocha.Context, ...options: string[]): string[] {
  needRoot(context);
  const command = ['setpriv', ...options];
  const file = fileURLToPath(import.meta.url);
  const works = spawnSync('setpriv', [...options, 'cat', file], { stdio: 'ignore' }).status === 0;
  need(context, works, 'a setpriv that may do this, and files that others may read');
  return command;
}

describe('spawn with a change of user', () => {
  it('leaves this process dumpable: it can read its own environment', function () {
    const caps = '+setuid,+setgid';
    const wrapper = setpriv(
      this,
      `--reuid=${nobody}`,
      `--regid=${nobody}`,
      '--clear-groups',
      `--inh-caps=${caps}`,
      `--ambient-caps=${caps}`,
    );
    return scenario(
      async ({ processes, fs }) => {
        const dumpable = (): boolean => fs.statSync('/proc/self/environ').uid === process.getuid?.();
        assert.ok(dumpable(), 'at first');
        for (const options of [{ uid: 1234 }, { gid: 1234 }, { uid: 1234, gid: 1234, groups: [7] }]) {
          const child = processes.spawn('sh', ['-c', 'id -u; id -g; id -G'], options);
          const text = (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
          assert.equal((await child.exited).exitCode, 0);
          const gid = options.gid ?? 65_534;
          const groups = options.groups === undefined ? `${gid}` : `${gid} 7`;
          assert.equal(text, `${options.uid ?? 65_534}\n${gid}\n${groups}\n`);
          assert.ok(dumpable(), JSON.stringify(options));
          assert.ok(fs.readFileSync('/proc/self/environ').length > 0);
        }
        assert.throws(() => processes.spawn('/none', [], { uid: 1234 }), { code: 'ENOENT', syscall: 'execve' });
        assert.throws(() => processes.spawn('true', [], { uid: 1234, cwd: '/none' }), {
          code: 'ENOENT',
          syscall: 'chdir',
          path: '/none',
        });
        assert.ok(dumpable(), 'after a failure');
        assert.deepEqual(processes.children(), []);
      },
      { wrapper },
    );
  });

  it('fails where the groups of this user would be kept', function () {
    const wrapper = setpriv(this, '--groups=5,6', '--inh-caps=-setgid', '--bounding-set=-setgid');
    return scenario(
      async ({ processes }) => {
        for (const options of [{ uid: 1234 }, { uid: 1234, gid: 0 }])
          assert.throws(() => processes.spawn('true', [], options), { code: 'EPERM', syscall: 'setgroups' });
        assert.throws(() => processes.spawn('true', [], { gid: 1234 }), { code: 'EPERM', syscall: 'setresgid' });
        assert.deepEqual(processes.children(), []);
        // The same user's are nobody else's.
        for (const options of [{ uid: 0 }, { gid: 0 }, { uid: 0, gid: 0 }])
          assert.equal((await processes.spawn('true', [], options).exited).exitCode, 0, JSON.stringify(options));
      },
      { wrapper },
    );
  });

  it('but not where there were none', function () {
    const wrapper = setpriv(this, '--clear-groups', '--inh-caps=-setgid', '--bounding-set=-setgid');
    return scenario(
      async ({ processes }) => {
        const child = processes.spawn('id', ['-G'], { uid: 1234 });
        assert.equal((await child.stdout?.setEncoding('utf8').toArray())?.join(''), '0\n');
        assert.equal((await child.exited).exitCode, 0);
      },
      { wrapper },
    );
  });

  it('nor in a user namespace that denies setgroups, for its own user', function () {
    const command = ['unshare', '--user', '--map-root-user'];
    need(this, spawnSync(command[0] ?? '', [...command.slice(1), 'true']).status === 0, 'user namespaces');
    return scenario(
      async ({ processes, fs }) => {
        assert.equal(fs.readFileSync('/proc/self/setgroups', 'utf8'), 'deny\n');
        assert.equal((await processes.spawn('true', [], { uid: 0, gid: 0 }).exited).exitCode, 0);
      },
      { wrapper: command },
    );
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { sigkit } from '../support/command.js';

const manifest = fileURLToPath(new URL('../../../package.json', import.meta.url));

describe('the sigkit command', () => {
  it('init: sigkit-init takes its place, with the same pid, and no Node stays', function () {
    // A sanitizer's node is a script around the real one.
    if (process.env['SIGKIT_NODE'] !== undefined) this.skip();
    const script = 'echo $PPID; readlink /proc/$PPID/exe; cat';
    const { pid, status, stdout } = sigkit(['init', '-s', '--', 'sh', '-c', script], { input: 'typed\n' });
    const [parent, program, typed] = stdout.split('\n');
    assert.equal(status, 0);
    assert.equal(Number(parent), pid);
    assert.match(program ?? '', /\/build\/Release\/sigkit-init$/);
    assert.equal(typed, 'typed');
  });

  it('init: nothing is blocked or ignored in the child, though Node ignores SIGPIPE', () => {
    const { stdout } = sigkit(['init', '--', 'grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status']);
    assert.deepEqual(stdout.match(/0{16}/g)?.length, 2, stdout);
  });

  it('init: options, exit codes and signals are those of sigkit-init', () => {
    assert.equal(sigkit(['init', '-e', '3=4', 'sh', '-c', 'exit 3']).status, 4);
    assert.equal(sigkit(['init', 'sh', '-c', 'kill -USR2 $$']).signal, 'SIGUSR2');
    assert.equal(sigkit(['init', '--', 'no-such-program']).status, 127);
    const { status, stderr } = sigkit(['init', '--nonsense', 'true']);
    assert.equal(status, 2);
    assert.match(stderr, /^sigkit-init: unknown option: --nonsense\nusage: sigkit-init /);
  });

  it('has its commands in the package, too', () => {
    const packaged = fileURLToPath(new URL('../../package/cli/main.js', import.meta.url));
    for (const name of ['inspect', 'explain', 'stacks', 'dump', 'doctor']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [packaged, name, '--help'], { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
      assert.ok(stdout.startsWith(`usage: sigkit ${name} `), stdout);
    }
  });

  it('tells its version and its usage', () => {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
    assert.equal(sigkit(['--version']).stdout, `sigkit ${version}\n`);
    const { stdout } = sigkit(['--help']);
    assert.match(stdout, /^usage: sigkit init /);
    for (const name of ['build', 'explain', 'init', 'inspect']) {
      assert.match(stdout, new RegExp(`^(?:usage:|      ) sigkit ${name}\\b`, 'm'));
      assert.match(stdout, new RegExp(`^${name}  +\\w`, 'm'));
    }
    assert.match(sigkit(['init', '--version']).stdout, new RegExp(`^sigkit-init ${version}\n$`));
  });

  it('refuses what it does not know, with 2 and its usage', () => {
    for (const [args, problem] of [
      [[], 'no command'],
      [['nonsense'], 'unknown command: nonsense'],
      [['--nonsense'], 'unknown command: --nonsense'],
    ] as const) {
      const { status, stdout, stderr } = sigkit(args);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.ok(stderr.startsWith(`sigkit: ${problem}\nusage: `), stderr);
    }
  });
});

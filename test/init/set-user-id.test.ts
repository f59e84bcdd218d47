import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { init, output, run, sanitized } from '../support/init.js';

const owner = 65_533;
const caller = 65_534;
const asCaller = ['setpriv', `--reuid=${caller}`, `--regid=${caller}`, '--clear-groups', '--'];

describe('sigkit-init started set-user-ID', () => {
  // One that others may enter.
  const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-set-user-id-'));
  const program = path.join(folder, 'sigkit-init');
  const plain = path.join(folder, 'plain');

  // Why it cannot be tried here, or null.
  function obstacle(): string | null {
    if (process.getuid?.() !== 0) return 'not root';
    if (sanitized) return 'the sanitizer has no log there';
    chmodSync(folder, 0o755);
    copyFileSync(init, plain);
    copyFileSync(init, program);
    chownSync(program, owner, owner);
    chmodSync(program, 0o4755);
    const [command, ...args] = [...asCaller, program, '--', 'id', '-u'];
    const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (error !== undefined) return error.message;
    if (stdout === `${caller}\n`) return 'the folder for temporary files is nosuid, or this is no_new_privs';
    assert.equal(stdout, `${owner}\n`, stderr);
    return null;
  }

  const skipped = obstacle();
  const why = skipped === null ? '' : ` (skipped: ${skipped})`;
  after(() => rmSync(folder, { recursive: true }));

  it(`reads no variable that could tell it something${why}`, async function () {
    if (skipped !== null) return this.skip();
    const help = await output([init, '--help']);
    const names = [...help.matchAll(/ --([a-z-]+)/g)].map(([, name = '']) => name.toUpperCase().replaceAll('-', '_'));
    assert.ok(names.includes('GRACE') && names.includes('HOLD'), help);
    const nonsense = Object.fromEntries(names.map((name) => [`SIGKIT_INIT_${name}`, 'nonsense']));
    // As others it refuses them.
    assert.equal((await run([init, 'true'], { env: nonsense })).code, 2);
    assert.equal(await output([...asCaller, program, '-s', '--', 'id', '-u'], { env: nonsense }), `${owner}\n`);
    const meant = { SIGKIT_INIT_REMAP: '3=4', SIGKIT_INIT_VERBOSE: '1' };
    await output([...asCaller, program, '-s', '--', 'sh', '-c', 'exit 3'], { env: meant, code: 3 });
    assert.equal((await run([...asCaller, program, '-e3=4', 'sh', '-c', 'exit 3'])).code, 4);
  });

  it(`writes to no descriptor that a variable names, and leaves it to its child${why}`, async function () {
    if (skipped !== null) return this.skip();
    const said = 'for name in HOLD_FD HOLD_INODE ORIGINAL; do printenv SIGKIT_INIT_$name; done';
    const inner = ['sh', '-c', said];
    const { code, stdout, stderr } = await run([init, '-s', '--hold=1000', '--', ...asCaller, program, ...inner]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\d+\n\d+\n\d+:\d+:[\da-f]{16}:[\da-f]{16}:\d+\n$/);
    // As others it answers, and its child hears nothing of it.
    const others = await run([init, '-s', '--hold=1000', '--', ...asCaller, plain, ...inner]);
    assert.deepEqual([others.code, others.stdout], [1, ''], others.stderr);
  });
});

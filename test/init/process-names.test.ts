import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { fixture, init, output, run, scratch } from '../support/init.js';
import { container } from './places/container.js';
import { namespace, plain } from './places/place.js';

const manager = fixture('probe-manager');
const service = [manager, 'take'];

/** Which of LISTEN_PID, WATCHDOG_PID, SYSTEMD_EXEC_PID and LISTEN_PIDFDID name the service; the last from kernel 6.9 on. */
async function named(command: readonly string[]): Promise<string> {
  const [names = '', connected] = (await output(command)).split('\n');
  assert.equal(connected, 'connected', 'descriptor 3 is its socket');
  return names.replace('unknown', 'own');
}

describe('sigkit-init and variables that name a process', () => {
  for (const place of [plain, namespace, container]) {
    const why = place.missing === undefined ? '' : ` (skipped: ${place.missing})`;
    it(`those that name init name its command, as ${place.name}${why}`, async function () {
      if (place.missing !== undefined) this.skip();
      for (const options of [['-s'], ['-s', '--hold=0.01'], ['-sS']]) {
        const command = place.enter([manager, 'start', init, ...options, '--', ...service]);
        assert.equal(await named(command), 'own own own own', options.join(' '));
      }
    });
  }

  it('through an init in an init, and for a script without an interpreter', async () => {
    assert.equal(await named([manager, 'start', init, '-s', '--', init, '-s', '--', ...service]), 'own own own own');
    const script = path.join(scratch(), 'plain-script');
    writeFileSync(script, `exec ${service.join(' ')}\n`);
    chmodSync(script, 0o755);
    assert.equal(await named([manager, 'start', init, '-s', '--', script]), 'own own own own');
  });

  it('those that name somebody else stay as they are', async () => {
    // The shell is what they name.
    const behind = [manager, 'start', 'sh', '-c', '"$@"; exit $?', 'sh', init, '-s', '--', ...service];
    assert.match(await named(behind), /^other other other (other|own)$/);
    const names = ['LISTEN_PID', 'WATCHDOG_PID', 'SYSTEMD_EXEC_PID', 'LISTEN_PIDFDID'];
    const values = ['1x', '', '0', '99999999999999999999'];
    for (const value of values) {
      const env = Object.fromEntries(names.map((name) => [name, value]));
      const { stdout } = await run([init, '-s', '--', 'env'], { env });
      for (const name of names) assert.ok(stdout.split('\n').includes(`${name}=${value}`), stdout);
    }
  });

  it('nor those of an earlier process with the pid of init', async () => {
    const names = await named([manager, 'start', '-o', init, '-s', '--', ...service]);
    // Before kernel 6.9 nobody can tell.
    assert.ok(['other own own other', 'own own own own'].includes(names), names);
  });
});

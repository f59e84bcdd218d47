import assert from 'node:assert/strict';

import { fixture, init, output, run } from '../../support/init.js';
import type { Place } from './place.js';

// By a shell, then by the fixture: the caller of the init has all of this.
const setUp =
  'umask 027; ulimit -S -n 77; ulimit -S -s 4096; ulimit -c 0; cd /usr/lib; exec 5</dev/null 9>/dev/null; exec "$@"';
const blocked = '2,10,17,18,20,33,64';
const ignored = '1,13,15,17,21,22,32,40';

const surroundings: readonly (readonly [what: string, shown: RegExp, command: readonly string[]])[] = [
  ['umask', /^Umask:\t0027$/m, ['grep', '^Umask', '/proc/self/status']],
  ['mask', /^SigBlk:\t80000001000b0202$/m, ['grep', '^SigBlk', '/proc/self/status']],
  ['ignored signals', /^SigIgn:\t0000008080315001$/m, ['grep', '^SigIgn', '/proc/self/status']],
  ['user and rights', /^CapEff/m, ['grep', '-E', '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)', '/proc/self/status']],
  ['limits', /^Max open files +77 /m, ['cat', '/proc/self/limits']],
  ['priority', /^5\n$/, ['nice']],
  ['environment', /^A=b c\nEMPTY=\nPATH=\S+$/m, ['env']],
  ['working directory', /^\/usr\/lib\n$/, ['pwd', '-P']],
  ['descriptors', /^0\n1\n2\n(.*\n)*5\n(.*\n)*9\n/, ['ls', '/proc/self/fd']],
];

function inSurroundings(place: Place, command: readonly string[]): string[] {
  const environment = ['env', '-i', 'A=b c', 'EMPTY=', `PATH=${process.env['PATH'] ?? ''}`];
  const masks = [fixture('probe-start'), '-s', '-b', blocked, '-i', ignored];
  return place.enter(['sh', '-c', setUp, 'sh', 'nice', '-n', '5', ...environment, ...masks, ...command]);
}

/** The command finds everything as it would without the init. */
export function inheritance(place: Place): void {
  for (const [what, shown, command] of surroundings) {
    it(`leaves the command its ${what}`, async () => {
      const without = await output(inSurroundings(place, command));
      assert.match(without, shown);
      assert.equal(await output(inSurroundings(place, [init, ...command])), without);
      assert.equal(await output(inSurroundings(place, [init, '--group', '--session', ...command])), without);
    });
  }

  it('leaves the command its stdin', async () => {
    const input = 'line\n'.repeat(50_000);
    assert.ok((await output(place.enter([init, '-s', 'cat']), { input })) === input);
  });

  it('leaves closed descriptors 0 to 2 closed, and takes none of them', async () => {
    for (const closed of [['0'], ['1'], ['2'], ['0', '1', '2']]) {
      const without = [fixture('probe-start'), ...closed.flatMap((fd) => ['-c', fd])];
      const look = ['sh', '-c', `for fd in 0 1 2; do [ -e /proc/self/fd/$fd ] || code=$code$fd; done; exit "1$code"`];
      const { code, stderr } = await run(place.enter([...without, init, '-svw', ...look]));
      assert.equal(code, Number(`1${closed.join('')}`) % 256, stderr);
    }
  });
}

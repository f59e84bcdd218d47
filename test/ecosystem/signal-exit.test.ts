import assert from 'node:assert/strict';

import { alike, program } from './support/beside.js';
import { readyPid, sends } from './support/drive.js';
import { needs } from './support/installed.js';

const file = program('signal-exit.mjs');

describe('signal-exit beside sigkit', () => {
  needs('signal-exit');
  needs('signal-exit-3');

  for (const versions of [['3'], ['4'], ['3', '4']]) {
    const name = `version ${versions.join(' with ')}`;
    const handlers = (told: string): string[] => versions.map((version) => `handler of ${version}: ${told}`).sort();
    const linesOf = (stdout: string): string[] => stdout.trimEnd().split('\n').sort();

    for (const [way, expected] of [
      ['return', 0],
      ['exit', 5],
      ['throw', 1],
    ] as const) {
      it(`${name}: its handlers run where the program ends by ${way}`, async () => {
        const { code, stdout } = await alike(file, { args: [way, ...versions] });
        assert.deepEqual([code, linesOf(stdout)], [expected, handlers(`${expected} null`)]);
      });
    }

    it(`${name}: a program that stops in order gets one signal, and the handlers run at its end`, async () => {
      const { code, stdout } = await alike(file, { args: ['stop', ...versions], ...sends('SIGTERM') });
      assert.equal(code, 4);
      assert.equal(stdout.startsWith('ready\nSIGTERM: stopping\nstopped\n'), true, stdout);
      assert.deepEqual(linesOf(stdout).slice(0, versions.length).length, versions.length);
    });

    it(`${name}: one that goes on gets the second, and ends then`, async () => {
      const { code } = await alike(file, {
        args: ['stop-at-second', ...versions],

        async drive(trial) {
          const pid = await readyPid(trial);
          process.kill(pid, 'SIGINT');
          await trial.child.line(/^goes on$/);
          process.kill(pid, 'SIGTERM');
        },
      });
      assert.equal(code, 4);
    });

    it(`${name}: one that dies of the signal once it has stopped does so after the handlers`, async () => {
      const { signal } = await alike(file, { args: ['die', ...versions], ...sends('SIGINT') });
      assert.equal(signal, 'SIGTERM');
    });

    it(`${name}: a signal that nobody heeds ends the program after the handlers`, async () => {
      const { signal, stdout } = await alike(file, { args: ['unheeded', ...versions], ...sends('SIGTERM') });
      assert.equal(signal, 'SIGTERM', stdout);
    });
  }
});

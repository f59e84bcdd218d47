import assert from 'node:assert/strict';

import { keys } from '../support/terminal.js';
import { alike, type Options, program } from './support/beside.js';
import { sends, types } from './support/drive.js';
import { needs } from './support/installed.js';
import { inTerminal } from './support/terminal.js';

const restored = (code: number, ...said: readonly string[]): string =>
  [...said, `ended ${code} as-before`, 'cursor shown again'].join('\n');

const ofInterrupt = {
  ora: [['stop', 'false'], restored(4, 'SIGINT: stopping', 'stopped')],
  ink: [['ctrl-c'], restored(0)],
} as const;

for (const name of ['ora', 'ink'] as const) {
  describe(`${name} beside sigkit`, () => {
    needs(name);

    const ends = async (options: Options): Promise<string> =>
      (await alike(program(`${name}.mjs`), { ...inTerminal, ...options })).stdout;

    for (const [way, code] of [
      ['return', 0],
      ['exit', 5],
    ] as const) {
      it(`the terminal is as before where the program ends by ${way}`, async () => {
        assert.equal(await ends({ args: [way] }), restored(code));
      });
    }

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`the terminal is as before, and ${signal} came once, where the program stops in order`, async () => {
        const said = await ends({ args: ['stop'], ...sends(signal) });
        assert.equal(said, restored(4, `${signal}: stopping`, 'stopped'));
      });
    }

    it('the cursor is back after a signal that nobody heeds', async () => {
      // What has the terminal in raw mode may leave it so, also without sigkit.
      const told = (stdout: string): string => inTerminal.told(stdout).replace(' as-before', '');
      assert.equal(await ends({ args: ['unheeded'], told, ...sends('SIGTERM') }), 'ended 143\ncursor shown again');
    });

    it('Ctrl-C comes once', async () => {
      // A key that ink reads, and a signal of the terminal beside ora.
      const [args, expected] = ofInterrupt[name];
      assert.equal(await ends({ args, ...types(keys.interrupt) }), expected);
    });
  });
}

import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('run(): input that fails', () => {
  it('an input that cannot be read ends the command', () =>
    scenario(async ({ processes }) => {
      const locked = new ReadableStream();
      locked.getReader();
      const broken = {
        [Symbol.iterator]: (): Iterator<string> => {
          throw new Error('broken');
        },
      };
      for (const input of [locked, broken]) {
        const { reason, cause } = await processes.run('sleep', ['1000'], { input, reject: false });
        assert.equal(reason, 'input');
        assert.ok(cause instanceof Error);
        const piped = await processes.pipeline(['sleep', ['1000']], ['cat'], { input, reject: false });
        assert.equal(piped.reason, 'input');
      }
      assert.deepEqual(processes.children(), []);
    }));

  it('a source that throws when it is let go concerns nobody', () =>
    scenario(async ({ processes, until }) => {
      let isOver = false;
      const endless = (function* (): Generator<string> {
        try {
          for (;;) yield 'y'.repeat(100_000);
        } finally {
          isOver = true;
          // oxlint-disable-next-line no-unsafe-finally -- as what is tested
          throw new Error('not now');
        }
      })();
      assert.ok((await processes.run('true', { input: endless })).ok);
      await until(() => isOver, 'the source is told');
    }));
});

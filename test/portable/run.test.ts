import assert from 'node:assert/strict';

import { backends, portable } from '../support/backends.js';
import { scenario } from '../support/scenario.js';

for (const { name, ...backend } of backends) {
  describe(`run, ${name}`, () => {
    it('has output, input, lines, time-outs, groups and errors', () =>
      scenario(async ({ processes }) => {
        const { run, $ } = processes;
        const script = ['-c', 'cat; echo err >&2; exit 3'];
        const { stdout, stderr, exitCode } = await run('sh', script, { input: 'ä', reject: false });
        assert.deepEqual([stdout, stderr, exitCode], ['ä', 'err', 3]);
        await assert.rejects(async () => $`sh -c ${'exit 4'}`, { code: 'ERR_SIGKIT_RUN_FAILED' });
        await assert.rejects(async () => run('no-such-program'), { code: 'ENOENT' });
        const late = await run('sh', ['-c', 'sleep 1000 & wait'], { timeoutMs: 200, reject: false });
        assert.deepEqual([late.timedOut, late.termSignal, late.heldOpen.stdout], [true, 'SIGTERM', false]);
        const lines: string[] = [];
        for await (const line of run('seq', ['3'])) lines.push(line);
        assert.deepEqual(lines, ['1', '2', '3']);
        for await (const _line of run('yes')) break;
      }, backend));
  });
}

describe('run without the addon', () => {
  it('refuses what it cannot do', () =>
    scenario(({ processes }) => {
      for (const options of [{ scope: 'tree' }, { scope: 'contained' }, { parentDeathSignal: 'SIGTERM' }] as const)
        assert.throws(() => processes.run('true', options), { code: 'ERR_SIGKIT_UNSUPPORTED' });
      assert.throws(() => processes.pipeline(['true'], ['true']), { code: 'ERR_SIGKIT_UNSUPPORTED' });
    }, portable));
});

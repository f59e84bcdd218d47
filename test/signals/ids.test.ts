import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Native } from '../../lib/base/native.js';
import { scratch } from '../support/init.js';
import { scenario } from '../support/scenario.js';

const inRepository = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const last = 2 ** 32 - 1;
const afterSignals = 65;

describe('numbers of claims and sections', () => {
  const program = path.join(scratch(), 'ids');

  before(() => {
    const options = ['-std=c++20', '-Wall', '-Wextra', '-Werror', `-I${inRepository('native')}`, '-o', program];
    execFileSync('g++', [...options, inRepository('test/fixtures/ids.cc')]);
  });

  /** What a source gives that begins with the last but one, where these are in use. */
  function given(used: readonly number[]): number[] {
    const text = execFileSync(program, { input: used.join('\n'), encoding: 'utf8' });
    return text.trimEnd().split('\n').map(Number);
  }

  it('come round without those of signals, and without 0', () => {
    const wanted = [last - 1, last, afterSignals, afterSignals + 1, afterSignals + 2, afterSignals + 3];
    assert.deepEqual(given([]), wanted);
  });

  it('come round without those in use', () => {
    const used = [last, afterSignals, afterSignals + 1, afterSignals + 3];
    assert.deepEqual(given(used), [last - 1, ...[2, 4, 5, 6, 7].map((more) => afterSignals + more)]);
    assert.deepEqual(
      given([last - 1, last]),
      [0, 1, 2, 3, 4, 5].map((more) => afterSignals + more),
    );
  });

  it('the news of a stream that has gone are not told to who gets its number next', () =>
    scenario(
      async ({ importCopy, sigkit }) => {
        const { native } = (await importCopy(process.env['NATIVE'] ?? '')) as unknown as {
          readonly native: () => Native;
        };
        const addon = native();
        const words = new Uint32Array(addon.exchange);
        const [low, high] = [2 ** (sigkit.signalNumber('SIGUSR2') - 1), 0];
        const claim = (): number => addon.claim(low, high, 8, 0, true, false, false);
        const told = (): number[] => [...words.subarray(0, addon.takeReady())];
        const queued = (id: number): number | undefined => (addon.state(id), words[0]);
        const [gone, kept] = [claim(), claim()];
        for (const id of [gone, kept]) assert.equal(addon.take(id, 1, true), 0);
        sigkit.kill(process.pid, 'SIGUSR2');
        // The loop has no turn meanwhile, in which these news would be fetched.
        const deadline = performance.now() + 20_000;
        while (queued(gone) === 0 || queued(kept) === 0) assert.ok(performance.now() < deadline, 'it is delivered');
        addon.free(gone);
        assert.deepEqual(told(), [kept]);
        addon.free(kept);
      },
      { wrapper: ['env', `NATIVE=${inRepository('dist/lib/base/native.js')}`] },
    ));
});

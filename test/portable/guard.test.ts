import assert from 'node:assert/strict';

import { PortableGuard } from '../../lib/base/portable/guard.js';
import { numbersIn } from '../../lib/base/signal-numbers.js';
import { SecondSignal, toForcing } from '../../lib/shutdown/course/second-signal.js';
import type { SignalInfo } from '../../lib/signals/signal-info.js';
import { maskOf } from '../../lib/signals/signal-mask.js';

const [sigint, sigterm] = [2, 15];
const mask = maskOf([sigint, sigterm]);

type Heard = readonly [number: number, timeMs: number, own?: boolean];

// Whether the last of them forces the end: by the guard, and where nothing exits.
function forces(second: 'force' | 'any' | 'ignore', heard: readonly Heard[]): boolean {
  const forcing = toForcing(second, mask);
  const codes: number[] = [];
  const guard = new PortableGuard({
    numbers: new Set(numbersIn(mask)),
    budgetMs: 60_000,
    forcedByKernel: new Set(numbersIn(forcing.kernel)),
    forcedByOthers: new Set(numbersIn(forcing.others)),
    nameOf: String,
    say: () => {},
    end: (code) => codes.push(code),
  });
  const withoutExit = new SecondSignal(forcing);
  guard.arm();
  const answers = heard.map(([number, timeMs, own = false]) => {
    guard.heard({ number, timeMs, own, count: 1 });
    return withoutExit.forces({ number, time: timeMs, code: 'unknown', pid: own ? process.pid : null } as SignalInfo);
  });
  guard.close();
  const last = heard.at(-1)?.[0] ?? 0;
  assert.deepEqual(codes, answers.at(-1) === true ? [128 + last] : []);
  assert.equal(answers.slice(0, -1).includes(true), false);
  return answers.at(-1) === true;
}

describe('a second signal, where nobody tells who sends it', () => {
  it('forces the end if somebody types it, but not if the first is handed on', () => {
    assert.equal(forces('force', [[sigint, 0]]), false);
    assert.equal(
      forces('force', [
        [sigint, 0],
        [sigint, 999],
      ]),
      false,
    );
    assert.equal(
      forces('force', [
        [sigint, 0],
        [sigint, 1000],
      ]),
      true,
    );
    assert.equal(
      forces('force', [
        [sigterm, 0],
        [sigint, 1],
      ]),
      true,
    );
    assert.equal(
      forces('force', [
        [sigterm, 0],
        [sigterm, 5000],
      ]),
      false,
    );
    assert.equal(
      forces('force', [
        [sigterm, 0],
        [sigterm, 10],
        [sigint, 20],
      ]),
      true,
    );
  });

  it('forces none that the process sends itself', () => {
    assert.equal(
      forces('force', [
        [sigint, 0],
        [sigint, 5000, true],
      ]),
      false,
    );
    assert.equal(
      forces('any', [
        [sigterm, 0],
        [sigterm, 5000, true],
      ]),
      false,
    );
  });

  it('forces any, or none, as it was told', () => {
    assert.equal(
      forces('any', [
        [sigterm, 0],
        [sigterm, 1],
      ]),
      true,
    );
    assert.equal(
      forces('ignore', [
        [sigint, 0],
        [sigint, 5000],
      ]),
      false,
    );
  });
});

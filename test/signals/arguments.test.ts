import assert from 'node:assert/strict';

import { numbersIn } from '../../lib/base/signal-numbers.js';
import * as to from '../../lib/signals/arguments.js';
import { parseSignal } from '../../lib/signals/names.js';
import { hasSignal, isEmpty, maskOf, namesIn, withoutSignals } from '../../lib/signals/signal-mask.js';

const numbers = Array.from({ length: 64 }, (_, index) => index + 1);
const outOfRange = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: /"arg(\[\])?"/ };
const wrongType = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /"arg(\[\])?"/ };

describe('masks', () => {
  it('each signal has a bit of its own, in halves without a sign', () => {
    assert.deepEqual(maskOf([1]), { low: 1, high: 0 });
    assert.deepEqual(maskOf([32]), { low: 2 ** 31, high: 0 });
    assert.deepEqual(maskOf([33]), { low: 0, high: 1 });
    assert.deepEqual(maskOf([64]), { low: 0, high: 2 ** 31 });
    for (const number of numbers) {
      const mask = maskOf([number]);
      assert.deepEqual(numbersIn(mask), [number]);
      assert.deepEqual(
        numbers.filter((other) => hasSignal(mask, other)),
        [number],
      );
    }
  });

  it('sets come back ordered by number, each signal once', () => {
    assert.deepEqual(numbersIn(maskOf(numbers)), numbers);
    assert.deepEqual(
      [...namesIn(maskOf([64, 15, 32, 1, 15, 33]))],
      ['SIGHUP', 'SIGTERM', 'SIG32', 'SIG33', 'SIGRTMAX'],
    );
  });

  it('signals can be taken out; nothing is left of a set without itself', () => {
    const all = maskOf(numbers);
    assert.deepEqual(withoutSignals(all, maskOf([1, 33])), { low: 2 ** 32 - 2, high: 2 ** 32 - 2 });
    assert.deepEqual(
      numbersIn(withoutSignals(all, maskOf([1, 32, 33, 64]))),
      numbers.filter((number) => ![1, 32, 33, 64].includes(number)),
    );
    assert.deepEqual(
      [isEmpty(withoutSignals(all, all)), isEmpty(maskOf([])), isEmpty(maskOf([64]))],
      [true, true, false],
    );
  });
});

describe('arguments', () => {
  it('a set is one signal or any iterable of them, empty ones included; a string is one signal', () => {
    function* generated(): Generator<string | number> {
      yield 'SIGHUP';
      yield 2;
    }
    for (const [given, expected] of [
      ['SIGTERM', [15]],
      [15, [15]],
      [[], []],
      [new Set(), []],
      [
        ['SIGHUP', 2],
        [1, 2],
      ],
      [new Set([2, 'SIGHUP']), [2, 1]],
      [new Map([['SIGHUP', 1]]).keys(), [1]],
      [Uint8Array.of(1, 2), [1, 2]],
      [generated(), [1, 2]],
    ] as const)
      assert.deepEqual(to.toSignalNumbers(given, 'arg'), expected);
    for (const given of [null, undefined, {}, true, 1n, Symbol.iterator, { length: 1, 0: 1 }, [['SIGHUP']], [null]])
      assert.throws(() => to.toSignalNumbers(given, 'arg'), wrongType);
  });

  it('one bad member refuses the whole set and ends its iterator', () => {
    let ended = false;
    function* generated(): Generator<unknown> {
      try {
        yield* ['SIGHUP', 'SIGFOO', 'SIGINT'];
      } finally {
        ended = true;
      }
    }
    assert.throws(() => to.toSignalMask(generated(), 'arg'), { ...outOfRange, message: /"arg\[\]".*'SIGFOO'/ });
    assert.ok(ended);
  });

  it('0 is a signal for probes only', () => {
    assert.equal(to.toSignalOrProbe(0, 'arg'), 0);
    assert.equal(to.toSignalOrProbe('SIGHUP', 'arg'), 1);
    assert.throws(() => parseSignal(0, 'arg'), outOfRange);
    for (const given of ['0', '', -1, 65]) assert.throws(() => to.toSignalOrProbe(given, 'arg'), outOfRange);
    for (const given of [0n, null, undefined, false]) assert.throws(() => to.toSignalOrProbe(given, 'arg'), wrongType);
  });

  it('a value is an int32, or 64 bits as a bigint, in halves without a sign', () => {
    const ones = 0xffffffff;
    for (const [given, low, high] of [
      [0, 0, 0],
      [2 ** 31 - 1, 2 ** 31 - 1, 0],
      [-1, ones, 0],
      [-(2 ** 31), 2 ** 31, 0],
      [0n, 0, 0],
      [-1n, ones, ones],
      [2n ** 32n + 5n, 5, 1],
      [-(2n ** 63n), 0, 2 ** 31],
      [2n ** 63n - 1n, ones, 2 ** 31 - 1],
      [2n ** 64n - 1n, ones, ones],
    ] as const)
      assert.deepEqual(to.toSignalValue(given, 'arg'), { low, high }, String(given));
    for (const given of [2 ** 31, -(2 ** 31) - 1, 0.5, NaN, Infinity, 2n ** 64n, -(2n ** 63n) - 1n])
      assert.throws(() => to.toSignalValue(given, 'arg'), outOfRange, String(given));
    for (const given of ['1', null, undefined, true, {}])
      assert.throws(() => to.toSignalValue(given, 'arg'), wrongType);
  });
});

import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';

import * as to from '../../lib/base/arguments.js';

const outOfRange = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: /"arg"/ };
const wrongType = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /"arg"/ };

describe('general arguments', () => {
  it('processes, groups and threads: only those that cannot mean somebody else', () => {
    const accepts = (convert: (value: unknown, argument: string) => number, given: readonly number[]): void => {
      for (const value of given) assert.equal(convert(value, 'arg'), value);
    };
    const refuses = (convert: (value: unknown, argument: string) => number, given: readonly number[]): void => {
      for (const value of [...given, 1.5, NaN, Infinity, 2 ** 31])
        assert.throws(() => convert(value, 'arg'), outOfRange, String(value));
      for (const value of ['1', 1n, null, undefined, [1]])
        assert.throws(() => convert(value, 'arg'), wrongType, String(value));
    };
    accepts(to.toPid, [-(2 ** 31) + 1, -1, 0, 1, 2 ** 31 - 1]);
    refuses(to.toPid, [-(2 ** 31)]);
    accepts(to.toPositivePid, [1, 2 ** 31 - 1]);
    refuses(to.toPositivePid, [0, -1]);
    // Group 1 would be kill(-1): everybody.
    accepts(to.toGroup, [0, 2, 2 ** 31 - 1]);
    refuses(to.toGroup, [1, -1, -2]);
  });

  it('a time is 0 or more milliseconds, without limit if not given', () => {
    for (const [given, expected] of [
      [undefined, Infinity],
      [Infinity, Infinity],
      [0, 0],
      [0.5, 0.5],
      [2 ** 40, 2 ** 40],
    ] as const)
      assert.equal(to.toTimeoutMs(given, 'arg'), expected);
    for (const given of [-1, -0.001, -Infinity, NaN]) assert.throws(() => to.toTimeoutMs(given, 'arg'), outOfRange);
    for (const given of [null, '1', 1n, new Date()]) assert.throws(() => to.toTimeoutMs(given, 'arg'), wrongType);
  });

  it('an object, an AbortSignal, a boolean and a function are just that', () => {
    const object = { any: 1 };
    assert.equal(to.toObject(object, 'arg'), object);
    for (const given of [undefined, null, 1, 'x', () => {}])
      assert.throws(() => to.toObject(given as object, 'arg'), wrongType);

    const { signal } = new AbortController();
    assert.equal(to.toAbortSignal(signal, 'arg'), signal);
    assert.equal(to.toAbortSignal(undefined, 'arg'), undefined);
    // Of another realm, as jsdom's is for us, and we are where somebody has put that in place of Node's own.
    const foreign: unknown = runInNewContext(
      '({ aborted: false, addEventListener() {}, removeEventListener() {}, __proto__: null })',
    );
    assert.equal(to.toAbortSignal(foreign, 'arg'), foreign);
    for (const given of [null, {}, { aborted: false }, new EventTarget(), new AbortController(), 'SIGTERM'])
      assert.throws(() => to.toAbortSignal(given, 'arg'), wrongType);

    assert.deepEqual(
      [undefined, true, false].map((given) => to.toBoolean(given, 'arg', true)),
      [true, true, false],
    );
    for (const given of [null, 0, 1, 'true']) assert.throws(() => to.toBoolean(given, 'arg', true), wrongType);

    assert.equal(to.toFunction(accept, 'arg'), accept);
    assert.throws(() => to.toFunction({}, 'arg'), wrongType);
  });

  it('a choice is its place among the words, spelt exactly', () => {
    const hows = ['SIG_BLOCK', 'SIG_UNBLOCK', 'SIG_SETMASK'];
    assert.deepEqual(
      hows.map((how) => to.toChoice(how, 'arg', hows)),
      [0, 1, 2],
    );
    for (const given of ['', 'sig_block', 'SIG_BLOCK '])
      assert.throws(() => to.toChoice(given, 'arg', hows), {
        ...outOfRange,
        message: /"arg".*'SIG_BLOCK', 'SIG_UNBLOCK'/,
      });
    for (const given of [0, null, undefined]) assert.throws(() => to.toChoice(given, 'arg', hows), wrongType);
  });
});

function accept(): void {}

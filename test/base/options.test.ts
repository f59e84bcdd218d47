import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';

import { givenNames, givenValue, type OptionNames, pick, readOptions } from '../../lib/base/options.js';

interface Options {
  readonly graceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onTimeout?: (() => void) | undefined;
}

const names: OptionNames<Options> = { graceMs: true, signal: true, onTimeout: true };
// @ts-expect-error one is forgotten
const forgotten: OptionNames<Options> = { graceMs: true, signal: true };
// @ts-expect-error one that the interface does not have
const added: OptionNames<Options> = { ...names, timeout: true };

// oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
const read = (value: any): unknown => ({ ...readOptions<Options>(value, names) });
const unknown = (name: string): object => ({
  name: 'TypeError',
  code: 'ERR_SIGKIT_UNKNOWN_OPTION',
  message: new RegExp(`^Unknown option "${name.replace(/[[\].$\\]/g, '\\$&')}"\\. `),
});

/** With properties of Object.prototype, which are those of every object. */
function polluted(properties: Readonly<Record<string, unknown>>, run: () => void): void {
  Object.assign(Object.prototype, properties);
  try {
    run();
  } finally {
    for (const name of Object.keys(properties)) Reflect.deleteProperty(Object.prototype, name);
  }
}

describe('options', () => {
  it('come from the object and its prototypes: own, inherited, of a class, without a prototype, of another realm', () => {
    class Defaults {
      readonly onTimeout = undefined;
      get graceMs(): number {
        return 7;
      }
      describe(): string {
        return String(this.graceMs);
      }
    }
    class Own extends Defaults {}
    assert.deepEqual(read({ graceMs: 7 }), { graceMs: 7 });
    assert.deepEqual(read(Object.create({ graceMs: 7 })), { graceMs: 7 });
    assert.deepEqual(read(new Own()), { graceMs: 7, onTimeout: undefined });
    assert.deepEqual(read(Object.assign(Object.create(null), { graceMs: 7 })), { graceMs: 7 });
    assert.deepEqual(read(Object.create(Object.assign(Object.create(null), { graceMs: 7 }))), { graceMs: 7 });
    assert.deepEqual(read(Object.defineProperty({}, 'graceMs', { value: 7 })), { graceMs: 7 });
    assert.deepEqual(read(new Proxy({ graceMs: 7 }, {})), { graceMs: 7 });
    assert.deepEqual(read(Object.create({ graceMs: 7 }, { graceMs: { value: undefined } })), { graceMs: undefined });
    assert.deepEqual(read(runInNewContext('({ graceMs: 7 })')), { graceMs: 7 });
    assert.deepEqual(read(runInNewContext('new (class { graceMs = 7; method() {} })()')), { graceMs: 7 });
    assert.deepEqual(read(undefined), {});
    assert.equal(Object.getPrototypeOf(readOptions<Options>({}, names)), null);
    assert.equal(Object.getPrototypeOf(readOptions<Options>(undefined, names)), null);
  });

  it('never come from Object.prototype, of whatever realm, nor are they unknown there', () => {
    const foreign: unknown = runInNewContext(`
      Object.assign(Object.prototype, { graceMs: 7, shell: true });
      delete Object.prototype.constructor;
      [{}, new (class {})(), Object.create({}), Object.prototype]`);
    for (const object of foreign as object[]) assert.deepEqual(read(object), {});
    polluted({ graceMs: 7, shell: true }, () => {
      for (const object of [{}, new (class {})(), Object.create({}), Object.create(null), Object.prototype, undefined])
        assert.deepEqual(Object.keys(readOptions<Options>(object as Options, names)), []);
      assert.equal(readOptions<Options>({ signal: undefined }, names).graceMs, undefined);
      assert.deepEqual(read({ graceMs: 1 }), { graceMs: 1 });
      assert.throws(() => read({ shell: true }), unknown('options.shell'));
      assert.deepEqual(givenNames(Object.create({ A: '1' }, { B: { value: '2', enumerable: true } })), ['B', 'A']);
      assert.deepEqual([givenValue({}, 'shell'), givenValue({ shell: 1 }, 'shell')], [undefined, 1]);
      assert.deepEqual(Object.entries(pick<Options>({}, names)), []);
    });
  });

  it('are each read once, and what throws meanwhile is thrown on', () => {
    const reads: string[] = [];
    const counted = (name: string): PropertyDescriptor => ({ enumerable: true, get: () => void reads.push(name) });
    read(Object.defineProperties({}, { signal: counted('signal'), graceMs: counted('graceMs') }));
    assert.deepEqual(reads.sort(), ['graceMs', 'signal']);
    const thrown = new Error('thrown by a getter');
    const throwing = (): never => {
      throw thrown;
    };
    for (const name of ['graceMs', 'other'])
      assert.throws(() => read(Object.defineProperty({}, name, { enumerable: true, get: throwing })), thrown);
    assert.throws(() => read(new Proxy({}, { ownKeys: throwing })), thrown);
  });

  it('are refused by their name if they are unknown, wherever they stand', () => {
    assert.throws(() => read({ graceMs: 1, other: null }), unknown('options.other'));
    assert.throws(() => read({ other: () => {} }), unknown('options.other'));
    assert.throws(() => read(Object.create({ other: 0 })), unknown('options.other'));
    assert.throws(
      () =>
        read(
          new (class {
            other = 1;
          })(),
        ),
      unknown('options.other'),
    );
    assert.throws(() => read(runInNewContext('({ other: 1 })')), unknown('options.other'));
    assert.throws(() => read({ 'grace-ms': 1 }), unknown('options["grace-ms"]'));
    assert.throws(() => read({ 'a\nb': 1 }), unknown('options["a\\nb"]'));
    assert.throws(() => read(JSON.parse('{ "__proto__": 1 }')), unknown('options.__proto__'));
    // What every object has is no option for that.
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      assert.throws(() => read({ [name]: 1 }), unknown(`options.${name}`));
  });

  it('may be unknown where nobody can rely on them: undefined, symbols, what is not enumerable, inherited methods', () => {
    function Old(this: { graceMs: number }): void {
      this.graceMs = 7;
    }
    Object.assign(Old.prototype, { describe() {} });
    assert.deepEqual(read(Reflect.construct(Old, [])), { graceMs: 7 });
    assert.deepEqual(read({ timeout: undefined, [Symbol('other')]: 1 }), {});
    assert.deepEqual(read(Object.create({ other: 1 }, { other: { value: undefined, enumerable: true } })), {});
    assert.deepEqual(read(Object.defineProperty({}, 'other', { value: 1 })), {});
  });

  it('are an object: neither an array nor a function', () => {
    for (const given of [null, 1, 'x', () => {}, [], ['x'], new Proxy([], {})])
      assert.throws(() => read(given), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /"options"/ });
  });

  it('that are meant are named: near misses, a time-out, else all that there are', () => {
    const advice = (name: string, hint?: (name: string) => string | undefined): string | undefined => {
      try {
        readOptions<Options>({ [name]: 1 } as Options, names, hint);
      } catch (error) {
        return (error as Error).message.replace(/^Unknown option ".*"\. /, '');
      }
      return assert.fail('it is known');
    };
    for (const name of ['graceMS', 'grace', 'grace_ms', 'gracems', 'graec', 'graceMillis'])
      assert.equal(
        advice(name),
        name === 'graceMillis' ? 'There are: graceMs, signal, onTimeout' : 'Did you mean "graceMs"?',
      );
    for (const name of ['singal', 'Signal', 'signals', 'sgnal']) assert.equal(advice(name), 'Did you mean "signal"?');
    for (const name of ['timeout', 'timeoutMs']) assert.match(advice(name) ?? '', /AbortSignal\.timeout\(ms\)$/);
    for (const name of ['x', 'ms', '', 'id']) assert.equal(advice(name), 'There are: graceMs, signal, onTimeout');
    const hint = (name: string): string | undefined => (name === 'grace' ? 'Here it is called so' : undefined);
    assert.equal(advice('grace', hint), 'Here it is called so');
    assert.equal(advice('graceMS', hint), 'Did you mean "graceMs"?');
    assert.throws(() => readOptions<{ a?: 1 }>({ b: 1 } as object, { a: true }), { message: /There is: a$/ });
    assert.deepEqual([forgotten, added].length, 2);
  });
});

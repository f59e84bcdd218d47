import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { inspect } from 'node:util';

import * as sigkit from 'sigkit';

import {
  abortError,
  invalidArgType,
  outOfRange,
  SigkitError,
  sigkitErrorCodes,
  systemError,
} from '../../lib/base/errors.js';

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

describe('errors', () => {
  it("those of system calls have the shape of process.kill's", () => {
    const nobody = 2 ** 22 + 7;
    const { stack: _, ...own } = Object.getOwnPropertyDescriptors(systemError('kill', -constants.errno.ESRCH));
    const { stack: __, ...nodes } = Object.getOwnPropertyDescriptors(thrownBy(() => process.kill(nobody, 0)) as Error);
    assert.deepEqual(own, nodes);
    for (const code of ['EPERM', 'EINVAL', 'EAGAIN', 'EMFILE', 'ENOSYS'] as const)
      assert.equal(systemError('call', -constants.errno[code]).message, `call ${code}`);
  });

  it("wrong types are told in Node's words", () => {
    const nodes = (value: unknown): string => (thrownBy(() => process.chdir(value as string)) as Error).message;
    for (const value of [null, undefined, true, 15, NaN, 15n, Symbol('s'), () => {}, Map, Object.create(null)]) {
      const error = invalidArgType('directory', 'of type string', value);
      assert.ok(error instanceof TypeError);
      assert.deepEqual(Object.entries(error), [['code', 'ERR_INVALID_ARG_TYPE']]);
      assert.equal(error.message, nodes(value));
    }
    assert.match(
      invalidArgType('sig', 'a signal', 'x').message,
      /^The "sig" argument must be a signal\. Received type string \('x'\)$/,
    );
  });

  it('what the wrong value does when it is looked at changes nothing', () => {
    const hostile = {
      [inspect.custom](): never {
        throw new Error('shown');
      },
    };
    const refusing = new Proxy({}, { get: () => assert.fail('read'), has: () => assert.fail('asked') });
    assert.match(invalidArgType('sig', 'a signal', hostile).message, /Received an instance of Object$/);
    assert.match(invalidArgType('sig', 'a signal', refusing).message, /Received \S/);
    assert.match(invalidArgType('sig', 'a signal', new (class Foo {})()).message, /Received an instance of Foo$/);
  });

  it("values out of range are told in Node's words", () => {
    const nodes = (value: number): string => (thrownBy(() => Buffer.alloc(1).readUInt8(value)) as Error).message;
    for (const value of [-1, 1, 1000]) {
      const error = outOfRange('offset', '>= 0 and <= 0', value);
      assert.ok(error instanceof RangeError);
      assert.deepEqual(Object.entries(error), [['code', 'ERR_OUT_OF_RANGE']]);
      assert.equal(error.message, nodes(value));
    }
    assert.match(outOfRange('value', 'small', 2n ** 64n).message, /Received 18446744073709551616n$/);
    assert.match(outOfRange('signal', 'a name', "it's").message, /Received "it's"$/);
  });

  it('the class that users get has its name', () => {
    assert.equal(sigkit.SigkitError.name, 'SigkitError');
  });

  it("sigkit's own carry their code; the name stands on the prototype", () => {
    const cause = new Error('dlopen');
    const report = { updated: 1, alreadyBlocked: 0, unreachable: [7], complete: true };
    const error = new SigkitError('ERR_SIGKIT_UNREACHABLE_THREADS', 'message', { cause, report });
    const { name, message, code } = error;
    assert.deepEqual(
      { name, message, code },
      { name: 'SigkitError', message: 'message', code: 'ERR_SIGKIT_UNREACHABLE_THREADS' },
    );
    assert.deepEqual([error.cause, error.report], [cause, report]);
    assert.ok(!Object.hasOwn(error, 'name'));
    assert.match(error.stack ?? '', /^SigkitError: message\n/);
    const bare = new SigkitError('ERR_SIGKIT_CLOSED', 'message');
    assert.ok(!('cause' in bare) && !('report' in bare));
  });

  it('one that is found at load is thrown again with the stack of the call', () => {
    const cause = new Error('dlopen');
    const loaded = new SigkitError('ERR_SIGKIT_NOT_BUILT', 'message', { cause });
    function laterCall(): SigkitError {
      return loaded.again();
    }
    const again = laterCall();
    assert.deepEqual([again.code, again.message, again.cause], [loaded.code, loaded.message, cause]);
    assert.match(again.stack ?? '', /laterCall/);
    assert.doesNotMatch(loaded.stack ?? '', /laterCall/);
  });

  it('codes are listed once each, in order', () => {
    assert.deepEqual([...new Set(sigkitErrorCodes)].sort(), [...sigkitErrorCodes]);
    for (const code of sigkitErrorCodes) assert.match(code, /^ERR_SIGKIT_[A-Z_]+$/);
  });

  it("an abort is told as Node's own, with the reason as its cause", async () => {
    const reason = { why: 'enough' };
    const { promisify } = await import('node:util');
    const nodes = await promisify(setTimeout)(1000, undefined, { signal: AbortSignal.abort(reason) }).catch(
      (error: unknown) => error as NodeJS.ErrnoException,
    );
    assert.ok(nodes instanceof Error);
    const shape = ({ name, message, code, cause }: NodeJS.ErrnoException): unknown => ({ name, message, code, cause });
    assert.deepEqual(shape(abortError(reason)), shape(nodes));
    assert.equal(abortError(reason).cause, reason);
    assert.deepEqual(Object.keys(abortError(reason)), ['code']);
  });
});

import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';

describe('bad input', () => {
  it('each argument of each function, wrong in type, range or value, is an error that names it, and changes nothing', () =>
    scenario(async ({ sigkit, signalState }) => {
      // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
      const api = sigkit as any;
      const outOfRange = [
        0,
        -1,
        64.5,
        NaN,
        65,
        Infinity,
        'SIGFOO',
        'sigterm',
        'SIGRTMIN+99',
        'SIGRTMAX-31',
        'TERM',
        '',
      ];
      const wrongType = [null, true, {}, Symbol('s'), 15n, () => {}];
      const unclaimable = ['SIGKILL', 'SIGSTOP', 32, 33, 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'];
      const before = signalState();

      const fails = async (call: () => unknown, code: string, argument: string): Promise<void> => {
        const message = code === 'ERR_SIGKIT_UNCLAIMABLE' ? /SIG/ : new RegExp(argument.replace(/[[\].]/g, '\\$&'));
        await assert.rejects(
          async () => call(),
          {
            code,
            message,
            name: { ERR_OUT_OF_RANGE: 'RangeError', ERR_INVALID_ARG_TYPE: 'TypeError' }[code] ?? 'SigkitError',
          },
          String(call),
        );
        assert.deepEqual(signalState(), before, `${String(call)} has left something behind`);
      };

      type Call = (value: unknown) => unknown;
      const one: Record<string, Call> = {
        signalNumber: (value) => api.signalNumber(value),
        signalName: (value) => api.signalName(value),
        describeSignal: (value) => api.describeSignal(value),
        disposition: (value) => api.disposition(value),
        exitBySignal: (value) => api.exitBySignal(value),
      };
      const many: Record<string, Call> = {
        signals: (value) => api.signals(value),
        waitForSignal: (value) => api.waitForSignal(value),
        abortOnSignal: (value) => api.abortOnSignal(value),
        sigprocmask: (value) => api.sigprocmask('SIG_BLOCK', value),
        pthreadSigmask: (value) => api.pthreadSigmask('SIG_BLOCK', value),
        blockSignals: (value) => api.blockSignals(value),
        withSignalsBlocked: (value) => api.withSignalsBlocked(value, () => {}),
        ignoreSignals: (value) => api.ignoreSignals(value),
      };
      const probing: Record<string, Call> = {
        kill: (value) => api.kill(process.pid, value),
        killpg: (value) => api.killpg(0, value),
        tgkill: (value) => api.tgkill(process.pid, value),
        sigqueue: (value) => api.sigqueue(process.pid, value, 0),
      };
      for (const call of Object.values(one)) {
        for (const value of outOfRange) await fails(() => call(value), 'ERR_OUT_OF_RANGE', 'signal');
        for (const value of [...wrongType, undefined, ['SIGTERM']])
          await fails(() => call(value), 'ERR_INVALID_ARG_TYPE', 'signal');
      }
      for (const call of Object.values(probing)) {
        for (const value of outOfRange.slice(1)) await fails(() => call(value), 'ERR_OUT_OF_RANGE', 'signal');
        for (const value of [...wrongType, undefined]) await fails(() => call(value), 'ERR_INVALID_ARG_TYPE', 'signal');
      }
      for (const call of Object.values(many)) {
        for (const value of outOfRange) {
          await fails(() => call(value), 'ERR_OUT_OF_RANGE', 'sig');
          await fails(() => call(new Set(['SIGTERM', value])), 'ERR_OUT_OF_RANGE', 'sig');
        }
        for (const value of wrongType) {
          await fails(() => call(value), 'ERR_INVALID_ARG_TYPE', 'sig');
          await fails(() => call(['SIGTERM', value]), 'ERR_INVALID_ARG_TYPE', 'sig');
        }
        await fails(() => call(undefined), 'ERR_INVALID_ARG_TYPE', 'sig');
      }
      for (const name of ['signals', 'waitForSignal', 'abortOnSignal', 'ignoreSignals', 'resetSignals']) {
        for (const value of unclaimable) await fails(() => api[name](['SIGTERM', value]), 'ERR_SIGKIT_UNCLAIMABLE', '');
      }
      for (const name of ['ignoreSignals', 'resetSignals'])
        await fails(() => api[name]('SIGCHLD'), 'ERR_SIGKIT_UNCLAIMABLE', '');

      for (const name of ['sigprocmask', 'pthreadSigmask']) {
        for (const how of [0, null, undefined, {}])
          await fails(() => api[name](how, []), 'ERR_INVALID_ARG_TYPE', 'how');
        for (const how of ['', 'block', 'sig_block']) await fails(() => api[name](how, []), 'ERR_OUT_OF_RANGE', 'how');
      }
      await fails(() => api.withSignalsBlocked('SIGHUP'), 'ERR_INVALID_ARG_TYPE', 'run');

      for (const name of ['signals', 'waitForSignal', 'abortOnSignal']) {
        for (const options of [null, 1, 'x'])
          await fails(() => api[name]('SIGHUP', options), 'ERR_INVALID_ARG_TYPE', 'options');
        for (const signal of [null, 1, {}, 'abort'])
          await fails(() => api[name]('SIGHUP', { signal }), 'ERR_INVALID_ARG_TYPE', 'options.signal');
      }
      for (const capacity of [0, -1, 1.5, NaN, Infinity, 2 ** 24 + 1])
        await fails(() => api.signals('SIGHUP', { capacity }), 'ERR_OUT_OF_RANGE', 'options.capacity');
      for (const capacity of ['1', null, 1n])
        await fails(() => api.signals('SIGHUP', { capacity }), 'ERR_INVALID_ARG_TYPE', 'options.capacity');
      await fails(() => api.signals('SIGHUP', { overflow: 'wait' }), 'ERR_OUT_OF_RANGE', 'options.overflow');
      await fails(() => api.signals('SIGHUP', { overflow: 1 }), 'ERR_INVALID_ARG_TYPE', 'options.overflow');
      for (const key of ['ref', 'exclusive'])
        await fails(() => api.signals('SIGHUP', { [key]: 1 }), 'ERR_INVALID_ARG_TYPE', `options.${key}`);
      for (const timeoutMs of [-1, NaN, -Infinity])
        await fails(() => api.waitForSignal('SIGHUP', { timeoutMs }), 'ERR_OUT_OF_RANGE', 'options.timeoutMs');
      for (const timeoutMs of ['1', null, 1n])
        await fails(() => api.waitForSignal('SIGHUP', { timeoutMs }), 'ERR_INVALID_ARG_TYPE', 'options.timeoutMs');

      for (const pid of [1.5, NaN, 2 ** 31, -(2 ** 31)]) await fails(() => api.kill(pid, 0), 'ERR_OUT_OF_RANGE', 'pid');
      for (const pid of ['1', null, undefined, 1n]) await fails(() => api.kill(pid, 0), 'ERR_INVALID_ARG_TYPE', 'pid');
      for (const pgid of [1, -1, 1.5, 2 ** 31]) await fails(() => api.killpg(pgid, 0), 'ERR_OUT_OF_RANGE', 'pgid');
      for (const tid of [0, -1, 1.5]) await fails(() => api.tgkill(tid, 0), 'ERR_OUT_OF_RANGE', 'tid');
      for (const pid of [0, -1, 1.5]) await fails(() => api.sigqueue(pid, 0, 0), 'ERR_OUT_OF_RANGE', 'pid');
      for (const pid of [0, -1, 1.5, NaN]) await fails(() => api.threads(pid), 'ERR_OUT_OF_RANGE', 'pid');
      await fails(() => api.threads('1'), 'ERR_INVALID_ARG_TYPE', 'pid');
      for (const value of [2 ** 31, -(2 ** 31) - 1, 0.5, NaN, 2n ** 64n, -(2n ** 63n) - 1n])
        await fails(() => api.sigqueue(process.pid, 0, value), 'ERR_OUT_OF_RANGE', 'value');
      for (const value of [undefined, null, '1', {}])
        await fails(() => api.sigqueue(process.pid, 0, value), 'ERR_INVALID_ARG_TYPE', 'value');
    }));

  it('a method borrowed onto a foreign object says so', () =>
    scenario(({ sigkit }) => {
      const stream = sigkit.signals('SIGHUP');
      const prototype = Object.getPrototypeOf(stream) as Record<string | symbol, (this: unknown) => unknown>;
      const error = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /"this"/ };
      for (const foreign of [{}, null, undefined, 7, Object.create(prototype)]) {
        for (const name of ['next', 'poll', 'close', 'return', 'throw', 'ref', 'unref', Symbol.asyncIterator]) {
          assert.throws(() => prototype[name]?.call(foreign), error, String(name));
        }
        for (const name of ['closed', 'queued', 'dropped']) {
          assert.throws(() => Reflect.getOwnPropertyDescriptor(prototype, name)?.get?.call(foreign), error, name);
        }
      }
      const SignalStream = stream.constructor as new () => unknown;
      assert.throws(() => new SignalStream(), { code: 'ERR_INVALID_ARG_TYPE' });
      stream.close();
    }));

  it('a closed stream answers quietly', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals('SIGHUP');
      stream.close();
      stream.ref().unref();
      assert.equal(stream.poll(), null);
      assert.deepEqual([stream.queued, stream.dropped, stream.closed], [0, 0, true]);
      assert.deepEqual(await stream.next(), { done: true, value: undefined });
      assert.deepEqual(await stream.return(), { done: true, value: undefined });
      await assert.rejects(stream.throw(new Error('thrown')), /thrown/);
    }));

  it("system errors have the shape of Node's own", () =>
    scenario(({ sigkit }) => {
      const nobody = 2 ** 22 + 7;
      const shape = (call: () => unknown): unknown => {
        try {
          call();
        } catch (error) {
          const { name, message, code, errno, syscall } = error as NodeJS.ErrnoException;
          return { name, message, code, errno, syscall };
        }
        return undefined;
      };
      assert.deepEqual(
        shape(() => sigkit.kill(nobody, 0)),
        shape(() => process.kill(nobody, 0)),
      );
      assert.deepEqual(
        shape(() => sigkit.tgkill(nobody, 0)),
        { ...(shape(() => process.kill(nobody, 0)) as object), syscall: 'tgkill', message: 'tgkill ESRCH' },
      );
      assert.deepEqual(
        shape(() => sigkit.sigqueue(nobody, 'SIGHUP', 1)),
        { name: 'Error', message: 'sigqueue ESRCH', code: 'ESRCH', errno: -3, syscall: 'sigqueue' },
      );
      assert.deepEqual(
        shape(() => sigkit.threads(nobody)),
        { name: 'Error', message: 'threads ESRCH', code: 'ESRCH', errno: -3, syscall: 'threads' },
      );
    }));
});

import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';

describe('bad input to sigkit/process', () => {
  it('each argument of each function, wrong in type, range or value, is an error that names it, and changes nothing', () =>
    scenario(async ({ processes, signalState, fs, descriptors }) => {
      // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
      const api = processes as any;
      const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      const handle = processes.openProcess(child.pid);
      // What is opened at the first use is open from here on.
      const waiting = processes.waitForExit(child.pid);
      // Node, too, starts the threads of its pool when it first needs them.
      await Promise.all(Array.from({ length: 8 }, () => fs.promises.readFile('/proc/self/stat')));
      const state = (): unknown => [
        signalState(),
        processes.children(),
        descriptors().length,
        processes.getpgrp(),
        processes.getsid(),
        processes.getpgid(child.pid),
        processes.isChildSubreaper(),
      ];
      const before = state();

      const fails = async (call: () => unknown, code: string, argument: string): Promise<void> => {
        await assert.rejects(
          async () => call(),
          {
            code,
            message: new RegExp(`"${argument.replace(/[[\].]/g, '\\$&')}"`),
            name: code === 'ERR_OUT_OF_RANGE' ? 'RangeError' : 'TypeError',
          },
          String(call),
        );
        assert.deepEqual(state(), before, `${String(call)} has left something behind`);
      };
      type Call = (value: unknown) => unknown;
      const all = async (values: readonly unknown[], code: string, argument: string, call: Call): Promise<void> => {
        for (const value of values) {
          const described = Object.assign(() => call(value), { toString: () => `${String(call)} of ${typeof value}` });
          await fails(described, code, argument);
        }
      };
      const typed = (values: readonly unknown[], argument: string, call: Call): Promise<void> =>
        all(values, 'ERR_INVALID_ARG_TYPE', argument, call);
      const ranged = (values: readonly unknown[], argument: string, call: Call): Promise<void> =>
        all(values, 'ERR_OUT_OF_RANGE', argument, call);

      const notNumbers = [null, true, '1', 1n, {}, [1], Symbol('s'), () => {}];
      const notIntegers = [1.5, NaN, Infinity, -Infinity];
      const tooLarge = [2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];
      const noSignals = [-1, 65, 1.5, NaN, 'SIGFOO', 'sigterm', 'TERM', '', 'SIGRTMIN+99'];
      const notSignals = [null, true, {}, [15], 15n, Symbol('s'), () => {}];

      // Ids, from 0 on.
      const fromZero: readonly (readonly [string, Call])[] = [
        ['pid', (value) => api.setpgid(value, 0)],
        ['pgid', (value) => api.setpgid(0, value)],
        ['pid', (value) => api.getpgid(value)],
        ['pid', (value) => api.getsid(value)],
        ['fd', (value) => api.tcgetpgrp(value)],
        ['fd', (value) => api.tcsetpgrp(value, 1)],
      ];
      for (const [argument, call] of fromZero) {
        await typed(notNumbers, argument, call);
        await ranged([...notIntegers, ...tooLarge, -1], argument, call);
      }
      for (const name of ['tcgetpgrp', 'tcsetpgrp']) await typed([undefined], 'fd', (value) => api[name](value, 1));
      await typed([undefined], 'pid', (value) => api.setpgid(value, 0));
      await typed([undefined], 'pgid', (value) => api.setpgid(0, value));
      // Ids of somebody.
      const fromOne: readonly (readonly [string, Call])[] = [
        ['pgid', (value) => api.tcsetpgrp(0, value)],
        ['pid', (value) => api.openProcess(value)],
        ['pid', (value) => api.waitForExit(value)],
        ['pid', (value) => api.children(value)],
        ['pid', (value) => api.descendants(value)],
        ['pid', (value) => api.terminateTree(value)],
      ];
      for (const [argument, call] of fromOne) {
        await typed(notNumbers, argument, call);
        await ranged([...notIntegers, ...tooLarge, -1, 0], argument, call);
      }
      for (const name of ['openProcess', 'waitForExit', 'terminateTree'])
        await typed([undefined], 'pid', (value) => api[name](value));
      await typed([...notNumbers, undefined], 'pgid', (value) => api.terminateGroup(value));
      await ranged([...notIntegers, ...tooLarge, -1, 1], 'pgid', (value) => api.terminateGroup(value));
      await typed([...notNumbers, undefined], 'pid', (value) => api.waitpid(value));
      await ranged([...notIntegers, ...tooLarge, -(2 ** 31)], 'pid', (value) => api.waitpid(value));
      await typed([...notNumbers, undefined], 'status', (value) => api.decodeWaitStatus(value));
      await ranged([...notIntegers, ...tooLarge, -1], 'status', (value) => api.decodeWaitStatus(value));

      await typed([null, 1, 'on', {}], 'on', (value) => api.setChildSubreaper(value));
      await typed([...notSignals, undefined], 'sig', (value) => api.setParentDeathSignal(value));
      await ranged(noSignals, 'sig', (value) => api.setParentDeathSignal(value));

      // Signals that are sent; 0 asks only.
      for (const target of [child, handle] as readonly { kill(sig: unknown, value?: unknown): boolean }[]) {
        await typed(notSignals, 'sig', (value) => target.kill(value));
        await ranged(noSignals, 'sig', (value) => target.kill(value));
        await typed([null, '1', true, {}], 'value', (value) => target.kill('SIGRTMIN', value));
        await ranged([1.5, NaN, 2 ** 31, -(2 ** 31) - 1, 2n ** 64n], 'value', (value) =>
          target.kill('SIGRTMIN', value),
        );
      }

      // Options.
      const notOptions = [null, 1, 'x', true, () => {}];
      const optional: Record<string, Call> = {
        waitpid: (options) => api.waitpid(-1, options),
        waitForExit: (options) => api.waitForExit(child.pid, options),
        spawn: (options) => api.spawn('true', [], options),
        terminateGroup: (options) => api.terminateGroup(child.pid, options),
        terminateTree: (options) => api.terminateTree(child.pid, options),
        reapOrphans: (options) => api.reapOrphans(options),
      };
      for (const call of Object.values(optional)) await typed(notOptions, 'options', call);
      const option = (name: string, key: string): readonly [string, Call] => [
        `options.${key}`,
        (value) => optional[name]?.({ [key]: value }),
      ];
      for (const key of ['untraced', 'continued']) await typed([null, 1, 'yes'], ...option('waitpid', key));
      for (const name of ['waitForExit', 'spawn', 'terminateGroup', 'terminateTree', 'reapOrphans'])
        await typed([null, 1, 'abort', {}, new AbortController()], ...option(name, 'signal'));
      for (const name of ['terminateGroup', 'terminateTree']) {
        await typed(notSignals, ...option(name, 'sig'));
        await ranged([...noSignals, 0, 'SIGSTOP'], ...option(name, 'sig'));
      }
      for (const name of ['terminateGroup', 'terminateTree', 'reapOrphans']) {
        await typed([null, '1', 1n], ...option(name, 'graceMs'));
        await ranged([-1, NaN, -Infinity], ...option(name, 'graceMs'));
      }
      await typed([null, '1', 1n], ...option('reapOrphans', 'capacity'));
      await ranged([0, -1, 1.5, NaN, 2 ** 24 + 1], ...option('reapOrphans', 'capacity'));

      // spawn: the file and its arguments.
      const notTexts = [null, 1, true, {}, [], Symbol('s')];
      await typed([...notTexts, undefined], 'file', (value) => api.spawn(value));
      await ranged(['', 'a\0b', '\0'], 'file', (value) => api.spawn(value));
      await typed([null, 1, 'x', {}, new Set(['x']), () => {}], 'args', (value) => api.spawn('true', value));
      await typed([...notTexts, undefined], 'args[1]', (value) => api.spawn('true', ['x', value]));
      await ranged(['a\0b'], 'args[1]', (value) => api.spawn('true', ['x', value]));

      // spawn: its options.
      await typed([null, '1', {}, 1n], ...option('spawn', 'processGroup'));
      await ranged([...notIntegers, ...tooLarge, -1], ...option('spawn', 'processGroup'));
      await typed([null, 1, 'yes'], ...option('spawn', 'session'));
      await typed([null, '1', {}, 1n], ...option('spawn', 'foreground'));
      await ranged([...notIntegers, ...tooLarge, -1], ...option('spawn', 'foreground'));
      for (const key of ['signalMask', 'defaultSignals', 'ignoreSignals']) {
        const [argument, call] = option('spawn', key);
        await typed([null, true, {}, 15n, Symbol('s')], argument, call);
        await ranged([...noSignals, 0], argument, call);
        const inList = async (values: readonly unknown[], check: typeof typed): Promise<void> =>
          check(values, `${argument}[]`, (value) => call(['SIGTERM', value]));
        await inList([...notSignals, undefined], typed);
        await inList([...noSignals, 0], ranged);
      }
      await ranged(['SIGKILL', 'SIGSTOP', ['SIGTERM', 9], new Set([19])], ...option('spawn', 'ignoreSignals'));
      for (const key of ['signalMask', 'ignoreSignals']) await ranged(['all'], ...option('spawn', key));
      await typed(notSignals, ...option('spawn', 'parentDeathSignal'));
      await ranged([...noSignals, 0], ...option('spawn', 'parentDeathSignal'));
      await typed([null, 1, {}, true], ...option('spawn', 'cwd'));
      await ranged(['a\0b'], ...option('spawn', 'cwd'));
      await typed([null, 1, 'A=1', true], ...option('spawn', 'env'));
      await typed([null, 1, {}, true], 'options.env.A', (value) => api.spawn('true', [], { env: { A: value } }));
      await ranged(['a\0b'], 'options.env.A', (value) => api.spawn('true', [], { env: { A: value } }));
      for (const name of ['', 'A=B', 'A\0B'])
        await assert.rejects(async () => api.spawn('true', [], { env: { [name]: 'x' } }), { code: 'ERR_OUT_OF_RANGE' });
      await typed([null, 1, {}, true], ...option('spawn', 'argv0'));
      await ranged(['a\0b'], ...option('spawn', 'argv0'));
      for (const key of ['uid', 'gid']) {
        await typed([null, '1', {}, 1n], ...option('spawn', key));
        await ranged([...notIntegers, -1, 2 ** 32 - 1, 2 ** 32], ...option('spawn', key));
      }
      await typed([null, 1, '1', {}, new Set([1])], ...option('spawn', 'groups'));
      await typed([null, '1', undefined], 'options.groups[1]', (value) =>
        api.spawn('true', [], { groups: [1, value] }),
      );
      await ranged([-1, 1.5, 2 ** 32 - 1], 'options.groups[1]', (value) =>
        api.spawn('true', [], { groups: [1, value] }),
      );

      await typed([true, {}, 1n, Symbol('s'), () => {}, { fd: null }, { fd: -1 }], ...option('spawn', 'stdio'));
      await ranged(['', 'pipes', 'overlapped', 'ipc'], ...option('spawn', 'stdio'));
      for (const place of [0, 1, 2, 3, 7]) {
        const at = (value: unknown): unknown =>
          api.spawn('true', [], { stdio: Object.assign(Array(place), { [place]: value }) });
        const argument = `options.stdio[${place}]`;
        await typed([true, {}, 1n, Symbol('s'), () => {}, [], { fd: null }, { fd: '1' }], argument, at);
        await ranged(['', 'pipes', 'ipc', -1, 1.5, NaN, 2 ** 31], argument, at);
      }
      const destroyed = fs.createReadStream('/dev/null').destroy();
      await new Promise<void>((resolve) => destroyed.once('close', () => resolve()));
      await typed([destroyed], 'options.stdio[1]', (value) => api.spawn('true', [], { stdio: ['pipe', value] }));

      child.kill('SIGKILL');
      assert.equal((await waiting)?.raw, 9);
      handle.close();
    }));

  it('so is a hole in a list, and a folder as a URL that no path can stand for', () =>
    scenario(({ processes }) => {
      // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
      const { spawn } = processes as any;
      const holes = Array(2);
      const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
      assert.throws(() => spawn('true', holes), { ...type, message: /"args\[0\]"/ });
      assert.throws(() => spawn('true', [], { groups: holes }), { ...type, message: /"options\.groups\[0\]"/ });
      assert.throws(() => spawn('true', [], { cwd: new URL('file:///tmp/%00x') }), {
        name: 'RangeError',
        code: 'ERR_OUT_OF_RANGE',
        message: /"options\.cwd"/,
      });
      assert.throws(() => spawn('true', [], { cwd: new URL('https://localhost/tmp') }), { name: 'TypeError' });
      assert.deepEqual(processes.children(), []);
    }));

  it('a method borrowed onto a foreign object says so', () =>
    scenario(async ({ processes }) => {
      const child = processes.spawn('sleep', ['100'], { stdio: 'ignore' });
      const handle = processes.openProcess(child.pid);
      const error = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /"this"/ };
      for (const [object, methods, getters] of [
        [child, ['kill', 'ref', 'unref', Symbol.asyncIterator, Symbol.asyncDispose], []],
        [handle, ['kill', 'close', Symbol.dispose], ['closed', 'exited']],
      ] as const) {
        const prototype = Object.getPrototypeOf(object) as Record<string | symbol, (this: unknown) => unknown>;
        const other = object === child ? handle : child;
        for (const foreign of [{}, null, undefined, 7, Object.create(prototype), other, new Proxy(object, {})]) {
          for (const name of methods)
            await assert.rejects(
              async () => prototype[name]?.call(foreign),
              error,
              `${String(name)} of ${typeof foreign}`,
            );
          for (const name of getters)
            assert.throws(() => Reflect.getOwnPropertyDescriptor(prototype, name)?.get?.call(foreign), error, name);
        }
        const Borrowed = object.constructor as new (...given: readonly unknown[]) => unknown;
        assert.throws(() => new Borrowed(), { code: 'ERR_INVALID_ARG_TYPE' });
        assert.throws(() => new Borrowed(Symbol('constructing'), {}, 1, -1, []), { code: 'ERR_INVALID_ARG_TYPE' });
      }
      assert.equal(child.kill(0), true);
      handle.close();
      child.kill('SIGKILL');
      assert.equal((await child.exited).raw, 9);
    }));

  it('what throws while it is read is thrown on, and nothing is started', () =>
    scenario(({ processes, descriptors }) => {
      const before = descriptors().length;
      const thrown = new Error('thrown by a getter');
      const throwing = {
        get(): never {
          throw thrown;
        },
      };
      const keys = ['processGroup', 'signalMask', 'stdio', 'cwd', 'env', 'argv0', 'uid', 'groups', 'signal'];
      for (const key of keys) {
        const options = Object.defineProperty({}, key, throwing);
        assert.throws(() => processes.spawn('true', [], options), thrown, key);
      }
      const signals = {
        *[Symbol.iterator](): Generator<'SIGTERM'> {
          yield 'SIGTERM';
          throw thrown;
        },
      };
      assert.throws(() => processes.spawn('true', [], { signalMask: signals }), thrown);
      const env = Object.defineProperty({}, 'A', { ...throwing, enumerable: true });
      assert.throws(() => processes.spawn('true', [], { env }), thrown);
      assert.deepEqual(processes.children(), []);
      assert.equal(descriptors().length, before);
    }));
});

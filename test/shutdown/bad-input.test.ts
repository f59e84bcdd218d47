import assert from 'node:assert/strict';

import { scenario } from '../support/scenario.js';

describe('bad input to sigkit/shutdown', () => {
  it('each argument, wrong in type, range or value, is an error that names it, and changes nothing', () =>
    scenario(async ({ shutdown, signalState, descriptors, processes }) => {
      const state = (): unknown => [signalState(), descriptors(), process.eventNames()];
      type Call = (value: unknown) => unknown;
      const refused = (values: readonly unknown[], code: string, argument: string, call: Call): void => {
        const name = code === 'ERR_OUT_OF_RANGE' ? 'RangeError' : 'TypeError';
        const message = new RegExp(`"${argument.replace(/[[\].]/g, String.raw`\$&`)}"`);
        for (const value of values) {
          const before = state();
          assert.throws(() => call(value), { name, code, message }, String(value));
          assert.deepEqual(state(), before, `${argument} ${String(value)} has left something behind`);
        }
      };
      const wrongType = (values: readonly unknown[], argument: string, call: Call): void =>
        refused(values, 'ERR_INVALID_ARG_TYPE', argument, call);
      const outOfRange = (values: readonly unknown[], argument: string, call: Call): void =>
        refused(values, 'ERR_OUT_OF_RANGE', argument, call);
      // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
      const { createShutdown } = shutdown as any;
      createShutdown().close();
      await Promise.resolve();

      wrongType([null, 1, 'x', true], 'options', (value) => createShutdown(value));
      wrongType([true, null, {}, 1n], 'options.sigs', (sigs) => createShutdown({ sigs }));
      outOfRange(['all', 'SIGFOO', 0, 65], 'options.sigs', (sigs) => createShutdown({ sigs }));
      for (const sigs of ['SIGKILL', ['SIGTERM', 'SIGSEGV']])
        assert.throws(() => createShutdown({ sigs }), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
      for (const exit of [null, 'code'])
        assert.throws(() => createShutdown({ exit }), { message: /one of 'signal', 'zero', 'none', or an exit code/ });
      for (const key of ['budgetMs', 'drainDelayMs']) {
        wrongType(['1', null, 1n, {}], `options.${key}`, (value) => createShutdown({ [key]: value }));
        outOfRange([-1, 1.5, NaN, Infinity, 2 ** 31], `options.${key}`, (value) => createShutdown({ [key]: value }));
      }
      wrongType(['1', null, 1n, {}], 'options.reserveMs', (reserveMs) => createShutdown({ reserveMs }));
      outOfRange([-1, 1.5, NaN, 51], 'options.reserveMs', (reserveMs) => createShutdown({ budgetMs: 100, reserveMs }));
      wrongType([null, 1, {}, 'x'], 'options.report', (report) => createShutdown({ report }));
      outOfRange([0], 'options.budgetMs', (budgetMs) => createShutdown({ budgetMs }));
      wrongType([true, null, 1], 'options.second', (second) => createShutdown({ second }));
      outOfRange(['wait', ''], 'options.second', (second) => createShutdown({ second }));
      wrongType([true, null, {}, 1n], 'options.exit', (exit) => createShutdown({ exit }));
      wrongType([true, null, {}, 'x'], 'options.notifier', (notifier) => createShutdown({ notifier }));
      outOfRange(['SIGTERM', '', -1, 256, 1.5, NaN], 'options.exit', (exit) => createShutdown({ exit }));

      const ending = createShutdown({ exit: 'none' });
      const nothing = (): void => {};
      for (const call of [(name: unknown) => ending.stage(name), (name: unknown) => ending.add(name, nothing)]) {
        wrongType([undefined, null, 1, {}, Symbol('x')], 'name', call);
        outOfRange(['', 'two\nlines', '\u{1b}[31m'], 'name', call);
      }
      wrongType([null, 1, 'x'], 'options', (options) => ending.stage('drain', options));
      wrongType([null, '1', 1n], 'options.timeoutMs', (timeoutMs) => ending.stage('drain', { timeoutMs }));
      outOfRange([-1, NaN], 'options.timeoutMs', (timeoutMs) => ending.stage('drain', { timeoutMs }));
      wrongType([null, 1, {}], 'options.onTimeout', (onTimeout) => ending.stage('drain', { onTimeout }));
      outOfRange(['stop', ''], 'options.onTimeout', (onTimeout) => ending.stage('drain', { onTimeout }));
      wrongType([null, 1, 'yes'], 'options.parallel', (parallel) => ending.stage('drain', { parallel }));
      wrongType([null, 1, 'yes'], 'options.expected', (expected) => ending.stage('drain', { expected }));
      wrongType([null, 1, 'yes'], 'options.expected', (expected) => ending.add('hook', nothing, { expected }));
      wrongType([null, 1], 'options.after', (after) => ending.stage('new', { after }));
      outOfRange(['', 'nothing'], 'options.after', (after) => ending.stage('new', { after }));
      outOfRange(['flush', 'drain'], 'options.after', (after) => ending.stage('drain', { after }));

      wrongType([undefined, null, 1, 'x'], 'hook', (hook) => ending.add('new', hook));
      wrongType([null, 1, {}], 'hook["drain"]', (drain) => ending.add('new', { flush: nothing, drain }));
      outOfRange([{}, [], Promise.resolve()], 'hook', (hook) => ending.add('new', hook));
      outOfRange([{ nothing }, { drain: nothing, close: nothing }], 'a key of hook', (hook) => ending.add('new', hook));
      outOfRange([{ drain: nothing, '': nothing }], 'a key of hook', (hook) => ending.add('new', hook));
      wrongType([null, 1, 'x'], 'options', (options) => ending.add('new', nothing, options));
      wrongType([null, 1, {}], 'options.stage', (stage) => ending.add('new', nothing, { stage }));
      outOfRange(['', 'nothing'], 'options.stage', (stage) => ending.add('new', nothing, { stage }));
      outOfRange(['drain'], 'options.stage', (stage) => ending.add('new', { drain: nothing }, { stage }));
      wrongType([null, 1, {}, new Set(['x'])], 'options.dependsOn', (dependsOn) =>
        ending.add('new', nothing, { dependsOn }),
      );
      wrongType([[1], [null]], 'options.dependsOn[]', (dependsOn) => ending.add('new', nothing, { dependsOn }));
      outOfRange(['nobody', ['nobody']], 'options.dependsOn', (dependsOn) => ending.add('new', nothing, { dependsOn }));
      wrongType([null, '1', 1n], 'options.timeoutMs', (timeoutMs) => ending.add('new', nothing, { timeoutMs }));
      outOfRange([-1, NaN], 'options.timeoutMs', (timeoutMs) => ending.add('new', nothing, { timeoutMs }));
      assert.equal(ending.remove('new'), false);
      ending.add('new', nothing);
      outOfRange(['new'], 'name', (name) => ending.add(name, nothing));
      assert.equal(ending.remove(undefined), false);

      for (const call of [(pgid: unknown) => ending.addGroup(pgid), (pgid: unknown) => ending.removeGroup(pgid)]) {
        wrongType([undefined, null, '2', 2n], 'pgid', call);
        outOfRange([-2, 0, 1, 1.5, NaN, 2 ** 31], 'pgid', call);
      }
      outOfRange([processes.getpgrp()], 'pgid', (pgid) => ending.addGroup(pgid));
      // Nobody reaps them before the next turn of the loop.
      const groups = Array.from({ length: 257 }, () => processes.spawn('true', [], { processGroup: true }).pid);
      const last = groups.pop() ?? 0;
      for (const group of groups) ending.addGroup(group);
      assert.throws(() => ending.addGroup(last), { code: 'ENOSPC', syscall: 'addGroup' });
      for (const group of groups) ending.removeGroup(group);
      ending.addGroup(last);
      // Nobody has these numbers: they take no room.
      for (let added = 0; added < 300; added += 1) ending.addGroup(5_000_000 + added);

      const hook = ({ extend }: { readonly extend: Call }): void => {
        wrongType([undefined, null, '1', 1n], 'ms', extend);
        outOfRange([-1, NaN, Infinity, 2 ** 31], 'ms', extend);
      };
      ending.add('extends', hook);
      const { hooks } = await ending.shutdown();
      assert.deepEqual(
        hooks.filter((each: { readonly outcome: string }) => each.outcome !== 'done'),
        [],
      );
    }));

  it('a method borrowed onto a foreign object is a TypeError', () =>
    scenario(({ shutdown }) => {
      const ending = shutdown.createShutdown();
      const prototype = Object.getPrototypeOf(ending) as Record<string, (this: unknown) => unknown>;
      for (const foreign of [{}, null, undefined, Object.create(prototype)]) {
        for (const name of ['stage', 'add', 'remove', 'shutdown', 'transitions', 'addGroup', 'removeGroup', 'close'])
          assert.throws(() => prototype[name]?.call(foreign), { name: 'TypeError' }, name);
      }
      ending.close();
    }));
});

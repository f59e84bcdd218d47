import assert from 'node:assert/strict';

import { withProbe } from '../support/probe.js';
import { scenario } from '../support/scenario.js';
import { describeTransports } from '../support/transport.js';

describeTransports('listeners of process.on, of a claimed signal', () => {
  it('run as without the claim: in the context of who listened first, as that resource, with name and number', () =>
    scenario(async ({ sigkit, timers, until }) => {
      const { AsyncLocalStorage, executionAsyncId, executionAsyncResource, triggerAsyncId } =
        process.getBuiltinModule('node:async_hooks');
      const store = new AsyncLocalStorage<string>();
      const names = ['SIGUSR2', 'SIGIO', 'SIGPOLL', 'SIGHUP'] as const;
      let heard: unknown[] = [];
      const listener =
        (which: string) =>
        (...given: unknown[]): void => {
          const { constructor } = executionAsyncResource() as { constructor: { name: string } };
          heard.push([which, given, store.getStore(), constructor.name, executionAsyncId(), triggerAsyncId()]);
        };
      for (const context of ['first', 'second'])
        for (const name of names) store.run(context, () => process.on(name, listener(`${context} ${name}`)));
      store.run('third', () => process.prependOnceListener('SIGHUP', () => {}));
      const heardOfAll = async (): Promise<unknown[]> => {
        heard = [];
        for (const name of ['SIGUSR2', 'SIGIO', 'SIGHUP'] as const) {
          const wanted = heard.length + (name === 'SIGIO' ? 4 : 2);
          sigkit.kill(process.pid, name);
          await until(() => heard.length >= wanted, `${name} is heard`);
        }
        await timers.setTimeout(0);
        return heard;
      };
      const alive = setInterval(() => {}, 1000);
      const without = await heardOfAll();
      assert.equal(without.length, 8);
      assert.deepEqual(
        without.map((entry) => (entry as unknown[])[2]),
        Array(8).fill('first'),
      );
      const stream = store.run('claim', () => sigkit.signals([...names]));
      assert.deepEqual((await store.run('sender', heardOfAll)).sort(), without.sort());
      stream.close();
      assert.deepEqual((await heardOfAll()).sort(), without.sort());
      // A new listener where there was none is a new context.
      process.removeAllListeners('SIGUSR2');
      const again = sigkit.signals('SIGUSR2');
      store.run('later', () => process.on('SIGUSR2', listener('later')));
      heard = [];
      sigkit.kill(process.pid, 'SIGUSR2');
      await until(() => heard.length > 0, 'it is heard by the new one');
      assert.deepEqual(
        heard.map((entry) => (entry as unknown[]).slice(0, 4)),
        [['later', ['SIGUSR2', 12], 'later', 'Signal']],
      );
      again.close();
      clearInterval(alive);
    }));

  it('see the claim in process.listeners and listenerCount while they run, and nobody sees it anywhere else', () =>
    scenario(async ({ sigkit, events, until }) => {
      const names = ['SIGIO', 'SIGPOLL', 'SIGUSR2'] as const;
      const seen: number[][] = [];
      const comings: unknown[] = [];
      const shape = (): unknown => [
        ...names.map((name) => [process.listenerCount(name), process.listeners(name).length]),
        Object.hasOwn(process, 'listeners'),
        Object.hasOwn(process, 'listenerCount'),
        process.eventNames().length,
      ];
      const look = (name: NodeJS.Signals): void => {
        const counts = [process.listenerCount(name), process.rawListeners(name).length];
        seen.push([process.listeners(name).length, events.getEventListeners(process, name).length, ...counts]);
        assert.equal(process.listeners('SIGUSR2').length, 1);
        assert.equal(events.EventEmitter.prototype.listeners.call(process, name).length, 1);
        assert.equal(process.listeners('exit').length, process.listenerCount('exit'));
        assert.equal(events.EventEmitter.prototype.listenerCount.call(process, name), 1);
        assert.ok(!Object.keys(process).some((key) => key.startsWith('listener')));
      };
      process.on('SIGIO', look);
      process.on('SIGPOLL', look);
      process.on('SIGUSR2', () => {});
      process.on('newListener', (name) => comings.push(name));
      process.on('removeListener', (name) => comings.push(name));
      const before = shape();
      const stream = sigkit.signals('SIGIO');
      assert.deepEqual(shape(), before);
      sigkit.kill(process.pid, 'SIGIO');
      await until(() => seen.length === 2, 'both names are heard');
      assert.deepEqual(seen, [
        [2, 2, 2, 1],
        [2, 2, 2, 1],
      ]);
      assert.deepEqual(shape(), before);
      stream.close();
      assert.deepEqual([shape(), comings], [before, ['removeListener']]);
    }));

  it('may have changed process.listeners: what they put there stays, and what stood there comes back', () =>
    scenario(async ({ sigkit, until }) => {
      const stream = sigkit.signals('SIGUSR2');
      type Listeners = (this: NodeJS.Process, name: string) => unknown[];
      const current = (): Listeners => Reflect.get(process, 'listeners') as Listeners;
      const call = current();
      let heard = 0;
      const hear = async (): Promise<void> => {
        const wanted = heard + 1;
        sigkit.kill(process.pid, 'SIGUSR2');
        await until(() => heard === wanted, 'it is heard');
      };
      const counts: number[] = [];
      process.on('SIGUSR2', () => {
        counts.push(process.listeners('SIGUSR2').length);
        heard += 1;
      });
      const others = function (this: NodeJS.Process, name: string): unknown[] {
        return call.call(this, name);
      };
      Object.defineProperty(process, 'listeners', { value: others, configurable: true, enumerable: true });
      const descriptor = Object.getOwnPropertyDescriptor(process, 'listeners');
      await hear();
      assert.deepEqual(Object.getOwnPropertyDescriptor(process, 'listeners'), descriptor);
      // One that is put there meanwhile, on top of what stands there then.
      process.prependOnceListener('SIGUSR2', () => {
        const under = current();
        Object.defineProperty(process, 'listeners', {
          value: (name: string) => under.call(process, name),
          configurable: true,
        });
      });
      await hear();
      assert.notEqual(Object.getOwnPropertyDescriptor(process, 'listeners')?.value, others);
      assert.equal(process.listeners('SIGUSR2').length, 1);
      await hear();
      Object.defineProperty(process, 'listeners', { value: others, configurable: false });
      await hear();
      assert.deepEqual(counts, [2, 2, 2, 1]);
      stream.close();
    }));

  it('that save the list and put it back leave no listener of ours', () =>
    scenario(
      async ({ sigkit, until }) => {
        const stream = sigkit.signals('SIGUSR2');
        let heard = 0;
        const listener = (): void => {
          heard += 1;
          const saved = process.listeners('SIGUSR2');
          process.removeAllListeners('SIGUSR2');
          for (const one of saved) process.on('SIGUSR2', one as () => void);
        };
        process.on('SIGUSR2', listener);
        sigkit.kill(process.pid, 'SIGUSR2');
        await until(() => heard === 1, 'it is heard');
        process.off('SIGUSR2', listener);
        process.once('SIGUSR2', () => (heard += 1));
        sigkit.kill(process.pid, 'SIGUSR2');
        await until(() => heard === 2, 'it is heard again');
        assert.equal(process.listenerCount('SIGUSR2'), 0);
        // The last one has gone while it ran: Node does not listen any more, and the default action is back.
        stream.close();
        setInterval(() => {}, 1000);
        process.kill(process.pid, 'SIGUSR2');
      },
      { signal: 'SIGUSR2' },
    ));

  it('of one name may throw: those of the other name of the signal, and the next signals, are heard', () =>
    scenario(async ({ sigkit, events, until }) => {
      const stream = sigkit.signals('SIGIO');
      let heard = 0;
      process.once('SIGIO', () => {
        throw new Error('from the listener');
      });
      process.on('SIGPOLL', () => (heard += 1));
      const thrown = events.once(process, 'uncaughtException');
      sigkit.kill(process.pid, 'SIGIO');
      assert.match(((await thrown) as [Error])[0].message, /from the listener/);
      await until(() => heard === 1, 'SIGPOLL is heard');
      assert.equal(Object.hasOwn(process, 'listeners'), false);
      sigkit.kill(process.pid, 'SIGIO');
      await until(() => heard === 2, 'SIGPOLL is heard again');
      stream.close();
    }));

  it('that come and go while they run are called as without the claim', () =>
    scenario(async ({ sigkit, until, timers }) => {
      const run = async (): Promise<string[]> => {
        const heard: string[] = [];
        const again = (): void => {
          heard.push('again');
          if (heard.length < 9) process.once('SIGUSR2', again);
        };
        process.once('SIGUSR2', again);
        for (let times = 1; times <= 3; times += 1) {
          sigkit.kill(process.pid, 'SIGUSR2');
          await until(() => heard.length >= times, 'it is heard');
          for (let turn = 0; turn < 5; turn += 1) await timers.setImmediate();
        }
        process.removeAllListeners('SIGUSR2');
        return heard;
      };
      const alive = setInterval(() => {}, 1000);
      const without = await run();
      const stream = sigkit.signals('SIGUSR2');
      assert.deepEqual([await run(), without], [without, ['again', 'again', 'again']]);
      stream.close();
      clearInterval(alive);
    }));

  withProbe();

  it("so is an addon's own uv_signal_t, on the loop of the main thread", () =>
    scenario(async ({ sigkit, until, openProbe }) => {
      const probe = openProbe();
      probe.watch('SIGUSR2');
      const stream = sigkit.signals('SIGUSR2');
      sigkit.kill(process.pid, 'SIGUSR2');
      await until(() => probe.watched('SIGUSR2') === 1, 'the addon hears');
      const exclusive = sigkit.signals('SIGUSR2', { exclusive: true });
      sigkit.kill(process.pid, 'SIGUSR2');
      assert.equal((await exclusive.next()).value?.signal, 'SIGUSR2');
      exclusive.close();
      sigkit.kill(process.pid, 'SIGUSR2');
      await until(() => probe.watched('SIGUSR2') === 2, 'the addon hears again, and not in between');
      stream.close();
      probe.unwatch('SIGUSR2');
    }));
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { takers } from './fixtures/takers-of-options.js';
import { scenario } from './support/scenario.js';

type Takers = typeof import('./fixtures/takers-of-options.js');

const lib = fileURLToPath(new URL('../../lib', import.meta.url));

/** The functions and methods with a parameter `options`, as the source has them. */
function inTheSource(): string[] {
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const text = files.map((name) => readFileSync(path.join(lib, name), 'utf8')).join('\n');
  const functions = text.matchAll(/^export (?:async )?function (\w+)(?:<[^(]*>)?\([^)]*\boptions\??: \w+Options\b/gm);
  const methods = text.matchAll(/^ {2}(?:async )?(\w+)\([^)]*\boptions\?: \w+Options\b/gm);
  return [...new Set([...functions, ...methods].map(([, name]) => name ?? ''))].sort();
}

describe('options of every function', () => {
  it('are all looked at here', () => {
    const own = ['toRequest', 'toSettings', 'readOptions', 'readWish'];
    assert.deepEqual(
      Object.keys(takers).sort(),
      inTheSource().filter((name) => !own.includes(name)),
    );
  });

  it('are refused if they are unknown, by their name, and nothing is done', () =>
    scenario(async ({ importCopy, processes, signalState }) => {
      const { takers } = (await importCopy('./takers-of-options.js')) as unknown as Takers;
      // Node's own threads may come and go.
      const states = (): string[] => [...new Set(signalState())].sort();
      const before = states();
      for (const [name, { call, needed }] of Object.entries(takers)) {
        for (const [unknown, value] of [
          ['nonsense', 1],
          ['serialization', false],
          ['__proto__', null],
        ] as const) {
          const options = Object.defineProperty({ ...needed }, unknown, { value, enumerable: true });
          const message = new RegExp(`^Unknown option "options\\.${unknown}"\\. `);
          const error = { name: 'TypeError', code: 'ERR_SIGKIT_UNKNOWN_OPTION', message };
          await assert.rejects(async () => call(options), error, name);
        }
        assert.deepEqual(states(), before, name);
      }
      assert.deepEqual(processes.children(), []);
    }));

  it('are taken from a class, a prototype, an object without one, and another realm', () =>
    scenario(async ({ importCopy }) => {
      const { takers } = (await importCopy('./takers-of-options.js')) as unknown as Takers;
      const { runInNewContext } = process.getBuiltinModule('node:vm');
      for (const [name, { call, needed, option, code = 'ERR_INVALID_ARG_TYPE' }] of Object.entries(takers)) {
        // Taken, it is refused.
        const wrong = { ...needed, [option]: 'wrong' };
        class Inherited {
          get [option](): string {
            return 'wrong';
          }
          method(): void {}
        }
        const foreign = runInNewContext('(given) => Object.assign(Object.create({}), given)') as (
          given: object,
        ) => object;
        for (const options of [
          Object.assign(new Inherited(), needed),
          Object.create(wrong),
          Object.assign(Object.create(null), wrong),
          foreign(wrong),
        ]) {
          const error = { code, message: new RegExp(`"options\\.${option}"`) };
          await assert.rejects(async () => call(options), error, name);
        }
      }
    }));

  it('are not taken from Object.prototype', () =>
    scenario(async ({ importCopy }) => {
      const { takers } = (await importCopy('./takers-of-options.js')) as unknown as Takers;
      const unaffected = async (taker: Takers['takers'][string], options: object | undefined): Promise<void> => {
        try {
          const made: unknown = await taker.call(options);
          await taker.undo?.(made);
        } catch (error) {
          assert.match(String((error as NodeJS.ErrnoException).code), /^(ESRCH|ECHILD)$/);
        }
      };
      const namesOf = async ({ call, needed }: Takers['takers'][string]): Promise<string[]> => {
        const error: unknown = await Promise.resolve()
          .then(() => call({ ...needed, '?': 1 }))
          .catch((thrown: unknown) => thrown);
        return (/There (?:is|are): (.*)$/.exec((error as Error).message)?.[1] ?? assert.fail(String(error))).split(
          ', ',
        );
      };
      for (const [name, taker] of Object.entries(takers)) {
        const names = await namesOf(taker);
        assert.ok(names.includes(taker.option), name);
        const reads: string[] = [];
        for (const option of names) {
          Object.defineProperty(Object.prototype, option, {
            configurable: true,
            enumerable: true,
            get() {
              // What Node reads of its own objects is Node's.
              const [, , ...callers] = new Error('read').stack?.split('\n') ?? [];
              const reader = callers.find((line) => !line.includes('(<anonymous>)')) ?? '';
              if (reader.includes('/dist/package/')) reads.push(`${option} ${reader.trim()}`);
              return undefined;
            },
            set(value: unknown) {
              Object.defineProperty(this, option, { value, configurable: true, enumerable: true, writable: true });
            },
          });
        }
        const given = taker.needed === undefined ? [undefined, {}] : [{ ...taker.needed }];
        for (const options of given) await unaffected(taker, options);
        for (const option of names) Reflect.deleteProperty(Object.prototype, option);
        assert.deepEqual(reads, [], name);
      }
    }));

  it('of spawn, and the environment, are as without a polluted Object.prototype', () =>
    scenario(async ({ processes, childProcess }) => {
      const shown = async (env?: NodeJS.ProcessEnv): Promise<string> => {
        const command = 'echo "$0" $(id -u) $(id -g) $(id -G) $PWD; env; ls -l /proc/self/fd/0; exit 7';
        const options = env === undefined ? {} : { env };
        const child = processes.spawn('/bin/sh', ['-c', command], options);
        let text = '';
        for await (const part of child.stdout ?? assert.fail('no pipe')) text += String(part);
        assert.equal((await child.exited).exitCode, 7);
        return text.replace(/^.* -> pipe:.*$/m, 'a pipe').replace(/^_=.*$/m, '');
      };
      const inherited = (): NodeJS.ProcessEnv =>
        Object.create(Object.assign(Object.create(null), { PATH: process.env['PATH'], OF_PROTOTYPE: '1' }));
      const nodes = childProcess.execFileSync('env', { env: inherited(), encoding: 'utf8' });
      assert.match(nodes, /^OF_PROTOTYPE=1$/m);
      const before = [await shown(), await shown(inherited()), await shown({})];
      assert.match(before[1] ?? '', /^OF_PROTOTYPE=1$/m);
      const pollution = {
        env: { POLLUTED: '1' },
        POLLUTED: '1',
        PATH: '/nowhere',
        uid: 4711,
        gid: 4711,
        groups: [4711],
        cwd: '/usr',
        argv0: 'polluted',
        stdio: 'inherit',
        shell: true,
      };
      Object.assign(Object.prototype, pollution);
      const after = [await shown(), await shown(inherited()), await shown({})];
      // Found without a PATH, as by execvp(3).
      const found = processes.spawn('true', [], { env: {} });
      const { exitCode } = await found.exited;
      for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
      assert.deepEqual(after, before);
      assert.equal(exitCode, 0);
    }));

  it('of child_process are refused by spawn with what does that here', () =>
    scenario(({ processes }) => {
      for (const [name, hint] of Object.entries({
        shell: "For a shell, start one: spawn('/bin/sh', ['-c', command])",
        timeout: 'To end the child after a time: signal: AbortSignal.timeout(ms)',
        killSignal: 'child.kill(sig)',
        detached: 'session: true',
        maxBuffer: 'read child.stdout',
        encoding: 'child.stdout.setEncoding(encoding)',
        input: 'child.stdin.end(input)',
        windowsHide: 'no windows here',
        windowsVerbatimArguments: 'no windows here',
        serialization: 'fork() of node:child_process',
        silent: 'fork() of node:child_process',
        execPath: 'process.execPath',
        execArgv: '[...execArgv, script]',
        argv: 'Did you mean "argv0"?',
        processgroup: 'Did you mean "processGroup"?',
        stido: 'Did you mean "stdio"?',
        nonsense: 'There are: processGroup, session, ',
      })) {
        assert.throws(
          () => processes.spawn('true', [], { [name]: 0 }),
          (thrown: Error) => {
            assert.equal((thrown as NodeJS.ErrnoException).code, 'ERR_SIGKIT_UNKNOWN_OPTION');
            assert.ok(thrown.message.startsWith(`Unknown option "options.${name}". `), thrown.message);
            assert.ok(thrown.message.includes(hint), thrown.message);
            return true;
          },
        );
      }
      assert.deepEqual(processes.children(), []);
    }));

  it('of systemd: neither a message nor the variables of a manager come from Object.prototype', () =>
    scenario(({ systemd }) => {
      const pollution = { NOTIFY_SOCKET: 'nonsense', LISTEN_PID: String(process.pid), LISTEN_FDS: '1', errno: 'wrong' };
      Object.assign(Object.prototype, pollution);
      const notifiers = [systemd.openNotifier(), systemd.openNotifier({ environment: {} })];
      const descriptors = [systemd.listenDescriptors(), systemd.listenDescriptors({ environment: {} })];
      const outcome = notifiers[1]?.notify({ ready: true });
      for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
      assert.deepEqual([descriptors, outcome], [[[], []], 'disabled']);
      for (const notifier of notifiers) assert.match(String(notifier.disabledBecause), /NOTIFY_SOCKET is not set/);
    }));
});

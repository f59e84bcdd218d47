import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { kill } from 'sigkit';

import { need, needNoSanitizer } from '../fixtures/process/means.js';
import { childOf } from '../support/processes.js';
import { commandFor, scenario } from '../support/scenario.js';
import { canUnshare } from '../support/init.js';
import { describeTransports } from '../support/transport.js';

const inNamespace = ['env', 'SIGKIT_DETECT_LEAKS=0', 'unshare', '-fp', '--mount-proc'];
const major = Number(process.versions.node.split('.')[0]);
const root = fileURLToPath(new URL('../../..', import.meta.url));
// The addon is read, and the modules of the scenario; nothing of /proc.
const restricted = [
  major < 22 ? '--experimental-permission' : '--permission',
  ...(process.allowedNodeEnvironmentFlags.has('--allow-addons') ? ['--allow-addons'] : []),
  `--allow-fs-read=${root}*`,
  '--no-warnings',
];

describeTransports('a wake-up', () => {
  for (const [how, nodeOptions] of [
    ['under --permission', restricted],
    ['where fs throws', []],
  ] as const)
    it(`delivers a batch with senders from inside and outside the namespace, ${how}`, async function () {
      need(this, canUnshare, 'a pid namespace');
      // Its own files are not among those that may be read.
      if (nodeOptions.length > 0) needNoSanitizer(this);
      const { command, args } = commandFor(
        async ({ sigkit }) => {
          const stream = sigkit.signals(['SIGHUP', 'SIGTERM', 'SIGRTMIN', 'SIGUSR2']);
          if (process.execArgv.length === 0)
            for (const name of ['readFileSync', 'readlinkSync', 'statSync'] as const)
              Object.assign(process.getBuiltinModule('fs'), {
                [name]: () => {
                  throw new Error('no fs here');
                },
              });
          const lines: string[] = [];
          process.stdout.write('ready\n');
          // All that is sent until then is one batch.
          await new Promise((resolve) => process.stdin.once('data', resolve));
          for (const value of [1, 2]) sigkit.sigqueue(process.pid, 'SIGRTMIN', value);
          for (let count = 0; count < 5; count += 1) {
            const { value } = await stream.next();
            lines.push([value?.signal, value?.origin, value?.pid === process.pid, value?.value].join(' '));
          }
          stream.close();
          process.stdin.destroy();
          process.stdout.write(`${lines.sort().join('\n')}\n`);
        },
        { wrapper: inNamespace, nodeOptions },
      );
      const outer = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      const ended = once(outer, 'exit');
      const timer = setTimeout(() => outer.kill('SIGKILL'), 30_000);
      const lines = createInterface({ input: outer.stdout })[Symbol.asyncIterator]();
      assert.equal((await lines.next()).value, 'ready');
      const inner = await childOf(outer.pid ?? 0);
      for (const signal of ['SIGHUP', 'SIGTERM', 'SIGUSR2'] as const) kill(inner, signal);
      outer.stdin.end('go\n');
      const told: unknown[] = [];
      for await (const line of lines) told.push(line);
      clearTimeout(timer);
      assert.deepEqual(told, [
        'SIGHUP outside-pid-namespace false ',
        'SIGRTMIN process true 1',
        'SIGRTMIN process true 2',
        'SIGTERM outside-pid-namespace false ',
        'SIGUSR2 outside-pid-namespace false ',
      ]);
      await ended;
    });

  it('delivers what can be read of a record, and all others', () =>
    scenario(async ({ sigkit }) => {
      const stream = sigkit.signals(['SIGRTMIN', 'SIGUSR2']);
      const reading = [stream.next(), stream.next(), stream.next()];
      // oxlint-disable-next-line typescript/unbound-method -- it is only put back
      const { getBigInt64 } = DataView.prototype;
      let calls = 0;
      DataView.prototype.getBigInt64 = function (...args) {
        calls += 1;
        if (calls === 1) throw new Error('not this one');
        return getBigInt64.apply(this, args);
      };
      for (const value of [1, 2]) sigkit.sigqueue(process.pid, 'SIGRTMIN', value);
      sigkit.kill(process.pid, 'SIGUSR2');
      const infos = (await Promise.all(reading)).map(({ value }) => value);
      assert.deepEqual(infos.map((info) => [info?.signal, info?.pid, info?.value64]).sort(), [
        ['SIGRTMIN', process.pid, undefined],
        ['SIGRTMIN', process.pid, 2n],
        ['SIGUSR2', process.pid, undefined],
      ]);
      stream.close();
    }));

  it('reaches every listener of process.on, whatever another one throws', () =>
    scenario(async ({ sigkit, until }) => {
      const called: string[] = [];
      const thrown: string[] = [];
      process.on('uncaughtException', ({ message }) => thrown.push(message));
      const names = ['SIGHUP', 'SIGUSR2', 'SIGWINCH', 'SIGTERM'] as const;
      for (const name of names)
        process.on(name, () => {
          called.push(name);
          throw new Error(name);
        });
      const stream = sigkit.signals(names);
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { signal } of stream) seen.push(signal);
      })();
      for (const name of names) sigkit.kill(process.pid, name);
      await until(() => called.length === names.length && seen.length === names.length, 'all have been delivered');
      await until(() => thrown.length === names.length, 'each error is an uncaught exception');
      assert.deepEqual(
        [called.sort(), seen.sort(), thrown.sort()],
        [names, names, names].map((of) => [...of].sort()),
      );
      stream.close();
      await reading;
    }));
});

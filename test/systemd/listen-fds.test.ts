import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { listenDescriptors, listenOn } from 'sigkit/systemd';

import { until } from '../support/child.js';
import { opened } from '../support/descriptors.js';
import { scratch } from '../support/init.js';

const service = fileURLToPath(new URL('../fixtures/systemd/listener.js', import.meta.url));
const socketActivate = 'systemd-socket-activate';
const hasSocketActivate = spawnSync(socketActivate, ['--version']).status === 0;

interface Inherited {
  readonly fd: number;
  readonly name: string;
  readonly kind: string;
  readonly family: string | null;
}

/** What test/fixtures/systemd/listener.ts prints. */
interface Told {
  readonly taken: readonly Inherited[];
  readonly because: string | null;
  readonly again: readonly Inherited[];
  readonly inherited: readonly number[];
  readonly variables: readonly string[];
}

const folder = (): string => mkdtempSync(path.join(scratch(), 'listen-'));

async function listening(...where: readonly [number, string] | readonly [string]): Promise<Server> {
  const server = createServer();
  if (where.length === 1) server.listen(where[0]);
  else server.listen(...where);
  await once(server, 'listening');
  return server;
}

/** Its path is there before it listens: __SO_ACCEPTCON in /proc/net/unix says so. */
function isListening(socket: string): boolean {
  const all = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return all.some((line) => line.includes(' 00010000 ') && line.endsWith(` ${socket}`));
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A service that ends with its stdin. */
class Service implements AsyncDisposable {
  readonly #process: ChildProcess;

  constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Starts it as a manager does: LISTEN_PID is its own, and descriptors begin at 3. */
  static start(descriptors: readonly number[], names?: string): Service {
    const setNames = names === undefined ? '' : `LISTEN_FDNAMES='${names}'`;
    const script = `LISTEN_PID=$$ LISTEN_PIDFDID=1 LISTEN_FDS=${descriptors.length} ${setNames} exec "$@"`;
    const stdio = ['pipe', 'pipe', 'inherit', ...descriptors] as const;
    return new Service(spawn('sh', ['-c', script, 'sh', process.execPath, service], { stdio: [...stdio] }));
  }

  async told(): Promise<Told> {
    assert.ok(this.#process.stdout !== null);
    const [line] = (await once(createInterface({ input: this.#process.stdout }), 'line')) as [string];
    return JSON.parse(line) as Told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end();
    assert.deepEqual(await once(this.#process, 'close'), [0, null]);
  }
}

async function answerAt(where: { readonly socketPath: string } | { readonly port: number }): Promise<string> {
  const [response] = (await once(get({ ...where, agent: false }), 'response')) as [NodeJS.ReadableStream];
  return await text(response);
}

describe('descriptors from a manager', () => {
  it('each has its name and kind; no child gets them any more; servers accept on them', async () => {
    const place = folder();
    const tcp = await opened(() => listening(0, '127.0.0.1'));
    const unix = await opened(() => listening(path.join(place, 'unix')));
    const udp = await opened(bound);
    const tcp6 = await opened(() => listening(0, '::1')).catch(() => null);
    execFileSync('mkfifo', [path.join(place, 'fifo')]);
    const files = [
      openSync(path.join(place, 'fifo'), 'r+'),
      openSync(path.join(place, 'file'), 'w'),
      openSync('/dev/null', 'r'),
      openSync(place, 'r'),
    ];
    const sockets = [tcp, unix, udp, ...(tcp6 === null ? [] : [tcp6])];
    const all = [...sockets.map(({ fd }) => fd), ...files];
    const { port } = tcp.socket.address() as { readonly port: number };
    await using child = Service.start(all, 'web:admin:udp::file');
    for (const { socket } of sockets) socket.close();
    for (const fd of files) closeSync(fd);
    const { taken, again, inherited, variables } = await child.told();
    const expected = [
      ['listener', 'inet'],
      ['listener', 'unix'],
      ['datagram', 'inet'],
      ...(tcp6 === null ? [] : [['listener', 'inet6']]),
      ...['fifo', 'file', 'device', 'other'].map((kind) => [kind, null]),
    ];
    const names = ['web', 'admin', 'udp', 'unknown', 'file'];
    assert.deepEqual(
      taken,
      expected.map(([kind, family], index) => ({ fd: index + 3, name: names[index] ?? 'unknown', kind, family })),
    );
    assert.deepEqual(again, taken);
    // The lowest is what `ls` opens itself.
    assert.deepEqual(
      inherited.filter((fd) => fd > 3 && fd < taken.length + 3),
      [],
    );
    assert.deepEqual(variables, []);
    assert.equal(await answerAt({ port }), 'web');
  });

  it('without names all are unknown; what is not for this process is left alone', async () => {
    const { socket, fd } = await opened(() => listening(0, '127.0.0.1'));
    await using child = Service.start([fd]);
    socket.close();
    const { taken, because } = await child.told();
    assert.deepEqual(taken, [{ fd: 3, name: 'unknown', kind: 'listener', family: 'inet' }]);
    assert.equal(because, null);
    const own = String(process.pid);
    const other = String(process.ppid);
    const none = (count: string): [object, string] => [
      { LISTEN_PID: own, LISTEN_FDS: count },
      `LISTEN_FDS is "${count}": no number of descriptors`,
    ];
    const cases: readonly (readonly [object, string])[] = [
      [{}, 'LISTEN_PID is not set'],
      [{ LISTEN_FDS: '1' }, 'LISTEN_PID is not set'],
      [{ LISTEN_PID: '', LISTEN_FDS: '1' }, 'LISTEN_PID is not set'],
      [{ LISTEN_PID: other, LISTEN_FDS: '1' }, `LISTEN_PID is "${other}", this process is ${own}`],
      [{ LISTEN_PID: 'a\nb', LISTEN_FDS: '1' }, String.raw`LISTEN_PID is "a\x0Ab", this process is ${own}`],
      [{ LISTEN_PID: own }, 'LISTEN_FDS is not set'],
      [{ LISTEN_PID: own, LISTEN_FDS: '' }, 'LISTEN_FDS is not set'],
      ...['0', '-1', 'x', '1.5', '1e1'].map(none),
    ];
    for (const [environment, because] of cases) {
      const found = listenDescriptors({ environment: environment as Record<string, string> });
      assert.deepEqual(found, [], JSON.stringify(environment));
      assert.equal(found.disabledBecause, because);
    }
  });

  it('close-on-exec is set on each: Node does so at its start, up to the first gap only', async () => {
    const program = `
      import { execFileSync } from 'node:child_process';
      import { openSync } from 'node:fs';
      import { listenDescriptors } from ${JSON.stringify(import.meta.resolve('sigkit/systemd'))};
      const isInherited = () => execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).split('\\n').includes('20');
      while (openSync('/dev/null') < 20);
      const before = isInherited();
      console.log(before, listenDescriptors().length, isInherited());`;
    const script = 'LISTEN_PID=$$ LISTEN_FDS=18 exec "$@"';
    const fd = openSync('/dev/null', 'r');
    const others = Array<'ignore'>(17).fill('ignore');
    const child = spawn('sh', ['-c', script, 'sh', process.execPath, '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit', ...others, fd],
    });
    closeSync(fd);
    assert.ok(child.stdout !== null);
    assert.equal(await text(child.stdout), 'true 18 false\n');
  });

  it('one that is not open is an error', () => {
    const environment = { LISTEN_PID: String(process.pid), LISTEN_FDS: '100000' };
    assert.throws(() => listenDescriptors({ environment }), { code: 'EBADF', syscall: 'fcntl' });
  });

  it(`${socketActivate} starts a service that serves`, async function () {
    if (!hasSocketActivate) return this.skip();
    const sockets = [path.join(folder(), 'web'), path.join(folder(), 'admin')];
    const listen = sockets.flatMap((socket) => ['-l', socket]);
    const command = [...listen, '--fdname=web:admin', process.execPath, service];
    await using child = new Service(spawn(socketActivate, command, { stdio: ['pipe', 'pipe', 'ignore'] }));
    await until(() => sockets.every(isListening), 'it listens');
    const [first = '', second = ''] = sockets;
    // The first connection has it start the service.
    const [told, ...answers] = await Promise.all([
      child.told(),
      answerAt({ socketPath: second }),
      answerAt({ socketPath: first }),
    ]);
    assert.deepEqual(
      told.taken.map(({ name, kind, family }) => [name, kind, family]),
      [
        ['web', 'listener', 'unix'],
        ['admin', 'listener', 'unix'],
      ],
    );
    assert.deepEqual(answers, ['admin', 'web']);
  });

  it('wrong arguments are errors that name them', () => {
    // oxlint-disable-next-line typescript/no-explicit-any -- wrong types are the point
    const [listen, on] = [listenDescriptors as any, listenOn as any];
    const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    assert.throws(() => listen(1), { ...type, message: /"options"/ });
    assert.throws(() => listen({ environment: 'x' }), { ...type, message: /"options.environment"/ });
    const variables = { LISTEN_PID: String(process.pid), LISTEN_FDS: 1 };
    assert.throws(() => listen({ environment: variables, unset: true }), {
      ...type,
      message: /"options.environment.LISTEN_FDS"/,
    });
    assert.ok('LISTEN_PID' in variables);
    assert.throws(() => listen({ unset: 0 }), { ...type, message: /"options.unset"/ });
    const listener = { fd: 3, name: 'x', kind: 'listener', family: 'inet' };
    for (const server of [undefined, null, {}, 3])
      assert.throws(() => on(server, listener), { ...type, message: /"server"/ });
    const server = createServer();
    for (const descriptor of [undefined, null, 3])
      assert.throws(() => on(server, descriptor), { ...type, message: /"descriptor"/ });
    assert.throws(() => on(server, { ...listener, kind: 'datagram' }), {
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      message: /"descriptor.kind"/,
    });
  });
});

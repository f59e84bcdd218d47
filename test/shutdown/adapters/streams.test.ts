import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type Closable, closeResource } from 'sigkit/shutdown';

import { until } from '../../support/child.js';
import { contextOf } from '../../support/hooks.js';
import { outcomeOf } from '../../support/scenario.js';

async function close(resource: Closable, controller?: AbortController): Promise<void> {
  await closeResource(resource)(contextOf('release', controller));
}

describe('closeResource, a stream', () => {
  let folder = '';
  const file = (): string => path.join(folder, 'file');
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);

  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'sigkit-streams-'))));
  after(() => rm(folder, { recursive: true }));

  it('a file has got every line, and is closed', async () => {
    const stream = createWriteStream(file());
    for (const line of lines) stream.write(line);
    await close(stream);
    assert.equal(await readFile(file(), 'utf8'), lines.join(''));
    assert.equal(stream.closed, true);
  });

  it('a file that somebody has ended is awaited', async () => {
    const stream = createWriteStream(file());
    for (const line of lines) stream.write(line);
    stream.end();
    await close(stream);
    assert.equal(await readFile(file(), 'utf8'), lines.join(''));
    await close(stream);
  });

  it('what is piped through a duplex arrives in full, however slowly it is taken', async () => {
    const gzip = createGzip();
    const parts: string[] = [];
    const taken = new Writable({
      highWaterMark: 1,
      write: (chunk, _, done) => void (parts.push(String(chunk)), setImmediate(done)),
    });
    const gunzip = createGunzip();
    gzip.pipe(gunzip).pipe(taken);
    for (const line of lines) gzip.write(line);
    for (const stream of [gzip, gunzip, taken]) await close(stream);
    assert.equal(parts.join(''), lines.join(''));
  });

  it('one that nobody reads takes what is written, and is closed', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    for (const line of lines) stream.write(line);
    await close(stream);
    assert.deepEqual([stream.writableFinished, stream.closed], [true, true]);
  });

  it('one that nobody reads and somebody has ended is closed', async () => {
    const stream = new PassThrough().end('unread');
    await once(stream, 'finish');
    await close(stream);
    assert.equal(stream.closed, true);
  });

  it('fails, and does not hang, if what it is piped into has ended before it', async () => {
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void setImmediate(done) });
    for (const [source, target] of [
      [new PassThrough(), slow],
      [createGzip(), createWriteStream(file())],
      [
        createGzip(),
        new Writable({ final: (done) => void setTimeout(done, 50), write: (_chunk, _encoding, done) => done() }),
      ],
    ] as const) {
      source.pipe(target);
      // What still comes out of the source is written after the end: an error, unless the target is closed by then.
      target.on('error', () => {});
      for (const line of lines) source.write(line);
      await close(target).catch((error: unknown) => {
        assert.ok(
          error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_WRITE_AFTER_END',
          String(error),
        );
      });
      await assert.rejects(close(source), /has ended before it/);
    }
  });

  it('leaves all to a reader that takes part by part, and listens only while there is none', async () => {
    const stream = new PassThrough();
    stream.write('1');
    await once(stream, 'readable');
    assert.equal(String(stream.read()), '1');
    stream.write('2');
    const closing = close(stream);
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    assert.equal(String(stream.read()), '2');
    assert.equal(stream.read(), null);
    await closing;
  });

  it('a transform of another make is read to its end, and one that was destroyed is done', async () => {
    // As those of readable-stream are, which is no Transform of node:stream, and by its version 3 has no `closed`.
    const make = (): Duplex => {
      const write = (chunk: unknown, _: unknown, done: () => void): void => (stream.push(chunk), done());
      const stream: Duplex = new Duplex({ read() {}, write, final: (done) => (stream.push(null), done()) });
      Object.defineProperty(stream, 'closed', { value: undefined });
      return Object.assign(stream, { _transform: write });
    };
    const transform = make();
    const taken = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void setTimeout(done, 600) });
    transform.pipe(taken);
    for (const part of ['1', '2', '3']) transform.write(part);
    await close(transform);
    await close(taken);
    assert.equal(transform.readableEnded, true);
    const destroyed = make().destroy();
    await once(destroyed, 'close');
    await close(destroyed);
  });

  it('a readable is destroyed, and closed', async () => {
    const stream = createReadStream(import.meta.filename);
    await once(stream, 'open');
    await close(stream);
    assert.equal(stream.closed, true);
    const quiet = new Readable({ read() {}, emitClose: false });
    await close(quiet);
    assert.equal(quiet.destroyed, true);
  });

  it('one that has been destroyed, or has come to its end, is done', async () => {
    const destroyed = [new PassThrough().destroy(), createWriteStream(file()).destroy(), Readable.from([]).destroy()];
    for (const stream of destroyed) await close(stream);
    const ended = Readable.from(['one']);
    await once(ended.resume(), 'end');
    await close(ended);
    const socket = new Socket();
    await close(socket);
    assert.equal(socket.destroyed, true);
  });

  it('fails as the stream does, now or before', async () => {
    const error = new Error('no space');
    const fail = (_: unknown, __: unknown, done: (error: Error) => void): void => void setImmediate(done, error);
    const failing = new Writable({ write: fail });
    failing.write('x');
    await assert.rejects(close(failing), error);
    await assert.rejects(close(failing), error);
    await assert.rejects(close(new Writable({ final: (done) => setImmediate(done, error) })), error);
    await assert.rejects(close(createWriteStream(path.join(folder, 'none', 'file'))), { code: 'ENOENT' });
    const lost = createWriteStream(path.join(folder, 'none', 'file'));
    await once(lost, 'error');
    await assert.rejects(close(lost), { code: 'ENOENT' });
    await assert.rejects(close(new PassThrough().on('error', () => {}).destroy(error)), error);
    const broken = new PassThrough({ highWaterMark: 1, transform: fail });
    broken.write('x');
    await assert.rejects(close(broken), error);
  });

  it('is destroyed when the hook is given up', async () => {
    const stuck = new Writable({ write() {} });
    stuck.write('x');
    const controller = new AbortController();
    const closing = close(stuck, controller);
    controller.abort();
    await assert.rejects(closing, { code: 'ERR_STREAM_PREMATURE_CLOSE' });
    assert.equal(stuck.destroyed, true);
  });

  it('stdout and stderr are written, not ended', async () => {
    const { code, stdout, stderr } = await outcomeOf(async ({ shutdown }) => {
      const { hooks } = await shutdown
        .createShutdown({ exit: 'none' })
        .add('stdout', async (context) => {
          process.stdout.write('x'.repeat(1_000_000));
          await shutdown.closeResource(process.stdout)(context);
          assert.equal(process.stdout.writableLength, 0);
        })
        .add('stderr', shutdown.closeResource(process.stderr))
        .shutdown();
      process.stdout.write(`, ${hooks.map(({ outcome }) => outcome).join()}`);
      process.stderr.write('after');
    });
    assert.deepEqual([code, stdout.slice(-13), stdout.length, stderr], [0, 'xx, done,done', 1_000_011, 'after']);
  });

  it('an answer of HTTP is ended', async () => {
    const server = createHttpServer((_request, response) => {
      response.write('begun, ');
      void close(response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage];
    assert.equal((await response.toArray()).join(''), 'begun, ');
    server.close();
  });

  it('what is no stream of Node, but ends like one, is closed when it says so', async () => {
    // As pino's destinations are.
    class Destination extends EventEmitter {
      destroyed = false;
      readonly written: string[] = [];
      write(text: string): boolean {
        this.written.push(text);
        return true;
      }
      end(): void {
        setImmediate(() => {
          this.destroyed = true;
          this.emit('close');
        });
      }
    }
    const destination = new Destination();
    destination.write('line\n');
    await close(destination as never);
    assert.equal(destination.destroyed, true);
    await close(destination as never);
  });
});

describe('closeResource, a socket', () => {
  const size = 10 * 2 ** 20;
  let server: Server;
  const peers: Socket[] = [];

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (peer) => peers.push(peer));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(() => {
    server.close();
    for (const peer of peers.splice(0)) peer.destroy();
  });

  const open = async (): Promise<[Socket, Socket]> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await until(() => peers.length === 1, 'it is accepted');
    return [socket, peers[0] ?? assert.fail()];
  };

  it('all of 10 MB arrives, also where the other side has sent what nobody reads', async () => {
    const [socket, peer] = await open();
    peer.write('unread');
    socket.write(Buffer.alloc(size));
    const closing = close(socket);
    await until(() => socket.bytesRead > 0, 'what the other side has sent is there');
    let received = 0;
    peer
      .on('data', ({ length }) => (received += length))
      .on('end', () => peer.end('bye'))
      .resume();
    await closing;
    assert.deepEqual([received, socket.closed], [size, true]);
  });

  it('one whose other side does not end is closed a second after its own end', async () => {
    const [socket, peer] = await open();
    socket.write('last words');
    const since = performance.now();
    await close(socket);
    assert.ok(performance.now() - since > 900);
    assert.equal(socket.closed, true);
    assert.equal(String((await once(peer.resume(), 'data'))[0]), 'last words');
  });

  it('one whose other side does not end is closed when the hook is given up', async () => {
    const [socket] = await open();
    const controller = new AbortController();
    const closing = close(socket, controller);
    await once(socket, 'finish');
    controller.abort();
    await closing;
    assert.equal(socket.closed, true);
  });

  it('any duplex is ended, then destroyed', async () => {
    const calls: string[] = [];
    const duplex: Duplex = new Duplex({
      read() {},
      write: (_chunk, _encoding, done) => void setImmediate(() => (calls.push('write'), done())),
      final: (done) => (calls.push('final'), duplex.push(null), done()),
      destroy: (error, done) => (calls.push('destroy'), done(error)),
    });
    duplex.write('x');
    await close(duplex);
    assert.deepEqual(calls, ['write', 'final', 'destroy']);
  });
});

import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

const fewDescriptors = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'];
// SIGKIT_LONG=1: as many as the descriptors of a daemon would not survive.
const rounds = process.env['SIGKIT_LONG'] === undefined ? 500 : 10_000;
const deadlineMs = 600_000;

describe('pipes of children that have ended', () => {
  it(`descriptors and memory stay what they are: ${rounds} spawns with ulimit -n 256`, function () {
    this.timeout(deadlineMs + 10_000);
    return scenario(
      async ({ processes, descriptors, until }) => {
        const count = Number(process.env['ROUNDS']);
        const collect = (globalThis as { readonly gc?: () => void }).gc;
        assert.ok(collect, '--expose-gc');
        const starts = [
          () => processes.spawn('true'),
          () => processes.spawn('echo', ['unread']),
          () => processes.spawn('sh', ['-c', 'echo unread >&3'], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] }),
          () => {
            const paused = processes.spawn('echo', ['paused']);
            paused.stdout.pause();
            return paused;
          },
          () => {
            const from = processes.spawn('true', [], { stdio: ['pipe', 'pipe', 'pipe'] });
            return processes.spawn('cat', [], { stdio: [from.stdout, 'pipe', 'pipe'] });
          },
        ];
        const memory = async (): Promise<number> => {
          // The finalizers of what is collected run in turns of the event loop.
          for (let turn = 0; turn < 3; turn += 1) {
            collect();
            await new Promise(setImmediate);
          }
          return process.memoryUsage().heapUsed + process.memoryUsage().external;
        };
        const startAll = async (number: number): Promise<void> => {
          for (let started = 0; started < number; started += 1) {
            await starts[started % starts.length]?.()?.exited;
          }
        };
        await startAll(100);
        const [open, used] = [descriptors().length, await memory()];
        await startAll(count);
        await until(() => descriptors().length <= open, 'all pipes are closed');
        const grown = (await memory()) - used;
        assert.ok(grown < Math.max(2 ** 20, count * 100), `${grown} bytes more after ${count} children`);
        assert.deepEqual(processes.children(), []);
      },
      { wrapper: ['env', `ROUNDS=${rounds}`, ...fewDescriptors], nodeOptions: ['--expose-gc'], deadlineMs },
    );
  });

  it('what has been written to stdin after the end is no error that ends this process', () =>
    scenario(async ({ processes, timers }) => {
      const child = processes.spawn('true');
      await child.exited;
      assert.equal(child.stdin.destroyed, true);
      const failed = new Promise((resolve) => child.stdin.write('nobody reads this', resolve));
      assert.equal(((await failed) as NodeJS.ErrnoException).code, 'ERR_STREAM_DESTROYED');
      const both = processes.spawn('sh', ['-c', 'echo unread >&3'], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
      await both.closed;
      both.stdio[3].write('nor this');
      for (let turn = 0; turn < 10; turn += 1) await timers.setImmediate();
    }));

  it('what they hold is taken in, closed, and still read, whoever reads it and when', () =>
    scenario(async ({ processes, descriptors, until, timers }) => {
      processes.spawn('true', [], { stdio: 'ignore' });
      const before = descriptors().length;
      // More than the buffer of a stream, so that some of it is in the pipe at the end.
      const start = (fd: number, size: number) =>
        processes.spawn('sh', ['-c', `head -c ${size} /dev/zero >&${fd}`], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
      const streams = [];
      for (const fd of [1, 2, 3] as const) {
        for (const size of [0, 1, 65_536, 80_000]) {
          for (const touch of ['not', 'paused', 'iterated'] as const) {
            const child = start(fd, size);
            const stream = child.stdio[fd];
            if (touch === 'paused') stream.pause();
            const iterator = touch === 'iterated' ? stream[Symbol.asyncIterator]() : undefined;
            const first = iterator?.next();
            assert.equal((await child.exited).exitCode, 0);
            streams.push({ child, stream, size, iterator, first });
          }
        }
      }
      await until(() => descriptors().length <= before, 'all pipes are closed');
      for (const { child, stream, size, iterator, first } of streams) {
        await timers.setImmediate();
        let length = 0;
        if (iterator === undefined) {
          for await (const chunk of stream) length += (chunk as Buffer).length;
        } else {
          const { value } = (await first) as IteratorResult<Buffer, undefined>;
          length += value?.length ?? 0;
          for await (const chunk of iterator) length += (chunk as Buffer).length;
        }
        assert.equal(length, size);
        await child.closed;
        assert.equal(stream.destroyed, true);
      }
    }));

  it('what a grandchild writes later comes to whom is reading by then, however slowly', () =>
    scenario(async ({ processes, timers }) => {
      const late = processes.spawn('sh', ['-c', 'echo early; (read go <&3; head -c 1000000 /dev/zero) & exit'], {
        stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      });
      await late.exited;
      let length = 0;
      for await (const chunk of late.stdout) {
        if (length === 0) late.stdio[3].write('go\n');
        length += (chunk as Buffer).length;
        await timers.setImmediate();
      }
      assert.equal(length, 1_000_006);
      late.stdio[3].destroy();
      await late.closed;
    }));
});

describe('a grandchild that fills what nobody reads', () => {
  it('ends, and so does this process', () =>
    scenario(({ processes }) => void processes.spawn('sh', ['-c', 'head -c 1000000 /dev/zero & exit'])));

  it('what the stream has taken in by then can be read, up to an end', () =>
    scenario(async ({ processes }) => {
      const child = processes.spawn('sh', ['-c', 'echo first; (head -c 1000000 /dev/zero) & exit']);
      await child.closed;
      const { readableLength } = child.stdout;
      assert.ok(readableLength >= child.stdout.readableHighWaterMark && readableLength < 1_000_000);
      const all = Buffer.concat((await child.stdout.toArray()) as Buffer[]);
      assert.equal(all.length, readableLength);
      assert.equal(all.subarray(0, 6).toString(), 'first\n');
    }));
});

describe('closed', () => {
  it('comes when the process has ended and all output is with its reader', () =>
    scenario(async ({ processes }) => {
      for (let run = 0; run < 20; run += 1) {
        const child = processes.spawn('sh', ['-c', 'head -c 300000 /dev/zero; echo done >&2; exit 3']);
        const got = [0, 0];
        child.stdout.on('data', (chunk: Buffer) => (got[0] = (got[0] ?? 0) + chunk.length));
        child.stderr.on('data', (chunk: Buffer) => (got[1] = (got[1] ?? 0) + chunk.length));
        const { pid, exitCode } = await child.closed;
        assert.deepEqual([pid, exitCode, got], [child.pid, 3, [300_000, 5]]);
        assert.equal(child.closed, child.closed);
      }
    }));

  it('waits for who else has the pipe, and keeps this process alive for it', () =>
    scenario(async ({ processes }) => {
      const start = (stdout: 'pipe' | 'ignore') =>
        processes.spawn('sh', ['-c', '(read go <&3; echo late >&4) & exit'], {
          stdio: ['ignore', stdout, 'inherit', 'pipe', 'pipe'],
        });
      const child = start('ignore');
      let closed = false;
      const later = child.closed.then(() => (closed = true));
      await child.exited;
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      assert.equal(closed, false);
      child.stdio[3].end('go\n');
      await later;
      assert.equal((child.stdio[4].setEncoding('utf8').read() as string).trim(), 'late');
    }));

  it('with streams that are unread, destroyed, given away, or not there', () =>
    scenario(async ({ processes }) => {
      assert.equal((await processes.spawn('echo', ['unread']).closed).exitCode, 0);
      assert.equal((await processes.spawn('true', [], { stdio: 'inherit' }).closed).exitCode, 0);
      const destroyed = processes.spawn('cat');
      for (const stream of destroyed.stdio) stream.destroy();
      assert.equal((await destroyed.closed).exitCode, 0);
      const given = processes.spawn('true', [], { stdio: ['ignore', 'pipe', 'inherit'] });
      const to = processes.spawn('sh', ['-c', 'read line; read go <&3'], {
        stdio: [given.stdout, 'inherit', 'inherit', 'pipe'],
      });
      assert.equal((await given.closed).exitCode, 0);
      to.stdio[3].end('go\n');
      assert.equal((await to.closed).exitCode, 0);
    }));
});

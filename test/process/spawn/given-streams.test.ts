import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('spawn: a stream as stdio', () => {
  it('that of another child: the child gets all that comes, and this process nothing', () =>
    scenario(async ({ processes, childProcess }) => {
      const { text } = process.getBuiltinModule('node:stream/consumers');
      for (let run = 0; run < 20; run += 1) {
        const [file, args] = ['seq', ['1', '50000']] as const;
        const from =
          run % 2 === 0
            ? processes.spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
            : childProcess.spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        const to = processes.spawn('wc', ['-l'], { stdio: [from.stdout, 'pipe', 'inherit'] });
        assert.equal((await text(to.stdout)).trim(), '50000');
        assert.equal((await to.closed).exitCode, 0);
        assert.equal(from.stdout.readableLength, 0);
      }
    }));

  it('is left to the child when child_process flushes what its own has left', () =>
    scenario(async ({ processes, childProcess, events, timers }) => {
      const from = childProcess.spawn('head', ['-c', '100000', '/dev/zero'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [ended, closed] = [events.once(from, 'exit'), events.once(from, 'close')];
      const to = processes.spawn('sh', ['-c', 'read go <&3; wc -c'], {
        stdio: [from.stdout, 'pipe', 'inherit', 'pipe'],
      });
      await ended;
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      to.stdio[3].write('go\n');
      to.stdout.setEncoding('utf8');
      assert.equal((await to.stdout.toArray()).join('').trim(), '100000');
      await to.closed;
      await closed;
    }));

  it('is left to child_process, if that has given it to a child', () =>
    scenario(async ({ processes, childProcess, events, timers }) => {
      const from = processes.spawn('head', ['-c', '50000', '/dev/zero'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const to = childProcess.spawn('sh', ['-c', 'read go <&3; wc -c'], {
        stdio: [from.stdout, 'pipe', 'inherit', 'pipe'],
      });
      const [, stdout, , go] = to.stdio;
      await from.closed;
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      assert.equal(from.stdout.readableLength, 0);
      (go as import('node:stream').Writable).write('go\n');
      assert.equal((await stdout?.setEncoding('utf8').toArray())?.join('').trim(), '50000');
      if (to.exitCode === null) await events.once(to, 'exit');
    }));

  it('read up to here by a listener: the rest is the child’s', () =>
    scenario(async ({ processes, events, timers }) => {
      const from = processes.spawn('sh', ['-c', 'echo first; read go; seq 1 10000; echo >&3'], {
        stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
      });
      const written = events.once(from.stdio[3], 'data');
      const to = await new Promise<ReturnType<typeof processes.spawn<['pipe', 'pipe', 'inherit', 'pipe']>>>(
        (resolve) => {
          from.stdout.setEncoding('utf8').once('data', (first) => {
            assert.equal(first, 'first\n');
            const stdio = [from.stdout, 'pipe', 'inherit', 'pipe'] as const;
            resolve(processes.spawn('sh', ['-c', 'read go <&3; wc -l'], { stdio }) as never);
          });
        },
      );
      from.stdin.write('go\n');
      from.stdout.resume();
      await written;
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      to.stdio[3].write('go\n');
      to.stdout.setEncoding('utf8');
      const [count] = (await events.once(to.stdout, 'data')) as [string];
      assert.equal(count.trim(), '10000');
      await to.closed;
      await from.closed;
    }));

  it('goes on being read here, once resumed, when the child has ended', () =>
    scenario(async ({ processes, events }) => {
      const from = processes.spawn('cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
      const to = processes.spawn('head', ['-n1'], { stdio: [from.stdout, 'pipe', 'inherit'] });
      from.stdin.write('hello\n');
      assert.equal((await to.stdout.setEncoding('utf8').toArray()).join(''), 'hello\n');
      assert.equal((await to.exited).exitCode, 0);
      from.stdin.write('world\n');
      const read = events.once(from.stdout.setEncoding('utf8'), 'data');
      from.stdout.resume();
      assert.deepEqual(await read, ['world\n']);
      from.stdin.end();
      await from.closed;
    }));

  it('of two children: read here again when both have ended', () =>
    scenario(async ({ processes, events, timers, descriptors, until }) => {
      processes.spawn('true', [], { stdio: 'ignore' });
      const before = descriptors().length;
      const from = processes.spawn('sh', ['-c', 'while read line; do echo "$line"; echo >&3; done'], {
        stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
      });
      const start = () =>
        processes.spawn('sh', ['-c', 'read go <&3; read line; echo "$line"'], {
          stdio: [from.stdout, 'pipe', 'inherit', 'pipe'],
        });
      const [one, two] = [start(), start()];
      from.stdout.setEncoding('utf8').resume();
      let read = '';
      from.stdout.on('data', (text: string) => (read += text));
      let written = events.once(from.stdio[3], 'data');
      from.stdin.write('one\n');
      await written;
      one.stdio[3].end('go\n');
      assert.deepEqual(await one.stdout.setEncoding('utf8').toArray(), ['one\n']);
      await one.closed;
      written = events.once(from.stdio[3], 'data');
      from.stdin.write('two\n');
      await written;
      for (let turn = 0; turn < 20; turn += 1) await timers.setImmediate();
      two.stdio[3].end('go\n');
      assert.deepEqual(await two.stdout.setEncoding('utf8').toArray(), ['two\n']);
      await two.closed;
      assert.equal(read, '');
      const next = events.once(from.stdout, 'data');
      from.stdin.end('three\n');
      assert.deepEqual(await next, ['three\n']);
      await from.closed;
      assert.equal(read, 'three\n');
      await until(() => descriptors().length <= before, 'all pipes are closed');
    }));

  it('with a listener that throws when reading stops: the child is seen to its end, and the stream comes back', () =>
    scenario(async ({ processes, events, until }) => {
      const from = processes.spawn('cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
      from.stdout.setEncoding('utf8').resume();
      from.stdout.once('pause', () => {
        throw new Error('not now');
      });
      const stdio = [from.stdout, 'inherit', 'inherit', from.stdin] as const;
      assert.throws(() => processes.spawn('sh', ['-c', 'read line'], { stdio }), /not now/);
      from.stdin.write('for the child\n');
      await until(() => processes.children().length === 1, 'it has ended and been reaped');
      const read = events.once(from.stdout, 'data');
      from.stdout.resume();
      from.stdin.end('for us\n');
      assert.deepEqual(await read, ['for us\n']);
      await from.closed;
    }));

  it('what the child has left is kept when both have ended, and no descriptor', () =>
    scenario(async ({ processes, descriptors, until }) => {
      processes.spawn('true', [], { stdio: 'ignore' });
      const before = descriptors().length;
      const from = processes.spawn('sh', ['-c', 'echo one; echo two'], { stdio: ['ignore', 'pipe', 'inherit'] });
      await from.closed;
      assert.equal(from.stdout.readableLength, 8);
      for (let run = 0; run < 50; run += 1) {
        const left = processes.spawn('sh', ['-c', 'read go; echo one; echo two'], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        const to = processes.spawn('sh', ['-c', 'read line; echo "$line"'], {
          stdio: [left.stdout, 'pipe', 'inherit'],
        });
        left.stdin.end('\n');
        await Promise.all([left.closed, to.closed]);
        // Either the shell has taken one line, or it has read ahead and taken both.
        left.stdout.setEncoding('utf8').resume();
      }
      await until(() => descriptors().length <= before, 'all pipes are closed');
    }));

  it('its pipe does not become blocking here, and is blocking there', () =>
    scenario(async ({ processes, fs }) => {
      const nonblocking = (fdinfo: string): boolean =>
        (Number.parseInt(/^flags:\s+(\d+)/m.exec(fdinfo)?.[1] ?? '', 8) & fs.constants.O_NONBLOCK) !== 0;
      const from = processes.spawn('cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
      const { fd } = (from.stdout as unknown as { readonly _handle: { readonly fd: number } })._handle;
      const tell = { stdio: [from.stdout, 'pipe', 'inherit'] } as const;
      const reader = processes.spawn('cat', ['/proc/self/fdinfo/0'], tell);
      assert.equal(nonblocking((await reader.stdout.setEncoding('utf8').toArray()).join('')), false);
      assert.equal(nonblocking(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')), true);
      const writer = processes.spawn('sh', ['-c', 'cat /proc/self/fdinfo/1'], {
        stdio: ['ignore', from.stdin, 'inherit'],
      });
      await writer.exited;
      from.stdin.end();
      from.stdout.setEncoding('utf8').resume();
      assert.equal(nonblocking((await from.stdout.toArray()).join('')), false);
    }));

  it('of which something has been read ahead is refused, and starts nothing', () =>
    scenario(async ({ processes, until }) => {
      const from = processes.spawn('sh', ['-c', 'echo one; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
      await until(() => from.stdout.readableLength > 0, 'it is in the buffer');
      const refused = { name: 'SigkitError', code: 'ERR_SIGKIT_READ_AHEAD' };
      const start = (...stdio: import('sigkit/process').StdioEntry[]) => processes.spawn('cat', [], { stdio });
      assert.throws(() => start(from.stdout, 'ignore'), refused);
      assert.throws(() => start('ignore', 'ignore', 'ignore', from.stdout), refused);
      from.stdin.end();
      await from.closed;
      assert.throws(() => start(from.stdout, 'ignore'), refused);
      from.stdout.resume();
      await until(() => from.stdout.destroyed, 'it is closed');
      assert.throws(() => start(from.stdout, 'ignore'), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.deepEqual(processes.children(), []);
    }));

  it('a TLSSocket is refused at each place, as by child_process; the socket below is not', () =>
    scenario(async ({ processes, events }) => {
      const [net, tls] = [process.getBuiltinModule('node:net'), process.getBuiltinModule('node:tls')];
      const server = net.createServer().listen(0, '127.0.0.1');
      await events.once(server, 'listening');
      const connected = events.once(server, 'connection') as Promise<[import('node:net').Socket]>;
      const client = net.connect((server.address() as import('node:net').AddressInfo).port, '127.0.0.1');
      const [peer] = await connected;
      const secure = new tls.TLSSocket(client, { isServer: false });
      secure.on('error', () => {});
      for (let place = 0; place < 4; place += 1) {
        const stdio = Array.from({ length: place + 1 }, (_, index) => (index === place ? secure : ('ignore' as const)));
        assert.throws(() => processes.spawn('echo', ['in plain text'], { stdio }), {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
          message: /Received an instance of TLSSocket$/,
        });
      }
      const plain = processes.spawn('echo', ['told'], { stdio: ['ignore', peer, 'inherit'] });
      assert.equal((await plain.closed).exitCode, 0);
      for (const socket of [secure, client, peer]) socket.destroy();
      server.close();
      assert.deepEqual(processes.children(), []);
    }));

  it("'ipc' and 'overlapped' are refused with what to use", () =>
    scenario(({ processes }) => {
      const start = (entry: string) =>
        processes.spawn('true', [], { stdio: ['ignore', 'ignore', 'ignore', entry as 'pipe'] });
      assert.throws(() => start('ipc'), { code: 'ERR_OUT_OF_RANGE', message: /fork\(\) of node:child_process/ });
      assert.throws(() => start('overlapped'), { code: 'ERR_OUT_OF_RANGE', message: /'pipe' is the same here/ });
      assert.throws(() => processes.spawn('true', [], { stdio: 'ipc' as 'pipe' }), /fork\(\) of node:child_process/);
      assert.deepEqual(processes.children(), []);
    }));
});

import assert from 'node:assert/strict';

import { spawn, type TerminalOptions, type TerminalProcess } from 'sigkit/process';

import { injecting, needRoot } from '../../fixtures/process/means.js';
import { until } from '../../support/child.js';
import { statOf } from '../../support/processes.js';
import { scenario } from '../../support/scenario.js';
import { keys } from '../../support/terminal.js';

/** What a child shows, and how to wait for it. */
class Screen {
  text = '';

  constructor(child: TerminalProcess) {
    child.terminal.setEncoding('utf8').on('data', (text: string) => (this.text += text));
  }

  async shows(part: string): Promise<void> {
    await until(() => this.text.includes(part), `${JSON.stringify(part)} in ${JSON.stringify(this.text)}`);
  }
}

function sh(script: string, terminal: TerminalOptions = {}): TerminalProcess {
  return spawn('sh', ['-c', script], { terminal });
}

const numbers = (last: number): string => Array.from({ length: last }, (_, index) => `${index + 1}\r\n`).join('');

describe('spawn: a terminal of its own', () => {
  it('is the stdio and the controlling terminal of a child that leads a session and its foreground', async () => {
    const child = sh('tty -s && tty <&1 && tty <&2 && cat; echo >/dev/tty');
    const screen = new Screen(child);
    await screen.shows('/dev/pts/');
    await until(() => statOf(child.pid)?.foreground === child.pid, 'the foreground is its own');
    assert.equal(statOf(child.pid)?.session, child.pid);
    assert.deepEqual([child.processGroup, child.stdin, child.stdout, child.stderr], [child.pid, null, null, null]);
    assert.deepEqual(child.stdio, [null, null, null]);
    child.terminal.end();
    assert.equal((await child.closed).exitCode, 0);
    assert.equal(new Set(screen.text.match(/\/dev\/pts\/\d+/g)).size, 1);
  });

  it('is null without', async () => {
    const child = spawn('true', { terminal: false });
    assert.equal(child.terminal, null);
    await child.exited;
  });

  it('has a size and a name', async () => {
    const show = 'stty size; echo $TERM';
    const said = async (terminal: TerminalOptions, env?: Record<string, string>): Promise<string> => {
      const child = spawn('sh', ['-c', show], {
        terminal,
        env: { ...process.env, TERM: '', ...env },
      });
      const screen = new Screen(child);
      await child.closed;
      return screen.text;
    };
    assert.equal(await said({ name: 'dumb' }), '24 80\r\ndumb\r\n');
    assert.equal(await said({ columns: 132, rows: 43 }, { TERM: 'vt100' }), '43 132\r\nvt100\r\n');
    assert.equal(await said({ columns: 65_535, rows: 1, name: 'x' }, { TERM: 'vt100' }), '1 65535\r\nx\r\n');
    const usual = sh('echo $TERM');
    const screen = new Screen(usual);
    await usual.closed;
    assert.equal(screen.text, 'xterm-256color\r\n');
  });

  it('is resized, which the foreground group is told; and tells how the child has changed it', async () => {
    const child = sh(
      'trap "stty size; stty cols 50; echo done; read line; exit" WINCH; echo ready; while :; do sleep 0.05; done',
    );
    const screen = new Screen(child);
    await screen.shows('ready');
    assert.deepEqual([child.terminal.columns, child.terminal.rows], [80, 24]);
    child.terminal.resize(100, 30);
    await screen.shows('done');
    assert.match(screen.text, /30 100/);
    assert.deepEqual([child.terminal.columns, child.terminal.rows], [50, 30]);
    child.terminal.write('\n');
    await child.closed;
    child.terminal.resize(90, 20);
    assert.deepEqual([child.terminal.columns, child.terminal.rows], [90, 20]);
    assert.throws(() => child.terminal.resize(0, 1), { code: 'ERR_OUT_OF_RANGE' });
  });

  it('takes what is typed: lines with echo, keys that send signals, and the end of file', async () => {
    const child = sh('trap "echo interrupted" INT; cat; echo got $?; cat');
    const screen = new Screen(child);
    child.terminal.write('one\n');
    await screen.shows('one\r\none\r\n');
    child.terminal.write(keys.interrupt);
    await screen.shows('interrupted\r\n');
    child.terminal.write('two\n');
    await screen.shows('two\r\ntwo\r\n');
    // The first end of file ends a line that has been begun.
    child.terminal.cork();
    child.terminal.write('thr');
    child.terminal.write('ee');
    child.terminal.uncork();
    child.terminal.end();
    assert.equal((await child.closed).exitCode, 0);
    assert.ok(screen.text.endsWith('threethree'), screen.text);
  });

  it('in raw mode takes bytes as they are, and back', async () => {
    const child = sh('echo ready; head -c 3 | od -An -tx1; read line; echo "<$line>"', { raw: true });
    const screen = new Screen(child);
    await screen.shows('ready');
    child.terminal.write(Buffer.from([3, 4, 13]));
    await screen.shows('03 04 0d');
    child.terminal.setRawMode(false).write('word\n');
    await screen.shows('word\r\n<word>\r\n');
    assert.equal((await child.closed).exitCode, 0);
    assert.throws(() => child.terminal.setRawMode(1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  });

  it('loses nothing of what the child has shown before its end', async () => {
    for (let round = 0; round < 20; round += 1) {
      const quick = sh('echo hi');
      const much = spawn('seq', ['20000'], { terminal: { raw: false } });
      const [one, other] = [new Screen(quick), new Screen(much)];
      await Promise.all([quick.closed, much.closed]);
      assert.equal(one.text, 'hi\r\n');
      assert.equal(other.text, numbers(20_000));
    }
  });

  it('keeps what nobody has read for who reads it after the end', async () => {
    const child = spawn('seq', ['2000'], { terminal: true });
    await child.closed;
    assert.equal((await child.terminal.setEncoding('utf8').toArray()).join(''), numbers(2000));
  });

  it('has the child wait for a slow reader', async () => {
    const child = spawn('seq', ['300000'], { terminal: true });
    const { terminal } = child;
    await until(() => terminal.readableLength > 0 && statOf(child.pid)?.state === 'S', 'it waits');
    assert.ok(terminal.readableLength < 2 ** 18);
    let length = 0;
    for await (const chunk of terminal as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(length, numbers(300_000).length);
    assert.equal((await child.exited).exitCode, 0);
  });

  it('takes more than it can hold at once', async () => {
    const child = sh('echo ready; head -c 2000000 | cksum', { raw: true });
    const screen = new Screen(child);
    await screen.shows('ready');
    child.terminal.write(Buffer.alloc(2_000_000, 'abcdefg'));
    await child.closed;
    const same = spawn('sh', ['-c', 'yes abcdefg | tr -d "\\n" | head -c 2000000 | cksum'], {
      stdio: ['ignore', 'pipe', 2],
    });
    const text = (await same.stdout.setEncoding('utf8').toArray()).join('').trim();
    assert.ok(screen.text.includes(text), `${screen.text} has ${text}`);
  });

  it('hangs up when our end is closed, and when the child is disposed of', async () => {
    const child = sh('trap "" INT; sleep 1000');
    child.terminal.destroy();
    assert.equal((await child.exited).termSignal, 'SIGHUP');
    let other: TerminalProcess | undefined;
    {
      await using disposed = sh('sleep 1000');
      other = disposed;
    }
    assert.match((await other.exited).termSignal ?? '', /SIGHUP|SIGTERM/);
    await other.closed;
  });

  it('hangs up when this process ends', () =>
    scenario(async ({ processes, fs, until: holds }) => {
      const script = `
        const { spawn } = await import('sigkit/process');
        const child = spawn('sh', ['-c', 'sleep 1000'], { terminal: true });
        console.log(child.pid);
        process.stdin.resume();
      `;
      const folder = new URL('.', process.argv[1] === undefined ? undefined : `file://${process.argv[1]}`);
      const outer = processes.spawn(process.execPath, ['--input-type=module', '-e', script], {
        cwd: folder,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let text = '';
      outer.stdout.on('data', (data: Buffer) => (text += data.toString()));
      await holds(() => text.includes('\n'), 'it has started');
      outer.kill('SIGKILL');
      await outer.exited;
      await holds(() => !fs.existsSync(`/proc/${text.trim()}`), 'it has been hung up');
    }));

  it('stays open for a child of it that has it still', async () => {
    const child = sh('exec 3<&0; trap "" HUP; (read -r line <&3; echo late $line) & echo early');
    const screen = new Screen(child);
    await child.exited;
    await screen.shows('early');
    let isClosed = false;
    const closed = child.closed.then(() => (isClosed = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([isClosed, child.terminal.destroyed], [false, false]);
    child.terminal.write('typed\n');
    await screen.shows('late typed');
    await closed;
  });

  it('swallows what is typed after the end', async () => {
    const child = sh('exit 3');
    const screen = new Screen(child);
    assert.equal((await child.exited).exitCode, 3);
    child.terminal.write('nobody reads this\n');
    await child.closed;
    assert.equal(screen.text.replace('nobody reads this\r\n', ''), '');
  });

  it('a hundred at once, and no descriptor is left', () =>
    scenario(async ({ processes, descriptors }) => {
      await processes.spawn('true', { terminal: true }).closed;
      const before = descriptors();
      const texts = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const child = processes.spawn('sh', ['-c', `echo ${index}; seq 500`], { terminal: { columns: index + 1 } });
          const [chunks] = await Promise.all([child.terminal.setEncoding('utf8').toArray(), child.closed]);
          return chunks.join('');
        }),
      );
      for (const [index, text] of texts.entries()) {
        assert.ok(text.startsWith(`${index}\r\n1\r\n`), text.slice(0, 20));
        assert.ok(text.endsWith('\r\n500\r\n'), text.slice(-20));
      }
      for (let unread = 0; unread < 20; unread += 1) await processes.spawn('seq', ['10'], { terminal: true }).closed;
      assert.throws(() => processes.spawn('/none', [], { terminal: true }), { code: 'ENOENT', syscall: 'execve' });
      assert.throws(() => processes.spawn('true', [], { terminal: true, cgroup: '/none' }), { code: 'ENOENT' });
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(descriptors(), before);
    }));

  it('belongs to the user that the child becomes', function () {
    needRoot(this);
    return scenario(async ({ processes }) => {
      const child = processes.spawn('sh', ['-c', 'id -u; echo by name >"$(tty)"'], { uid: 65_534, terminal: true });
      const text = (await child.terminal.setEncoding('utf8').toArray()).join('');
      assert.equal(text, '65534\r\nby name\r\n');
    });
  });

  it('is opened by its name before kernel 4.13', function () {
    const wrapper = injecting(this, 'ioctl', 'error=EINVAL:when=1');
    // A count is of one process: the child's first ioctl is the one that newer kernels have.
    return scenario(
      async ({ processes }) => {
        const child = processes.spawn('sh', ['-c', 'readlink /proc/self/fd/0; readlink /proc/self/fd/2'], {
          terminal: true,
        });
        assert.match((await child.terminal.setEncoding('utf8').toArray()).join(''), /^(?:\/dev\/pts\/\d+\r\n){2}$/);
      },
      { wrapper },
    );
  });

  it('is refused together with what it says already, and with bad values', () => {
    const bad: readonly [options: object, code: string, name: string][] = [
      [{ stdio: 'inherit' }, 'ERR_OUT_OF_RANGE', 'options.stdio'],
      [{ session: false }, 'ERR_OUT_OF_RANGE', 'options.session'],
      [{ foreground: 0 }, 'ERR_OUT_OF_RANGE', 'options.foreground'],
      [{ processGroup: 5 }, 'ERR_OUT_OF_RANGE', 'options.processGroup'],
      [{ terminal: 'xterm' }, 'ERR_INVALID_ARG_TYPE', 'options.terminal'],
      [{ terminal: { columns: 0 } }, 'ERR_OUT_OF_RANGE', 'options.terminal.columns'],
      [{ terminal: { rows: 65_536 } }, 'ERR_OUT_OF_RANGE', 'options.terminal.rows'],
      [{ terminal: { name: 1 } }, 'ERR_INVALID_ARG_TYPE', 'options.terminal.name'],
      [{ terminal: { raw: 1 } }, 'ERR_INVALID_ARG_TYPE', 'options.terminal.raw'],
      [{ terminal: { cols: 1 } }, 'ERR_SIGKIT_UNKNOWN_OPTION', 'options.terminal.cols'],
    ];
    for (const [options, code, name] of bad)
      assert.throws(
        () => spawn('true', [], { terminal: true, ...options }),
        (error: NodeJS.ErrnoException) => error.code === code && error.message.includes(`"${name}"`),
        JSON.stringify(options),
      );
  });
});

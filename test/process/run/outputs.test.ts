import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('run(): input and output', () => {
  it('feeds text, bytes, streams and what can be iterated', () =>
    scenario(async ({ processes, fs }) => {
      const { Readable } = process.getBuiltinModule('node:stream');
      const fed = async (input: NonNullable<Parameters<typeof processes.run>[2]>['input']): Promise<string> =>
        (await processes.run('cat', [], { input })).stdout;
      assert.equal(await fed('text ä'), 'text ä');
      assert.equal(await fed(''), '');
      assert.equal(await fed(Uint8Array.of(104, 105)), 'hi');
      assert.equal(await fed(['a', Buffer.from('b')]), 'ab');
      assert.equal(await fed(Readable.from(['c', 'd'])), 'cd');
      assert.equal(await fed(new Blob(['e', 'f']).stream()), 'ef');
      const generated = async function* (): AsyncGenerator<string> {
        for (let count = 0; count < 1000; count += 1) yield 'x'.repeat(1000);
      };
      assert.equal((await fed(generated())).length, 1_000_000);
      assert.ok((await fed(fs.createReadStream('/proc/self/status'))).startsWith('Name:'));
      assert.equal((await processes.run('cat')).stdout, '');
    }));

  it('a command that never reads its input, or stops reading, does not fail for that; the source is let go', () =>
    scenario(async ({ processes, until }) => {
      const { run } = processes;
      assert.ok((await run('true', { input: 'x'.repeat(1e6) })).ok);
      let isOver = false;
      const endless = (function* (): Generator<string> {
        try {
          for (;;) yield 'y\n'.repeat(1000);
        } finally {
          isOver = true;
        }
      })();
      assert.equal((await run('head', ['-1'], { input: endless })).stdout, 'y');
      await until(() => isOver, 'the source is told');
      const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
      assert.ok((await run('true', { input: never })).ok);
    }));

  it('an input that fails ends the command', () =>
    scenario(async ({ processes }) => {
      const broken = async function* (): AsyncGenerator<unknown> {
        yield 'a';
        throw new Error('broken');
      };
      await assert.rejects(
        async () => processes.run('cat', [], { input: broken() }),
        (error: Error) => {
          assert.match(error.message, /^its input failed \((?:SIGTERM|exit code 0)\): broken: cat$/);
          assert.equal((error.cause as Error).message, 'broken');
          return true;
        },
      );
      await assert.rejects(async () => processes.run('cat', [], { input: [1] }), /of text or bytes/);
    }));

  it('decodes once, whatever the pipe has cut, and leaves a byte out rather than half a character', () =>
    scenario(async ({ processes }) => {
      const { run } = processes;
      const text = '€ä'.repeat(100_000);
      assert.equal((await run('cat', [], { input: text })).stdout, text);
      const slow = 'printf "\\342"; sleep 0.05; printf x >&2; printf "\\202"; sleep 0.05; printf "\\254"';
      const { stdout, all } = await run('sh', ['-c', slow]);
      assert.deepEqual([stdout, all.replace('x', '')], ['€', '€']);
      const cut = await run('printf', ['aaaa€b'], { maxBuffer: 6 });
      assert.deepEqual([cut.stdout, cut.truncated, cut.ok], ['aaaa', { stdout: true, stderr: false }, true]);
      const bytes = await run('printf', ['\\377\\n'], { encoding: 'bytes' });
      assert.deepEqual([...bytes.stdout], [255]);
      assert.ok(Buffer.isBuffer(bytes.all));
      assert.equal((await run('printf', ['abcd'], { encoding: 'base64' })).stdout, 'YWJjZA==');
      assert.equal((await run('printf', ['a\\n\\n'])).stdout, 'a\n');
      assert.equal((await run('printf', ['a\\n'], { stripFinalNewline: false })).stdout, 'a\n');
    }));

  it('more than maxBuffer is told of, or ends the command', () =>
    scenario(async ({ processes }) => {
      const { run } = processes;
      const kept = await run('sh', ['-c', 'seq 100000; seq 10 >&2'], { maxBuffer: 1001 });
      assert.deepEqual([kept.stdout.length, kept.stderr.length], [1001, 20]);
      assert.deepEqual(kept.truncated, { stdout: true, stderr: false });
      const exact = await run('printf', ['abc'], { maxBuffer: 3, onMaxBuffer: 'end' });
      assert.deepEqual([exact.stdout, exact.truncated.stdout], ['abc', false]);
      const ended = await run('sh', ['-c', 'yes >&2'], { maxBuffer: 1001, onMaxBuffer: 'end', reject: false });
      assert.deepEqual([ended.reason, ended.ok, ended.stderr.length], ['maxBuffer', false, 1001]);
      await assert.rejects(
        async () => run('yes', { maxBuffer: 10, onMaxBuffer: 'end' }),
        /^RunError: more than maxBuffer on stdout \((?:SIGTERM|exit code 0)\): yes$/,
      );
    }));

  it('writes to files, streams, descriptors, and several places at once', () =>
    scenario(async ({ processes, fs }) => {
      const { run } = processes;
      const { PassThrough } = process.getBuiltinModule('node:stream');
      const folder = fs.mkdtempSync('/tmp/sigkit-run-');
      const [path, other] = [`${folder}/a`, `${folder}/b`];
      const script = ['-c', 'echo out; echo err >&2'];
      try {
        const alone = await run('sh', script, { stdout: { path, mode: 0o600 }, stderr: 'ignore' });
        assert.deepEqual([alone.stdout, alone.stderr, fs.readFileSync(path, 'utf8')], ['', '', 'out\n']);
        assert.equal(fs.statSync(path).mode & 0o777, 0o600);
        await run('sh', script, { stdout: { path, append: true }, stderr: { path: new URL(`file://${other}`) } });
        assert.deepEqual([fs.readFileSync(path, 'utf8'), fs.readFileSync(other, 'utf8')], ['out\nout\n', 'err\n']);
        const fd = fs.openSync(other, 'w');
        const stream = new PassThrough();
        const several = await run('sh', script, { stdout: ['pipe', { path }, fd, stream], stderr: stream });
        fs.writeSync(fd, 'open');
        fs.closeSync(fd);
        assert.deepEqual([several.stdout, fs.readFileSync(path, 'utf8')], ['out', 'out\n']);
        assert.equal(fs.readFileSync(other, 'utf8'), 'out\nopen');
        assert.ok(!stream.writableEnded);
        const text = (await stream.end().toArray()).join('');
        assert.deepEqual(text.split('\n').sort(), ['', 'err', 'out']);
        const slow = new PassThrough({ highWaterMark: 10 });
        const copy = run('seq', ['100000'], { stdout: ['pipe', slow] });
        let size = 0;
        slow.on('data', (chunk: Buffer) => (size += chunk.length));
        assert.equal((await copy).stdout.length + 1, 588_895);
        assert.equal(size, 588_895);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    }));

  it('a place that fails ends the command', () =>
    scenario(async ({ processes, fs }) => {
      const { PassThrough } = process.getBuiltinModule('node:stream');
      const gone = new PassThrough();
      gone.resume();
      const command = processes.run('yes', { stdout: ['pipe', gone], reject: false, maxBuffer: 10 });
      setTimeout(() => gone.destroy(new Error('full')), 20);
      const { reason, cause } = await command;
      assert.deepEqual([reason, (cause as Error).message], ['output', 'full']);
      const full = await processes.run('yes', { stdout: ['ignore', { path: '/dev/full' }], reject: false });
      assert.deepEqual([full.reason, (full.cause as NodeJS.ErrnoException).code], ['output', 'ENOSPC']);
      assert.equal(fs.existsSync('/dev/full'), true);
    }));

  it('a command that closes its output and goes on is waited for', () =>
    scenario(async ({ processes }) => {
      const { stdout, exitCode, durationMs } = await processes.run('sh', [
        '-c',
        'echo a; exec >&- 2>&-; sleep 0.2; exit 0',
      ]);
      assert.deepEqual([stdout, exitCode], ['a', 0]);
      assert.ok(durationMs > 190);
    }));

  it('others who hold the pipe are waited for as long as lateOutputMs says', () =>
    scenario(async ({ processes }) => {
      const { run } = processes;
      const late = await run('sh', ['-c', '(sleep 0.1; echo late) & echo early'], { lateOutputMs: 10_000 });
      assert.deepEqual([late.stdout, late.heldOpen.stdout], ['early\nlate', false]);
      const held = await run('sh', ['-c', 'sleep 1000 & echo $!'], { lateOutputMs: 50 });
      assert.deepEqual([held.ok, held.heldOpen], [true, { stdout: true, stderr: true }]);
      assert.deepEqual(
        held.left.map(({ pid }) => pid),
        [Number(held.stdout)],
      );
      process.kill(Number(held.stdout), 'SIGKILL');
    }));

  it('leaves no descriptor, child or listener behind', () =>
    scenario(async ({ processes, descriptors, until }) => {
      const { run } = processes;
      await run('true');
      const before = descriptors().length;
      for (let count = 0; count < 20; count += 1) {
        await run('cat', [], { input: 'x', stdout: ['pipe', 'inherit'], stderr: { path: '/dev/null' } });
        await run('no-such-program', { stdout: ['pipe', { path: '/dev/null' }] }).catch(() => {});
        for await (const _line of run('yes')) break;
      }
      await until(() => descriptors().length <= before, 'all is closed');
      assert.equal(process.stdout.listenerCount('drain') + process.stdout.listenerCount('error'), 0);
      assert.deepEqual(processes.children(), []);
    }));
});

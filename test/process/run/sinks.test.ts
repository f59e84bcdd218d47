import assert from 'node:assert/strict';

import { scenario } from '../../support/scenario.js';

describe('run(): sinks', () => {
  it('one file for several streams and commands is emptied once, and has all of them in their order', () =>
    scenario(async ({ processes, fs }) => {
      const folder = fs.mkdtempSync('/tmp/sigkit-sinks-');
      const path = `${folder}/a`;
      const script = 'echo 1; echo 2 >&2; echo 3; echo 4 >&2';
      try {
        fs.writeFileSync(path, 'old\n');
        await processes.run('sh', ['-c', script], { stdout: { path }, stderr: { path } });
        assert.equal(fs.readFileSync(path, 'utf8'), '1\n2\n3\n4\n');
        await processes.run('sh', ['-c', script], { stdout: { path, append: true }, stderr: { path } });
        assert.equal(fs.readFileSync(path, 'utf8'), '1\n2\n3\n4\n'.repeat(2));
        await processes.run('sh', ['-c', script], { stdout: ['pipe', { path }], stderr: ['pipe', { path }] });
        assert.deepEqual(fs.readFileSync(path, 'utf8').split('\n').sort(), ['', '1', '2', '3', '4']);
        const stage = ['sh', ['-c', 'cat; echo said >&2']] as const;
        await processes.pipeline(stage, stage, stage, { stdout: { path }, stderr: { path }, input: 'fed\n' });
        assert.deepEqual(fs.readFileSync(path, 'utf8').split('\n').sort(), ['', 'fed', 'said', 'said', 'said']);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    }));

  it('one that cannot be opened leaves nothing open of the others', () =>
    scenario(async ({ processes, fs, descriptors, until }) => {
      const folder = fs.mkdtempSync('/tmp/sigkit-sinks-');
      const before = descriptors().length;
      try {
        const stdout = [{ path: `${folder}/a` }, { path: `${folder}/missing/b` }];
        for (let count = 0; count < 20; count += 1)
          await assert.rejects(async () => processes.run('true', { stdout }), { code: 'ENOENT' });
        await until(() => descriptors().length <= before, 'all is closed');
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    }));

  it('one that is closed already fails the command', () =>
    scenario(async ({ processes }) => {
      const { PassThrough } = process.getBuiltinModule('node:stream');
      const closed = new PassThrough();
      closed.destroy();
      await new Promise((resolve) => closed.once('close', resolve));
      for (const stdout of [closed, ['pipe', closed] as const])
        await assert.rejects(
          async () => processes.run('echo', ['x'], { stdout }),
          /output goes to was closed: echo x$/,
        );
    }));

  it('what has only a method write is none', () =>
    scenario(({ processes }) => {
      const stdout = { write: () => true } as never;
      assert.throws(() => processes.run('sleep', ['1000'], { stdout }), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.deepEqual(processes.children(), []);
    }));

  it('many share one stream without a warning', () =>
    scenario(async ({ processes }) => {
      const { PassThrough } = process.getBuiltinModule('node:stream');
      const warnings: unknown[] = [];
      process.on('warning', (warning) => warnings.push(warning));
      const stream = new PassThrough().resume();
      const most = stream.getMaxListeners();
      await Promise.all(Array.from({ length: 12 }, () => processes.run('echo', { stdout: ['pipe', stream] })));
      await new Promise(setImmediate);
      assert.deepEqual([warnings, stream.getMaxListeners()], [[], most]);
    }));
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Tools } from '../../fixtures/scenario.js';
import type { Child } from '../../support/child.js';
import { asPid1, canUnshare } from '../../support/init.js';
import { commandFor, outcomeOf, startScenario } from '../../support/scenario.js';
import { Terminal } from '../../support/terminal.js';

const count = 20_000;

/** Writes more than a pipe takes in two of its hooks, and does what the environment says with its stdout. */
function writes({ shutdown, sigkit, fs }: Tools): void {
  const { THEN: then, BUDGET: budget = '30000' } = process.env;
  const after: Readonly<Record<string, () => void>> = {
    'its stream is destroyed': () => void process.stdout.destroy(),
    'its descriptor is closed': () => fs.closeSync(1),
    'its write is replaced by what does nothing': () => void (process.stdout.write = () => true),
    'its write is replaced by what throws': () => {
      process.stdout.write = () => {
        throw new Error('no write');
      };
    },
    'it is another object': () => void Object.defineProperty(process, 'stdout', { value: { writableLength: NaN } }),
    'it cannot be asked for': () => {
      const get = (): never => {
        throw new Error('no stdout');
      };
      Object.defineProperty(process, 'stdout', { get });
    },
  };
  const lines = (from: number, to: number) => (): void => {
    for (let line = from; line <= to; line += 1) process.stdout.write(`line ${line}\n`);
  };
  const ending = shutdown.createShutdown({ budgetMs: Number(budget) });
  ending
    .add('work', lines(1, 10_000), { stage: 'drain' })
    .add('last', () => after[then ?? '']?.(), { stage: 'flush' })
    .add('logs', lines(10_001, 20_000), { stage: 'flush', dependsOn: 'last' });
  void ending.done.then(() => fs.writeSync(2, 'done\n'));
  setInterval(() => {}, 1000);
  sigkit.kill(process.pid, 'SIGTERM');
}

const expected = Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

/** Nobody reads what it writes until all its hooks have ended. */
async function startUnread(variables: readonly string[], wrapper: readonly string[] = []): Promise<Child> {
  const child = startScenario(writes, { wrapper: ['env', ...variables, ...wrapper] });
  child.process.stdout?.pause();
  let told = '';
  const isDone = new Promise<void>((resolve) => {
    child.process.stderr?.on('data', (text: string) => {
      told += text;
      if (told.includes('done\n')) resolve();
    });
  });
  await Promise.race([isDone, once(child.process, 'exit')]);
  return child;
}

describe('what stdout has been given when a shutdown is over', () => {
  for (const [who, wrapper, status] of [
    ['any process', [], 'SIGTERM'],
    ['PID 1', asPid1, 143],
  ] as const)
    it(`is written before the end, however slow the reader is: ${who}`, async function () {
      if (wrapper === asPid1 && !canUnshare) return this.skip();
      const child = await startUnread(['SIGKIT_DETECT_LEAKS=0'], wrapper);
      child.process.stdout?.resume();
      const { code, signal, stdout, stderr } = await child.ended;
      assert.deepEqual([signal ?? code, stderr], [status, 'done\n']);
      assert.ok(stdout === expected, `${stdout.split('\n').length} lines`);
    });

  it('is written before the end, and so is what stderr has been given', async () => {
    const child = startScenario(({ shutdown, sigkit, fs }) => {
      const ending = shutdown.createShutdown();
      ending.add('work', () => {
        for (let line = 1; line <= 20_000; line += 1) process.stderr.write(`line ${line}\n`);
      });
      void ending.done.then(() => fs.writeSync(1, 'done\n'));
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    child.process.stderr?.pause();
    await child.line(/^done$/);
    child.process.stderr?.resume();
    const { signal, stderr } = await child.ended;
    assert.equal(signal, 'SIGTERM');
    assert.ok(stderr === expected, `${stderr.split('\n').length} lines`);
  });

  it('costs no more than the budget if nobody ever reads, and the end is as it was to be', async () => {
    const child = await startUnread(['BUDGET=1000']);
    await once(child.process, 'exit');
    child.process.stdout?.resume();
    const { signal, stderr } = await child.ended;
    assert.equal(signal, 'SIGTERM', stderr);
    assert.match(
      stderr,
      /: the deadline after \d+ ms, in exited: stdout; event loop blocked for \d+ ms(?:, (?:at|in) [^;]+)?; exit by SIGTERM\n$/,
    );
  });

  it('is given up, without a word, when the reader goes away', async () => {
    const child = await startUnread([]);
    child.process.stdout?.destroy();
    const { signal, stderr } = await child.ended;
    assert.deepEqual([signal, stderr], ['SIGTERM', 'done\n']);
  });

  it('is given up, without a word, when the reader goes away before who awaits the result has gone on', async () => {
    const child = startScenario(({ shutdown, sigkit, timers, fs }) => {
      const ending = shutdown.createShutdown();
      ending.add('logs', () => {
        process.stdout.write('log\n'.repeat(2 ** 20));
        // Its end comes of a timer: the event loop polls before the process leaves.
        return timers.setTimeout(1);
      });
      void ending.done.then(() => {
        fs.writeSync(2, 'done\n');
        // Until the reader has gone away.
        fs.readSync(0, Buffer.alloc(1));
      });
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    child.process.stdout?.pause();
    const stdout = child.process.stdout;
    child.process.stderr?.once('data', () => stdout?.once('close', () => child.process.stdin?.end()).destroy());
    const { signal, stderr } = await child.ended;
    assert.deepEqual([signal, stderr], ['SIGTERM', 'done\n']);
  });

  it('is given up where its descriptor is closed', async () => {
    const child = await startUnread(['THEN=its descriptor is closed']);
    await once(child.process, 'exit');
    child.process.stdout?.resume();
    const { signal, stderr } = await child.ended;
    assert.deepEqual([signal, stderr], ['SIGTERM', 'done\n']);
  });

  it('holds up nothing where its stream is destroyed', async () => {
    const child = await startUnread(['THEN=its stream is destroyed']);
    child.process.stdout?.resume();
    const { signal, stderr } = await child.ended;
    assert.deepEqual([signal, stderr], ['SIGTERM', 'done\n']);
  });

  for (const then of [
    'its write is replaced by what does nothing',
    'its write is replaced by what throws',
    'it is another object',
    'it cannot be asked for',
  ])
    it(`holds up nothing where ${then}`, async () => {
      const { signal, stderr } = await outcomeOf(writes, { wrapper: ['env', `THEN=${then}`] });
      assert.deepEqual([signal, stderr], ['SIGTERM', 'done\n']);
    });

  it('is written also where it is corked, and nobody uncorks it', async () => {
    const { signal, stdout, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
      const ending = shutdown.createShutdown();
      ending.add('logs', () => {
        process.stdout.cork();
        process.stdout.cork();
        process.stdout.write('corked\n');
      });
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    assert.deepEqual([signal, stdout, stderr], ['SIGTERM', 'corked\n', '']);
  });

  it('does not hinder an exit listener that writes to a pipe by itself, and waits for its reader', async () => {
    const child = startScenario(({ shutdown, sigkit, fs }) => {
      shutdown.createShutdown();
      process.on('exit', () => {
        fs.writeSync(2, 'exit\n');
        fs.writeSync(1, '0123456789abcdef'.repeat(2 ** 19));
      });
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    child.process.stdout?.pause();
    child.process.stderr?.once('data', () => child.process.stdout?.resume());
    const { signal, stdout } = await child.ended;
    assert.deepEqual([signal, stdout.length], ['SIGTERM', 2 ** 23]);
  });

  it('is in a file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-output-'));
    try {
      const file = path.join(folder, 'log');
      const { signal } = await outcomeOf(writes, { wrapper: ['sh', '-c', `exec "$@" > ${file}`, 'sh'] });
      assert.equal(signal, 'SIGTERM');
      assert.ok(readFileSync(file, 'utf8') === expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is on a terminal', async () => {
    const { command, args } = commandFor(writes);
    await using terminal = await Terminal.start(['sh', '-c', '"$@"; echo code $?', 'sh', command, ...args]);
    await terminal.line(`line ${count}`);
    await terminal.line('code 143');
  });
});

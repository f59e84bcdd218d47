import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Tools } from '../../fixtures/scenario.js';
import { needPython } from '../../fixtures/process/means.js';
import { asPid1, canUnshare } from '../../support/init.js';
import { commandFor, outcomeOf } from '../../support/scenario.js';
import { Terminal } from '../../support/terminal.js';

interface Row {
  readonly what: string;
  readonly exit: string;
  readonly status: string;
  readonly asPid1: string;
}

function rowsOf(document: string): Row[] {
  const text = readFileSync(new URL(`../../../../docs/${document}`, import.meta.url), 'utf8');
  const [, section = ''] = /^## Exit status\n([^]*?)^## /m.exec(text) ?? [];
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const [what = '', exit = '', status = '', pid1 = ''] = line
      .slice(1)
      .split('|')
      .map((cell) => cell.trim());
    return { what, exit, status, asPid1: pid1 };
  });
}

type Scenario = (tools: Tools) => unknown;

/** How each row of docs/shutdown.md comes about; `exit` comes from the environment, as JSON. */
const scenarios: Readonly<Record<string, Scenario>> = {
  'SIGTERM, all hooks done': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    shutdown.createShutdown({ exit }).add('hook', () => Promise.resolve());
    process.on('exit', (code) => process.stdout.write(`exit listener ${code}`));
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGWINCH, whose default action ends nothing, all hooks done': ({ shutdown, sigkit }) => {
    shutdown.createShutdown({ sigs: 'SIGWINCH' });
    sigkit.kill(process.pid, 'SIGWINCH');
    setInterval(() => {}, 1000);
  },
  '`shutdown()` by hand, all hooks done': ({ shutdown }) => {
    setInterval(() => {}, 1000);
    void shutdown.createShutdown().shutdown();
  },
  '`shutdown()` by hand, with `process.exitCode = 3`': ({ shutdown }) => {
    setInterval(() => {}, 1000);
    process.exitCode = 3;
    void shutdown.createShutdown().shutdown();
  },
  'SIGTERM, a hook failed': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    shutdown.createShutdown({ exit }).add('hook', () => Promise.reject(new Error('failed')));
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, a hook was given up at its time-out': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    shutdown.createShutdown({ exit }).add('hook', () => new Promise(() => {}), { timeoutMs: 10 });
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, a hook was given up as was `expected`': ({ shutdown, sigkit }) => {
    const ending = shutdown.createShutdown();
    ending.add('hook', () => new Promise(() => {}), { timeoutMs: 10, expected: true });
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  "SIGTERM, a stage's time-out aborted the rest": ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    const ending = shutdown.createShutdown({ exit });
    ending.stage('drain', { timeoutMs: 10, onTimeout: 'abort' });
    ending.add('hook', () => new Promise(() => {}), { stage: 'drain' }).add('never', () => process.exit(9));
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, the budget was used up, the loop being blocked': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    const block = (): void => {
      for (;;);
    };
    shutdown.createShutdown({ exit, budgetMs: 50 }).add('hook', block);
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, hooks were given up so that the rest had time': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    shutdown.createShutdown({ exit, budgetMs: 50 }).add('hook', () => new Promise(() => {}));
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, then SIGINT of Ctrl-C or sigqueue': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    const hook = (): Promise<void> => {
      sigkit.sigqueue(process.pid, 'SIGINT', 0);
      return new Promise(() => {});
    };
    shutdown.createShutdown({ exit }).add('hook', hook);
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, then `process.exit(3)` of somebody else': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    shutdown.createShutdown({ exit }).add('hook', () => process.exit(3));
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, then an uncaught exception': ({ shutdown, sigkit }) => {
    const exit = JSON.parse(process.env['EXIT'] ?? '') as 'signal';
    const hook = (): Promise<void> => {
      setImmediate(() => {
        throw new Error('uncaught');
      });
      return new Promise(() => {});
    };
    shutdown.createShutdown({ exit }).add('hook', hook);
    sigkit.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  'SIGTERM, and the program ends by itself afterwards': async ({ shutdown, sigkit }) => {
    const ending = shutdown.createShutdown({ exit: 'none' }).add('hook', () => Promise.reject(new Error('failed')));
    const alive = setInterval(() => {}, 1000);
    sigkit.kill(process.pid, 'SIGTERM');
    await ending.done;
    clearInterval(alive);
  },
};

const usual = scenarios['SIGTERM, all hooks done'] as Scenario;
const all: Readonly<Record<string, Scenario>> = {
  ...scenarios,
  'SIGTERM, all hooks done, 0 asked for': usual,
  'SIGTERM, all hooks done, a number asked for': usual,
};

const rows = rowsOf('shutdown.md');
const exitsOf = ({ exit }: Row): string[] =>
  exit.startsWith('all')
    ? ['"signal"', '"zero"', '7']
    : [exit.replace(/^`'?(\w+)'?`$/, (_, value: string) => (/^\d/.test(value) ? value : `"${value}"`))];

async function statusOf(run: Scenario, exit: string, wrapper: readonly string[]): Promise<string> {
  // LeakSanitizer's own helper process does not work as PID 1.
  const env = ['env', `EXIT=${exit}`, ...(wrapper.length > 0 ? ['SIGKIT_DETECT_LEAKS=0'] : [])];
  const { code, signal } = await outcomeOf(run, { wrapper: [...env, ...wrapper] });
  return signal === null ? String(code) : `\`${signal}\``;
}

describe('the exit status of a shutdown', () => {
  it('is told for each way to end', () =>
    assert.deepEqual(rows.map(({ what }) => what).sort(), Object.keys(all).sort()));

  for (const row of rows) {
    it(`${row.what}: ${row.status}`, async () => {
      for (const exit of exitsOf(row)) assert.equal(await statusOf(all[row.what] ?? usual, exit, []), row.status, exit);
    });

    it(`${row.what}, as PID 1: ${row.asPid1}${canUnshare ? '' : ' (skipped: no namespaces)'}`, async function () {
      if (!canUnshare) return this.skip();
      for (const exit of exitsOf(row))
        assert.equal(await statusOf(all[row.what] ?? usual, exit, asPid1), row.asPid1, exit);
    });
  }

  it("'exit' listeners run before the signal, with the code that a shell would give", async () => {
    const { signal, stdout } = await outcomeOf(usual, { wrapper: ['env', 'EXIT="signal"'] });
    assert.deepEqual([signal, stdout], ['SIGTERM', 'exit listener 143']);
  });

  it("so does what runs after them: reallyExit, as others have it, and Node's own coverage", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-coverage-'));
    try {
      const { signal, stdout } = await outcomeOf(
        ({ shutdown, sigkit, fs }) => {
          const target = process as unknown as { reallyExit(this: NodeJS.Process, code: number): never };
          const really = Reflect.get(target, 'reallyExit') as typeof target.reallyExit;
          target.reallyExit = function (code) {
            fs.writeSync(1, `reallyExit ${code}`);
            return really.call(this, code);
          };
          shutdown.createShutdown();
          sigkit.kill(process.pid, 'SIGTERM');
          setInterval(() => {}, 1000);
        },
        { wrapper: ['env', `NODE_V8_COVERAGE=${folder}`] },
      );
      assert.deepEqual([signal, stdout, readdirSync(folder).length], ['SIGTERM', 'reallyExit 143', 1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("an 'exit' listener may still exit with another code", async () => {
    const { code } = await outcomeOf(
      ({ shutdown, sigkit }) => {
        process.on('exit', () => process.exit(9));
        shutdown.createShutdown();
        sigkit.kill(process.pid, 'SIGTERM');
        setInterval(() => {}, 1000);
      },
      { wrapper: ['env'] },
    );
    assert.equal(code, 9);
  });

  it('is in the result as the parent sees it', async () => {
    const { code, stdout } = await outcomeOf(({ shutdown, fs }) => {
      process.exitCode = 300;
      const ending = shutdown.createShutdown();
      void ending.done.then(({ exitCode }) => fs.writeSync(1, String(exitCode)));
      void ending.shutdown();
    });
    assert.deepEqual([code, stdout], [44, '44']);
  });

  it('is what it should be where the terminal has hung up', async function () {
    needPython(this);
    for (const [exit, status] of [
      ['signal', -1],
      ['zero', 0],
    ] as const) {
      const { command, args } = commandFor(({ shutdown, fs }) => {
        const wanted = { sigs: 'SIGHUP', exit: process.env['EXIT'] as 'signal' } as const;
        shutdown.createShutdown(wanted).add('hook', () => Promise.resolve());
        process.stdout.on('error', () => {});
        fs.writeSync(1, 'ready\n');
        setInterval(() => {}, 1000);
      });
      const terminal = await Terminal.start(['env', `EXIT=${exit}`, command, ...args]);
      await terminal.line('ready');
      const { code, stderr } = await terminal.end();
      // As Python and the exit have it: that of a signal is its number, negative.
      assert.equal(code, status & 255, stderr);
    }
  });

  for (const [who, wrapper, expected] of [
    ['any process', [], [null, 'SIGTERM']],
    ['PID 1', asPid1, [143, null]],
  ] as const)
    it(`is in the result, of ${who}`, async function () {
      if (wrapper === asPid1 && !canUnshare) return this.skip();
      const { stdout } = await outcomeOf(
        ({ shutdown, sigkit, fs }) => {
          const tell = ({ exitCode, exitSignal }: { readonly exitCode: unknown; readonly exitSignal: unknown }): void =>
            void fs.writeSync(1, JSON.stringify([exitCode, exitSignal]));
          void shutdown.createShutdown().done.then(tell);
          sigkit.kill(process.pid, 'SIGTERM');
          setInterval(() => {}, 1000);
        },
        { wrapper: ['env', 'SIGKIT_DETECT_LEAKS=0', ...wrapper] },
      );
      assert.deepEqual(JSON.parse(stdout), expected);
    });
});

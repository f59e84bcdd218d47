import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

import { kill, sigqueue, type Signal } from 'sigkit';

import type { Tools } from '../../fixtures/scenario.js';
import { type Outcome, until } from '../../support/child.js';
import { childrenOf, statOf } from '../../support/processes.js';
import { startScenario } from '../../support/scenario.js';

const budgetMs = 500;

const ways = [
  'while (true)',
  'Atomics.wait',
  'execSync for 30 s',
  'a regular expression that never ends',
  'a debugger that has stopped it',
];

/** Says `blocked`, and never ends that turn of the event loop: which way, and where, is told by the environment. */
function blocking({ shutdown, childProcess, fs, workerThreads }: Tools): void {
  const say = (line: string): void => void fs.writeSync(1, `${line}\n`);
  const debuggerOfMain = `const session = new (require('node:inspector').Session)();
    session.connectToMainThread();
    session.on('Debugger.paused', () => require('node:fs').writeSync(1, 'blocked\\n'));
    session.post('Debugger.enable');
    session.post('Debugger.pause');
    setInterval(() => {}, 1000);`;
  const block: Readonly<Record<string, () => void>> = {
    'while (true)': () => {
      say('blocked');
      for (;;);
    },
    'Atomics.wait': () => {
      say('blocked');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    'execSync for 30 s': () => void childProcess.execSync('echo blocked; exec sleep 30 >&- 2>&-', { stdio: 'inherit' }),
    'a regular expression that never ends': () => {
      say('blocked');
      /^(?:a+)+$/.test(`${'a'.repeat(60)}!`);
    },
    'a debugger that has stopped it': () => {
      setInterval(() => {}, 1);
      new workerThreads.Worker(debuggerOfMain, { eval: true }).unref();
    },
    'an event loop with nothing to do': () => say('blocked'),
  };
  const { WAY: way = '', WHERE: where, BUDGET: budget } = process.env;
  const group = childProcess.spawn('sh', ['-c', 'trap "" TERM; sleep 100 & sleep 100'], {
    detached: true,
    stdio: 'ignore',
  });
  const ending = shutdown.createShutdown({ budgetMs: Number(budget), reserveMs: 0 });
  ending.addGroup(group.pid ?? 0);
  const hook = async (): Promise<void> => {
    // From here on it runs where the loop polls.
    await fs.promises.readFile('/proc/self/stat');
    if (where === 'in a hook') block[way]?.();
    await new Promise(() => {});
  };
  ending.add('queue', () => {}).add('http', hook, { stage: 'drain', dependsOn: 'queue' });
  // What it has done before is no matter.
  const busyUntil = performance.now() + Number(process.env['BUSY'] ?? 0);
  while (performance.now() < busyUntil);
  say(`group ${group.pid}`);
  setImmediate(() => (where === 'in a hook' ? say('waits') : block[way]?.()));
}

interface Ended {
  /** Whether it was, before the deadline. */
  readonly blocked: boolean;
  readonly code: number | null;
  /** After the deadline, if the last of the signals has set one. */
  readonly lateMs: number;
  readonly stderr: string;
}

function isPending(pid: number): boolean {
  return /^ShdPnd:\t0*[1-9a-f]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

function isGone(group: number): boolean {
  const left = readdirSync('/proc').map((name) => statOf(Number(name)));
  return !left.some((stat) => stat?.group === group && stat.state !== 'Z');
}

/** Sends the signals, each when the one before has been taken: the first sets the deadline, any further one ends it at once. */
async function endOf(way: string, where: string, signals: readonly Signal[], budget: number): Promise<Ended> {
  const busy = `BUSY=${ways.includes(way) ? 0 : budget}`;
  const wrapper = ['env', `WAY=${way}`, `WHERE=${where}`, `BUDGET=${budget}`, busy];
  const child = startScenario(blocking, { wrapper });
  const { pid } = child;
  const group = Number((await child.line(/^group/)).split(' ')[1]);
  assert.ok(!isGone(group));
  await child.line(where === 'in a hook' ? /^waits/ : /^blocked/);
  const exit = once(child.process, 'exit');
  let sentAt = 0;
  for (const signal of signals) {
    await until(() => !isPending(pid), 'the signal before is taken');
    // The first by kill, and who means it after that by sigqueue.
    const isFirst = sentAt === 0;
    sentAt = performance.now();
    if (isFirst) kill(pid, signal);
    else sigqueue(pid, signal, 0);
  }
  const said = where === 'in a hook' ? child.line(/^blocked/) : Promise.resolve();
  const blocked = await said.then(
    () => true,
    () => false,
  );
  const others = childrenOf(pid).filter((each) => each !== group);
  const [code] = (await exit) as [number | null];
  const lateMs = performance.now() - sentAt - (signals.length === 1 ? budget : 0);
  await until(() => isGone(group), 'the group is gone');
  for (const other of others) process.kill(other, 'SIGKILL');
  const { stderr } = await child.ended;
  return { blocked, code, lateMs, stderr };
}

/** Has it be blocked before the deadline: a busy machine needs longer to get there. */
async function endAtDeadline(way: string, where: string): Promise<Ended & { readonly budget: number }> {
  for (let budget = budgetMs; ; budget *= 2) {
    const ended = await endOf(way, where, ['SIGTERM'], budget);
    if (ended.blocked) return { ...ended, budget };
    assert.ok(budget < 10_000, `not blocked within ${budget} ms: ${ended.stderr}`);
  }
}

/** A machine that halts for a second makes one of them late, what is wrong with the code makes each so. */
async function promptly<E extends { readonly lateMs: number }>(slackMs: number, run: () => Promise<E>): Promise<E> {
  for (let tries = 1; ; tries += 1) {
    const ended = await run();
    if (ended.lateMs < slackMs || tries === 4) return ended;
  }
}

/** Repeats a plain kill while its loop is blocked, which ends when all has been taken. */
async function goesOnBlocked(): Promise<Outcome> {
  const child = startScenario(({ shutdown, sigkit, fs }) => {
    const seen = sigkit.signals('SIGUSR2', { ref: false });
    shutdown.createShutdown({ exit: 7 });
    fs.writeSync(1, 'blocked\n');
    while (seen.poll() === null);
    setInterval(() => {}, 1000);
  });
  await child.line(/^blocked/);
  for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT', 'SIGUSR2'] as const) {
    await until(() => !isPending(child.pid), 'the signal before is taken');
    kill(child.pid, signal);
  }
  return child.ended;
}

/** The text behind how long it is blocked, by the way in which it is; left out where it is not to be had in time. */
const places: Readonly<Record<string, string>> = {
  'while (true)': String.raw`, at while \(true\) \(\S+:\d+:\d+\) < [^;]+`,
  'Atomics.wait': String.raw`, at Atomics\.wait \(<anonymous>\) < [^;]+`,
  'execSync for 30 s': ', in the system call epoll_p?wait',
  'a regular expression that never ends': String.raw`, at RegExp\.test \(<anonymous>\) < [^;]+`,
  'a debugger that has stopped it': ', in the system call futex',
  // A timer of its own may be due at the same moment.
  'an event loop with nothing to do': String.raw`, at [^;]*\(node:internal/timers:[^;]+`,
};

function lastLine(stderr: string, cause: string, state: string, place: string = '(?:, (?:at|in) [^;]+)?'): number {
  const pattern = new RegExp(
    `^sigkit: ${cause} after \\d+ ms, in ${state}; event loop blocked for (\\d+) ms${place}; exit \\d+\\n$`,
  );
  assert.match(stderr, pattern);
  return Number(pattern.exec(stderr)?.[1]);
}

const sender = (signal: string): string => `${signal} from pid ${process.pid} \\(uid ${process.getuid?.()}\\)`;

/** What it takes to end without us: a sanitizer has its own work to do then. */
async function endAnyway(): Promise<number> {
  const child = startScenario(() => {
    process.on('SIGTERM', () => process.exit());
    console.log('ready');
    setInterval(() => {}, 1000);
  });
  await child.line(/^ready/);
  const before = performance.now();
  process.kill(child.pid, 'SIGTERM');
  await once(child.process, 'exit');
  return performance.now() - before;
}

describe('a shutdown of a process whose event loop is blocked', () => {
  // What a busy machine may take besides; bench/ has the figures.
  let slackMs = 1000;

  before(async () => void (slackMs += await endAnyway()));

  for (const way of [...ways, 'an event loop with nothing to do']) {
    for (const [where, state] of [
      ['before a hook', 'running, not begun: queue, http'],
      ['in a hook', 'draining: http'],
    ] as const) {
      it(`ends at its deadline, and tells of it: ${way}, ${where}`, async () => {
        const blocked = ways.includes(way);
        const { code, lateMs, stderr, budget } = await promptly(slackMs, () => endAtDeadline(way, where));
        assert.equal(code, 124, stderr);
        assert.ok(lateMs >= 0 && lateMs < slackMs, `${lateMs} ms late`);
        const begun = blocked || where === 'in a hook' ? state : 'draining: http';
        const blockedMs = lastLine(stderr, `${sender('SIGTERM')}: the deadline`, begun, `(?:${places[way]})?`);
        // In a hook it is blocked from some moment after the signal on; a busy machine is slow to get there.
        const least = where === 'in a hook' ? 1 : budget / 2;
        assert.ok(blocked ? blockedMs >= least : blockedMs < budget, stderr);
      });
    }
  }

  it('says where it is blocked, in JavaScript and in a system call', async () => {
    for (const way of ['while (true)', 'execSync for 30 s']) {
      const place = new RegExp(`blocked for \\d+ ms${places[way]}; exit 124\n$`);
      let stderr = '';
      for (let tries = 0; tries < 10 && !place.test(stderr); tries += 1)
        ({ stderr } = await endAtDeadline(way, 'in a hook'));
      assert.match(stderr, place);
    }
  });

  it('has its budget from the signal on, not from when the event loop gets to it', async () => {
    const blockedMs = Math.ceil(2 * slackMs);
    const { code, stderr, lateMs } = await promptly(slackMs, async () => {
      const child = startScenario(
        ({ shutdown, fs }) => {
          const blocked = Number(process.env['BLOCKED']);
          shutdown.createShutdown({ budgetMs: blocked + 500, reserveMs: 0 }).add('hook', () => new Promise(() => {}));
          setInterval(() => {}, 1000);
          fs.writeSync(1, 'blocked\n');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blocked);
        },
        { wrapper: ['env', `BLOCKED=${blockedMs}`] },
      );
      await child.line(/^blocked$/);
      const sentAt = performance.now();
      process.kill(child.pid, 'SIGTERM');
      const ended = await child.ended;
      return { ...ended, lateMs: performance.now() - sentAt - blockedMs - 500 };
    });
    assert.equal(code, 124);
    assert.match(stderr, /in stopping: hook;/);
    assert.ok(lateMs >= 0 && lateMs < slackMs, `${lateMs} ms late`);
  });

  for (const way of ways) {
    it(`ends at a second signal at once: ${way}`, async () => {
      const { code, lateMs, stderr } = await promptly(slackMs, () =>
        endOf(way, 'before a hook', ['SIGINT', 'SIGINT'], 60_000),
      );
      assert.equal(code, 130, stderr);
      assert.ok(lateMs < slackMs, `after ${lateMs} ms`);
      lastLine(
        stderr,
        `${sender('SIGINT')}, then ${sender('SIGINT')}: a second signal`,
        'running, not begun: queue, http',
      );
    });
  }

  it('goes on where a plain kill is repeated', async () => {
    const { stderr, code } = await goesOnBlocked();
    assert.deepEqual([code, stderr], [7, '']);
  });

  it('the second may be another one', async () => {
    const { code, stderr } = await endOf('while (true)', 'before a hook', ['SIGINT', 'SIGTERM'], 60_000);
    assert.equal(code, 143, stderr);
  });
});

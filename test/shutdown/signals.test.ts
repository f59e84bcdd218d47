import assert from 'node:assert/strict';

import type { Tools } from '../fixtures/scenario.js';
import { until } from '../support/child.js';
import { statOf } from '../support/processes.js';
import { outcomeOf, scenario } from '../support/scenario.js';

// Begins as it is told, and says what comes to it after that.
function handBegun({ shutdown, sigkit, fs, timers }: Tools): void {
  const ending = shutdown.createShutdown({ budgetMs: 20_000 });
  const hook = async (): Promise<void> => {
    sigkit.kill(process.pid, 'SIGTERM');
    // It has been taken, and nothing happened.
    while (sigkit.sigpending().size > 0) await timers.setImmediate();
    await timers.setTimeout(50);
    fs.writeSync(1, 'still here\n');
    if (process.env['SIGNALS'] === '2') sigkit.sigqueue(process.pid, 'SIGINT', 0);
    await timers.setTimeout(process.env['SIGNALS'] === '2' ? 10_000 : 0);
  };
  ending.add('hook', hook);
  process.exitCode = 4;
  void ending.shutdown();
}

describe('the signals of a shutdown', () => {
  it('are its own: listeners of process.on stay silent', () =>
    scenario(async ({ shutdown, sigkit, timers }) => {
      const alive = setInterval(() => {}, 1000);
      let heard = 0;
      process.on('SIGTERM', () => (heard += 1));
      const ending = shutdown.createShutdown({ exit: 'none', sigs: ['SIGTERM', 'SIGRTMIN+1'] });
      sigkit.sigqueue(process.pid, 'SIGTERM', 7);
      const { info, reason } = await ending.done;
      await timers.setTimeout(10);
      assert.deepEqual([info?.value, info?.pid, reason, heard], [7, process.pid, 'SIGTERM', 0]);
      clearInterval(alive);
    }));

  it('a second one is ignored on request', async () => {
    const { code, signal } = await outcomeOf(({ shutdown, sigkit, timers }) => {
      const hook = async (): Promise<void> => {
        for (let sent = 0; sent < 5; sent += 1) {
          sigkit.sigqueue(process.pid, 'SIGINT', 0);
          await timers.setTimeout(10);
        }
      };
      shutdown.createShutdown({ second: 'ignore' }).add('hook', hook);
      sigkit.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
    assert.deepEqual([code, signal], [null, 'SIGTERM']);
  });

  it('a second one, where nothing exits, gives up what runs', () =>
    scenario(async ({ shutdown, sigkit }) => {
      const ending = shutdown.createShutdown({ exit: 'none' });
      const hook = (): Promise<void> => {
        sigkit.sigqueue(process.pid, 'SIGINT', 0);
        return new Promise(() => {});
      };
      ending.add('hook', hook).add('later', () => {}, { stage: 'flush' });
      const alive = setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
      const { info, hooks, forced } = await ending.done;
      clearInterval(alive);
      assert.deepEqual([info?.signal, forced, ending.state], ['SIGTERM', true, 'forced']);
      assert.deepEqual(
        hooks.map(({ outcome }) => outcome),
        ['timed-out', 'skipped'],
      );
      assert.match(String(hooks[0]?.error), /SIGINT came from process \d+, as a second signal/);
    }));

  it('after a beginning by hand the first, where nothing exits, gives up nothing', () =>
    scenario(async ({ shutdown, sigkit, timers }) => {
      const ending = shutdown.createShutdown({ exit: 'none' });
      const hook = async (): Promise<void> => {
        sigkit.kill(process.pid, 'SIGTERM');
        await timers.setTimeout(20);
        sigkit.sigqueue(process.pid, 'SIGINT', 0);
        await new Promise(() => {});
      };
      ending.add('first', () => timers.setTimeout(10), { stage: 'flush' }).add('hook', hook, { stage: 'drain' });
      const { info, hooks, forced, durationMs } = await ending.shutdown();
      assert.deepEqual([info, forced, hooks[0]?.outcome], [null, true, 'timed-out']);
      assert.match(String(hooks[0]?.error), /SIGINT came/);
      assert.ok(durationMs >= 19);
    }));

  it('the budget runs from the signal, not from when the event loop gets to it', () =>
    scenario(async ({ shutdown, sigkit }) => {
      const ending = shutdown.createShutdown({ exit: 'none', budgetMs: 10_000 });
      const left: number[] = [];
      ending.add('hook', ({ remainingMs }) => void left.push(remainingMs()));
      sigkit.kill(process.pid, 'SIGTERM');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      const alive = setInterval(() => {}, 1000);
      const { durationMs } = await ending.done;
      clearInterval(alive);
      assert.ok((left[0] ?? 0) <= 9900 && durationMs >= 100, `${left[0]} ms left, ${durationMs} ms in all`);
    }));

  it('one that has waited for the claim has its deadline, and its name in the last line', async () => {
    // More than once: it is a matter of who comes first.
    for (let round = 0; round < 4; round += 1) {
      const { code, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
        sigkit.sigprocmask('SIG_BLOCK', 'SIGTERM');
        sigkit.kill(process.pid, 'SIGTERM');
        shutdown.createShutdown({ budgetMs: 100 });
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
        process.exit(3);
      });
      assert.equal(code, 124);
      assert.match(stderr, /^sigkit: SIGTERM from pid \d+ \(uid \d+\): the deadline after /);
    }
  });

  it('may be SIGCHLD, without a warning', () =>
    scenario(async ({ shutdown, timers }) => {
      let warnings = 0;
      process.on('warning', () => (warnings += 1));
      shutdown.createShutdown({ sigs: ['SIGTERM', 'SIGCHLD'] }).close();
      await timers.setImmediate();
      assert.equal(warnings, 0);
    }));

  it('after a beginning by hand the first asks for what happens already', async () => {
    const { code, stdout } = await outcomeOf(handBegun, { wrapper: ['env', 'SIGNALS=1'] });
    assert.deepEqual([code, stdout], [4, 'still here\n']);
  });

  it('after a beginning by hand the second ends the process at once', async () => {
    const { code, stdout, stderr } = await outcomeOf(handBegun, { wrapper: ['env', 'SIGNALS=2'] });
    assert.deepEqual([code, stdout], [130, 'still here\n']);
    assert.match(
      stderr,
      /^sigkit: shutdown by hand, then SIGINT from pid \d+ \(uid \d+\): a second signal after \d+ ms, in stopping: hook; /,
    );
  });

  it('a deadline after a beginning by hand says so', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const ending = shutdown.createShutdown({ budgetMs: 1000 });
      ending.add('hook', () => new Promise(() => {}), { stage: 'drain' });
      void ending.shutdown();
    });
    assert.equal(code, 124);
    assert.match(stderr, /^sigkit: shutdown by hand: the deadline after \d+ ms, in draining: hook; /);
  });

  it('a deadline that is moved ever further does not come', () =>
    scenario(
      ({ shutdown, sigkit, timers }) => {
        const hook = ({ extend }: { extend: (ms: number) => void }): Promise<void> => {
          for (let times = 0; times < 5000; times += 1) extend(2 ** 31 - 1);
          // Has the native thread look at it.
          sigkit.signals('SIGUSR2').close();
          return timers.setTimeout(50);
        };
        shutdown.createShutdown().add('hook', hook);
        sigkit.kill(process.pid, 'SIGTERM');
        setInterval(() => {}, 1000);
      },
      { signal: 'SIGTERM' },
    ));

  it('a hook that blocks the event loop from its first line on is named', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const block = (): void => {
        for (;;);
      };
      const ending = shutdown.createShutdown({ budgetMs: 1000 }).add('never begun', () => {});
      void ending.add('blocks', block, { dependsOn: 'never begun' }).shutdown();
    });
    assert.equal(code, 124);
    assert.match(stderr, /the deadline after \d+ ms, in stopping: blocks; /);
  });

  it('of several hooks those that still run are named', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const ending = shutdown.createShutdown({ budgetMs: 1000 });
      for (const name of ['one', 'two']) ending.add(name, () => new Promise(() => {}));
      void ending.add('ends', () => Promise.resolve()).shutdown();
    });
    assert.equal(code, 124);
    assert.match(stderr, /, in stopping: two, one; /);
  });

  it('an exit listener that never returns does not keep the process', async () => {
    const { signal, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
      shutdown.createShutdown({ budgetMs: 1000 });
      process.on('exit', () => {
        for (;;);
      });
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    assert.equal(signal, 'SIGTERM');
    assert.match(stderr, /the deadline after \d+ ms, in exited; event loop blocked for \d+ ms/);
  });

  for (const [exit, status] of [
    ['signal', 'SIGTERM'],
    ['zero', 0],
  ] as const)
    it(`an exit listener that throws does not keep the process either, whoever catches it: exit: ${exit}`, async () => {
      const { code, signal, stdout, stderr } = await outcomeOf(
        ({ shutdown, sigkit, fs }) => {
          shutdown.createShutdown({ exit: process.env['EXIT'] as 'signal' | 'zero' });
          process.on('unhandledRejection', (error) => fs.writeSync(1, `${(error as Error).message}\n`));
          process.on('exit', () => {
            throw new Error('in exit');
          });
          setInterval(() => {}, 1000);
          sigkit.kill(process.pid, 'SIGTERM');
        },
        { wrapper: ['env', `EXIT=${exit}`] },
      );
      assert.deepEqual([signal ?? code, stdout, stderr], [status, 'in exit\n', '']);
    });

  it('an exit listener that throws ends the process, with the code of its exit, if nobody catches it', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
      shutdown.createShutdown();
      process.on('exit', () => {
        throw new Error('in exit');
      });
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    assert.equal(code, 143);
    assert.match(stderr, /Error: in exit/);
    assert.doesNotMatch(stderr, /deadline/);
  });

  it('groups end before a stage that aborts ends the process', async () => {
    const { code, stdout, stderr } = await outcomeOf(({ shutdown, sigkit, childProcess, fs }) => {
      const start = (): number => childProcess.spawn('sleep', ['100'], { detached: true, stdio: 'ignore' }).pid ?? 0;
      const [kept, ended] = [start(), start()];
      const ending = shutdown.createShutdown();
      for (const group of [kept, ended, ended]) ending.addGroup(group);
      ending.removeGroup(kept);
      ending.removeGroup(kept);
      ending.stage('drain', { timeoutMs: 1, onTimeout: 'abort' });
      ending.add('hook', () => new Promise(() => {}), { stage: 'drain' });
      fs.writeSync(1, JSON.stringify([kept, ended]));
      sigkit.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
    assert.equal(code, 1, stderr);
    const [kept, ended] = JSON.parse(stdout) as [number, number];
    await until(() => (statOf(ended)?.state ?? 'Z') === 'Z', 'the group is gone');
    assert.equal(statOf(kept)?.state, 'S');
    process.kill(kept, 'SIGKILL');
  });
});

describe('an end that is not the one of the shutdown', () => {
  it('by process.exit is told with its stack', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown, sigkit }) => {
      function thirdParty(): void {
        process.exit(3);
      }
      const ending = shutdown.createShutdown();
      ending.add('hook', () => new Promise(() => setImmediate(thirdParty)), { stage: 'drain' });
      process.on('exit', () => {
        throw new Error('a listener that fails');
      });
      setInterval(() => {}, 1000);
      sigkit.kill(process.pid, 'SIGTERM');
    });
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /^sigkit: process\.exit\(3\) during shutdown, stage drain, by:\n +at (?:Immediate\.)?thirdParty /,
    );
  });

  it('before the first stage, and by a hook that has replaced process.exit', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const original = process.exit.bind(process);
      process.exit = (code) => original(code);
      const ending = shutdown.createShutdown({ drainDelayMs: 10_000 });
      void ending.shutdown();
      setImmediate(function impatient() {
        process.exit(0);
      });
    });
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^sigkit: process\.exit\(0\) during shutdown, before its first stage, by:\n +at (?:Immediate\.)?impatient /,
    );
  });

  for (const stacks of ['stackTraceLimit = 0', 'prepareStackTrace = (_, sites) => sites'])
    it(`is told with its stack, though stacks are not as usual: ${stacks}`, async () => {
      const { code, stderr } = await outcomeOf(
        ({ shutdown }) => {
          const wanted = process.env['STACKS'] ?? '';
          if (wanted.startsWith('stackTraceLimit')) Error.stackTraceLimit = 0;
          else Error.prepareStackTrace = (_, sites) => sites;
          const setting = (): unknown[] => [Error.stackTraceLimit, Reflect.get(Error, 'prepareStackTrace')];
          const before = setting();
          process.on('exit', () => assert.deepEqual(setting(), before));
          const ending = shutdown.createShutdown();
          const hook = (): Promise<void> =>
            new Promise(() =>
              setImmediate(function thirdParty() {
                process.exit(3);
              }),
            );
          void ending.add('hook', hook).shutdown();
        },
        { wrapper: ['env', `STACKS=${stacks}`] },
      );
      assert.equal(code, 3, stderr);
      assert.match(stderr, /^sigkit: process\.exit\(3\) during shutdown, stage release, by:\n +at .*thirdParty /);
    });

  it('by an uncaught exception is told', async () => {
    const { code, stderr } = await outcomeOf(({ shutdown }) => {
      const ending = shutdown.createShutdown();
      const hook = (): Promise<void> => {
        setImmediate(() => {
          throw new Error('uncaught');
        });
        return new Promise(() => {});
      };
      ending.add('hook', hook);
      void ending.shutdown();
    });
    assert.equal(code, 1);
    assert.match(stderr, /^sigkit: the process ended with 1 during shutdown, stage release, without process\.exit$/m);
  });

  it("is nobody's business before it has begun, and after it has ended", async () => {
    const { code, stderr } = await outcomeOf(async ({ shutdown }) => {
      shutdown.createShutdown().close();
      await shutdown.createShutdown({ exit: 'none' }).shutdown();
      shutdown.createShutdown();
      process.exit(3);
    });
    assert.deepEqual([code, stderr], [3, '']);
  });
});

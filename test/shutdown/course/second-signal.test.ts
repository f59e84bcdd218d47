import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { kill, sigqueue } from 'sigkit';

import type { Tools } from '../../fixtures/scenario.js';
import { type Child, until } from '../../support/child.js';
import { childOf, statOf } from '../../support/processes.js';
import { commandFor, outcomeOf, startScenario } from '../../support/scenario.js';
import { keys, Terminal } from '../../support/terminal.js';

// Stops when SIGUSR2 has come, and says so.
function stopsAtLast({ shutdown, sigkit, timers }: Tools): void {
  const { EXIT, SECOND = 'force' } = process.env;
  const stream = sigkit.signals('SIGUSR2', { ref: false });
  const options = { sigs: ['SIGTERM', 'SIGINT', 'SIGQUIT'], budgetMs: 600_000, second: SECOND as 'force' } as const;
  const ending = shutdown.createShutdown({ ...options, exit: EXIT === 'none' ? 'none' : 7 });
  ending.add('hook', async () => {
    if (SECOND === 'any') for (const signal of ['SIGTERM', 'SIGINT'] as const) process.kill(process.pid, signal);
    console.log('stops');
    await stream.next();
    // What came before that one has been taken.
    await timers.setTimeout(20);
    stream.close();
  });
  const alive = setInterval(() => {}, 1000);
  void ending.done.then(({ forced }) => {
    clearInterval(alive);
    console.log(`forced ${forced}`);
  });
  console.log('ready');
}

/** A parent of the command that follows, which runs the script at a signal. */
function parent(signal: string, script: string): string[] {
  return ['sh', '-c', `trap '${script}' ${signal}; "$@" & wait; wait $!; wait $!; echo code $?`, 'sh'];
}

async function allTaken(pid: number): Promise<void> {
  await until(() => !/^ShdPnd:\t0*[1-9a-f]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), 'all has been taken');
}

describe('a second signal', () => {
  it('is none that a parent hands on: Ctrl-C. Pressed again, it is', async () => {
    const { command, args } = commandFor(stopsAtLast);
    // As npm does. The child gets it from the terminal as well.
    const script = 'read line; kill -INT $!; trap "" INT; echo handed on';
    await using terminal = await Terminal.start([...parent('INT', script), command, ...args]);
    await terminal.line('ready');
    terminal.type(keys.interrupt);
    await terminal.line('stops');
    terminal.type('\n');
    await terminal.line('handed on');
    await allTaken(await childOf(terminal.leader));
    terminal.type(keys.interrupt);
    await terminal.line('code 130');
  });

  for (const [typed, code] of [
    [keys.interrupt, 130],
    [keys.quit, 131],
  ] as const) {
    it(`is what is typed after a plain kill: ${code - 128}`, async () => {
      const { command, args } = commandFor(stopsAtLast);
      const script = 'trap : INT QUIT; "$@"; echo code $?';
      await using terminal = await Terminal.start(['sh', '-c', script, 'sh', command, ...args]);
      await terminal.line('ready');
      kill(await childOf(terminal.leader), 'SIGTERM');
      await terminal.line('stops');
      terminal.type(typed);
      await terminal.line(`code ${code}`);
    });
  }

  for (const exit of ['7', 'none'] as const) {
    const wrapper = ['env', `EXIT=${exit}`];
    const starts = async (...variables: readonly string[]): Promise<Child> => {
      const child = startScenario(stopsAtLast, { wrapper: [...wrapper, ...variables] });
      await child.line(/^ready$/);
      kill(child.pid, 'SIGTERM');
      await child.line(/^stops$/);
      return child;
    };

    it(`is none that is a plain kill, whoever sends it, with exit: ${exit}`, async () => {
      const child = await starts();
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const) {
        await allTaken(child.pid);
        if (signal === 'SIGINT') execFileSync('/bin/kill', ['-INT', String(child.pid)]);
        else kill(child.pid, signal);
      }
      await child.line(/^forced false$/);
      const { code, stderr } = await child.ended;
      assert.deepEqual([code, stderr], [exit === '7' ? 7 : 0, '']);
    });

    it(`is one that is queued with a value, with exit: ${exit}`, async () => {
      const child = await starts();
      await allTaken(child.pid);
      execFileSync('env', ['kill', '-q', '0', '-s', 'INT', String(child.pid)]);
      if (exit === 'none') {
        await child.line(/^forced true$/);
        assert.equal((await child.ended).code, 0);
        return;
      }
      const { code, stderr } = await child.ended;
      assert.equal(code, 130);
      assert.match(stderr, /^sigkit: SIGTERM from pid \d+ .*, then SIGINT from pid \d+ .*: a second signal after /);
    });

    it(`is any but those that the process sends itself, on request, with exit: ${exit}`, async () => {
      const child = await starts('SECOND=any');
      await allTaken(child.pid);
      kill(child.pid, 'SIGTERM');
      if (exit === 'none') await child.line(/^forced true$/);
      else assert.equal((await child.ended).code, 143);
      await child.ended;
    });
  }

  it('is told how, who sends a plain kill once more: in one line, not to who hands on the first', async () => {
    const child = startScenario(stopsAtLast, { wrapper: ['sh', '-c', 'exec "$@" 2>&1', 'sh'] });
    await child.line(/^ready$/);
    for (const afterMs of [0, 0, 1000, 0]) {
      const since = performance.now();
      await until(() => performance.now() - since > afterMs, 'some time has passed');
      kill(child.pid, 'SIGTERM');
      await allTaken(child.pid);
    }
    const said = await child.line(/^sigkit:/);
    const pattern =
      /^sigkit: SIGTERM from pid \d+ \(uid \d+\) does not force the end, which is due in 59\d{4} ms, in stopping: hook; to force it: Ctrl-C, or (env kill -q 0 -s SIGTERM \d+)$/;
    assert.match(said, pattern);
    execFileSync('sh', ['-c', pattern.exec(said)?.[1] ?? '']);
    const { code, stdout } = await child.ended;
    assert.equal(code, 143);
    assert.equal(stdout.match(/^sigkit:/gm)?.length, 2, stdout);
  });

  it('is nothing to be told of where none forces', async () => {
    const child = startScenario(stopsAtLast, { wrapper: ['env', 'SECOND=ignore'] });
    await child.line(/^ready$/);
    for (const afterMs of [0, 1000]) {
      const since = performance.now();
      await until(() => performance.now() - since > afterMs, 'some time has passed');
      sigqueue(child.pid, 'SIGTERM', 0);
      await allTaken(child.pid);
    }
    kill(child.pid, 'SIGUSR2');
    const { code, stderr } = await child.ended;
    assert.deepEqual([code, stderr], [7, '']);
  });
});

describe('a shutdown that is over', () => {
  it('has no say in the next one', async () => {
    const { code, stdout, stderr } = await outcomeOf(async ({ shutdown, sigkit, childProcess, fs }) => {
      const start = (): number => childProcess.spawn('sleep', ['100'], { detached: true, stdio: 'ignore' }).pid ?? 0;
      const [before, after] = [start(), start()];
      const ended = shutdown.createShutdown({ exit: 'none' });
      ended.addGroup(before);
      await ended.shutdown();
      const next = shutdown.createShutdown({ budgetMs: 100 });
      assert.throws(() => ended.addGroup(after), { code: 'ERR_SIGKIT_CLOSED' });
      next.add('hook', () => new Promise(() => {}));
      fs.writeSync(1, JSON.stringify([before, after]));
      sigkit.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
    assert.equal(code, 124, stderr);
    for (const group of JSON.parse(stdout) as number[]) {
      assert.notEqual(statOf(group)?.state ?? 'Z', 'Z');
      process.kill(group, 'SIGKILL');
    }
  });
});

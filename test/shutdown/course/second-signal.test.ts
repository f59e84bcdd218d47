import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

import type { Tools } from '../../fixtures/scenario.js';
import { until } from '../../support/child.js';
import { childOf, statOf } from '../../support/processes.js';
import { commandFor, outcomeOf, startScenario } from '../../support/scenario.js';
import { keys, Terminal } from '../../support/terminal.js';

// Stops when SIGUSR2 has come.
function stopsAtLast({ shutdown, sigkit, timers }: Tools): void {
  const stream = sigkit.signals('SIGUSR2', { ref: false });
  const ending = shutdown.createShutdown({ budgetMs: 600_000, exit: process.env['EXIT'] === 'none' ? 'none' : 7 });
  ending.add('hook', async () => {
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

  for (const [how, script] of [
    ['once', 'kill -TERM $!; kill -USR2 $!'],
    // As from one npm in another.
    ['twice', 'kill -TERM $!; sleep 0.05; kill -TERM $!; kill -USR2 $!'],
  ] as const) {
    for (const [exit, end] of [
      ['7', 'code 7'],
      ['none', 'code 0'],
    ] as const) {
      it(`is none that a parent hands on: SIGTERM to a whole group, ${how}, with exit: ${exit}`, async () => {
        const wrapper = ['env', `EXIT=${exit}`, 'setsid', ...parent('TERM', script)];
        const child = startScenario(stopsAtLast, { wrapper });
        await child.line(/^ready$/);
        process.kill(-child.pid, 'SIGTERM');
        await child.line(/^forced false$/);
        await child.line(new RegExp(`^${end}$`));
      });
    }
  }

  for (const exit of ['7', 'none']) {
    it(`is one that comes after one from the parent and one from somebody else, with exit: ${exit}`, async () => {
      const wrapper = ['env', `EXIT=${exit}`, ...parent('TERM', 'kill -TERM $!')];
      const child = startScenario(stopsAtLast, { wrapper });
      await child.line(/^ready$/);
      const pid = await childOf(child.pid);
      process.kill(child.pid, 'SIGTERM');
      await child.line(/^stops$/);
      process.kill(pid, 'SIGTERM');
      await allTaken(pid);
      process.kill(pid, 'SIGTERM');
      if (exit === 'none') return void (await child.line(/^forced true$/));
      await child.line(/^code 143$/);
      const { stderr } = await child.ended;
      assert.match(stderr, new RegExp(`then SIGTERM from pid ${process.pid} .*: a second signal after`));
    });
  }

  for (const [what, signal, afterMs] of [
    ['of another number', 'SIGINT', 0],
    ['a second later', 'SIGTERM', 1000],
  ] as const) {
    for (const exit of ['7', 'none']) {
      it(`is one that the parent sends after somebody else's, ${what}, with exit: ${exit}`, async () => {
        const child = startScenario(stopsAtLast, { wrapper: ['env', `EXIT=${exit}`] });
        await child.line(/^ready$/);
        execFileSync('/bin/kill', ['-TERM', String(child.pid)]);
        await child.line(/^stops$/);
        const since = performance.now();
        await until(() => performance.now() - since > afterMs, 'some time has passed');
        process.kill(child.pid, signal);
        if (exit === 'none') await child.line(/^forced true$/);
        else assert.equal((await child.ended).code, 128 + constants.signals[signal]);
      });
    }
  }

  it('is one that the parent sends twice', async () => {
    const child = startScenario(stopsAtLast);
    await child.line(/^ready$/);
    process.kill(child.pid, 'SIGTERM');
    await child.line(/^stops$/);
    process.kill(child.pid, 'SIGTERM');
    assert.equal((await child.ended).code, 143);
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

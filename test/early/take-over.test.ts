import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { kill, sigqueue } from 'sigkit';

import { type Child, type Outcome, startChild } from '../support/child.js';
import { programFile, type ProgramOptions, startProgram, taken } from '../support/programs.js';

const partly = fileURLToPath(new URL('../fixtures/early/partly.js', import.meta.url));
const pausing = `
  import pause from './pause.cjs';
  pause('importing');
`;

/** Starts it, and sends it a signal as soon as it imports. */
async function terminated(text: string, kind: 'mjs' | 'cjs' = 'mjs', options: ProgramOptions = {}): Promise<Outcome> {
  const child = startProgram(programFile(text, kind), options);
  await child.line(/^importing/);
  kill(child.pid, 'SIGTERM');
  await taken(child.pid);
  child.write('\n');
  return child.ended;
}

const told = (child: Child): Promise<Record<string, unknown>> =>
  child.line(/^\{/).then((line) => JSON.parse(line) as Record<string, unknown>);

function assertEnd({ code, signal, stdout, stderr }: Outcome, lines: readonly string[], end: string | number): void {
  assert.deepEqual(
    { end: signal ?? code, lines: stdout.trim().split('\n'), stderr },
    { end, lines: ['importing', ...lines], stderr: '' },
  );
}

const shuttingDown = `
  import { createShutdown } from 'sigkit/shutdown';
  ${pausing}
  createShutdown().add('hook', ({ reason }) => console.log('hook', reason));
  setTimeout(() => console.log('nothing came'), 10_000);
`;
const inCommonJs = `
  const { createShutdown } = require('sigkit/shutdown');
  require('./pause.cjs')('importing');
  createShutdown().add('hook', ({ reason }) => console.log('hook', reason));
  setTimeout(() => console.log('nothing came'), 10_000);
`;

describe('sigkit/early, taken over', () => {
  it('a shutdown begins with the signal that came while modules were imported', async () => {
    assertEnd(await terminated(shuttingDown), ['hook SIGTERM'], 'SIGTERM');
    // Seen to be what early does.
    const without = startProgram(programFile(shuttingDown), { nodeOptions: [] });
    await without.line(/^importing/);
    kill(without.pid, 'SIGTERM');
    assertEnd(await without.ended, [], 'SIGTERM');
  });

  it('in CommonJS, and by --require', async () => {
    const required = { nodeOptions: ['--require', 'sigkit/early'] };
    assertEnd(await terminated(inCommonJs, 'cjs'), ['hook SIGTERM'], 'SIGTERM');
    assertEnd(await terminated(inCommonJs, 'cjs', required), ['hook SIGTERM'], 'SIGTERM');
    assertEnd(await terminated(shuttingDown, 'mjs', required), ['hook SIGTERM'], 'SIGTERM');
  });

  it('the native deadline counts from then, whatever JavaScript does', async () => {
    const outcome = await terminated(`
      import { createShutdown } from 'sigkit/shutdown';
      ${pausing}
      createShutdown({ budgetMs: 100 });
      while (true);
    `);
    assert.equal(outcome.code, 124, outcome.stderr);
    assert.match(outcome.stderr, /^sigkit: SIGTERM from pid \d+ .*: the deadline after 1\d\d ms/);
  });

  it('so does what JavaScript keeps of the budget, however long the signal has been held', async () => {
    const text = `
      import { createShutdown } from 'sigkit/shutdown';
      ${pausing}
      const until = performance.now() + 100;
      while (performance.now() < until);
      const before = performance.now();
      createShutdown({ budgetMs: 60_000, reserveMs: 15_000 }).add('hook', ({ remainingMs }) => {
        const leftMs = remainingMs();
        console.log(leftMs >= 45_000 - (performance.now() - before));
      });
      setTimeout(() => {}, 10_000);
    `;
    assertEnd(await terminated(text), ['true'], 'SIGTERM');
  });

  it('after what the entry point awaits at its top, too', async () => {
    const child = startProgram(
      programFile(`
        import { setTimeout as delay } from 'node:timers/promises';
        import { createShutdown } from 'sigkit/shutdown';
        console.log('importing');
        await new Promise((resolve) => process.stdin.once('data', resolve));
        for (let turn = 0; turn < 20; turn += 1) await delay(1);
        createShutdown().add('hook', ({ reason }) => console.log('hook', reason));
      `),
    );
    await child.line(/^importing/);
    kill(child.pid, 'SIGTERM');
    await taken(child.pid);
    child.write('\n');
    assertEnd(await child.ended, ['hook SIGTERM'], 'SIGTERM');
  });

  it('what came is delivered first, in order, with sender, value and time', async () => {
    const child = startProgram(
      programFile(`
        import { kill, signals } from 'sigkit';
        ${pausing}
        const before = performance.now();
        const stream = signals(['SIGRTMIN', 'SIGUSR2', 'SIGHUP']);
        kill(process.pid, 'SIGHUP');
        for await (const info of stream) {
          console.log(JSON.stringify({ ...info, value64: undefined, time: info.time < before }));
          if (info.signal === 'SIGHUP') break;
        }
      `),
      { env: { SIGKIT_EARLY: 'SIGRTMIN, SIGUSR2,SIGHUP' } },
    );
    await child.line(/^importing/);
    for (const send of [
      () => sigqueue(child.pid, 'SIGRTMIN', 7),
      () => sigqueue(child.pid, 'SIGUSR2', 8),
      () => sigqueue(child.pid, 'SIGRTMIN', 9),
    ]) {
      send();
      await taken(child.pid);
    }
    child.write('\n');
    const about = { pid: process.pid, uid: process.getuid?.(), origin: 'process', count: 1 };
    const queued = { ...about, code: 'SI_QUEUE', time: true };
    assert.deepEqual(await told(child), { ...queued, signal: 'SIGRTMIN', number: 34, value: 7 });
    assert.deepEqual(await told(child), { ...queued, signal: 'SIGUSR2', number: 12, value: 8 });
    assert.deepEqual(await told(child), { ...queued, signal: 'SIGRTMIN', number: 34, value: 9 });
    const last = { ...about, pid: child.pid, code: 'SI_USER', time: false, signal: 'SIGHUP', number: 1 };
    assert.deepEqual(await told(child), last);
    assert.equal((await child.ended).code, 0);
  });

  it('a stream takes its own signals only, the next one the rest', async () => {
    const outcome = await terminated(`
      import { kill, signals } from 'sigkit';
      kill(process.pid, 'SIGHUP');
      ${pausing}
      const first = signals('SIGHUP');
      const [hangup, nothing] = [first.poll()?.signal, first.poll()];
      first.close();
      const second = signals(['SIGTERM', 'SIGINT']);
      console.log(hangup, nothing, second.poll()?.signal, second.poll());
      second.close();
    `);
    assertEnd(outcome, ['SIGHUP null SIGTERM null'], 0);
  });

  it('and that has all of its own time, whoever came before it', async () => {
    // A machine that stands still for half of the time is too slow: then it is given more.
    for (const patienceMs of [200, 1000, 5000]) {
      const { stdout } = await startChild(partly, { args: [String(patienceMs)] }).ended;
      if (stdout === 'taken over: SIGHUP, SIGTERM\n') return;
    }
    assert.fail('it has never come so far');
  });

  it('so do waitForSignal, abortOnSignal and a stream of a Worker', async () => {
    const waiting = await terminated(`
      import { waitForSignal } from 'sigkit';
      ${pausing}
      console.log((await waitForSignal('SIGTERM')).signal);
    `);
    assertEnd(waiting, ['SIGTERM'], 0);
    const aborted = await terminated(`
      import { abortOnSignal } from 'sigkit';
      ${pausing}
      const { signal } = abortOnSignal('SIGTERM');
      setTimeout(() => {}, 10_000).unref();
      await new Promise((resolve) => (signal.onabort = resolve, setTimeout(resolve, 10_000)));
      console.log(signal.reason.info.signal);
      process.exit();
    `);
    assertEnd(aborted, ['SIGTERM'], 0);
    const worker = await terminated(`
      import { once } from 'node:events';
      import { isMainThread, parentPort, Worker } from 'node:worker_threads';
      import { signals } from 'sigkit';
      import pause from './pause.cjs';
      if (isMainThread) {
        pause('importing');
        const worker = new Worker(new URL(import.meta.url));
        console.log(...(await once(worker, 'message')));
        await worker.terminate();
      } else {
        for await (const { signal } of signals('SIGTERM')) parentPort.postMessage(signal);
      }
    `);
    assertEnd(worker, ['SIGTERM'], 0);
  });

  it('loses none and doubles none that come while it is taken over', async () => {
    const child = startProgram(
      programFile(`
        import { signals } from 'sigkit';
        ${pausing}
        let next = 0;
        for await (const { value } of signals('SIGRTMIN')) {
          if (value !== next++) throw new Error('at ' + next + ' came ' + value);
          if (value === 999) break;
        }
      `),
      { env: { SIGKIT_EARLY: 'SIGRTMIN' } },
    );
    await child.line(/^importing/);
    for (let value = 0; value < 1000; value += 1) {
      sigqueue(child.pid, 'SIGRTMIN', value);
      if (value === 300) child.write('\n');
    }
    assertEnd(await child.ended, [], 0);
  });

  for (const transport of ['thread', 'loop'])
    it(`nor do any come before others because a stream has little room, over the ${transport}`, async () => {
      const text = `
        import { signals, sigqueue } from 'sigkit';
        import pause from './pause.cjs';
        for (let value = 0; value < 100; value += 1) sigqueue(process.pid, 'SIGRTMIN', value);
        pause('importing');
        const stream = signals('SIGRTMIN', { capacity: 16, transport: '${transport}' });
        for (let value = 100; value < 120; value += 1) sigqueue(process.pid, 'SIGRTMIN', value);
        const values = [];
        for await (const { value } of stream) if (values.push(value) === 120) break;
        console.log(values.every((value, index) => value === index) || values.join());
      `;
      assertEnd(await terminated(text, 'mjs', { env: { SIGKIT_EARLY: 'SIGRTMIN,SIGTERM' } }), ['true'], 'SIGTERM');
    });

  it('process.on listeners stay silent beside a shutdown, and hear what a stream hears', async () => {
    const outcome = await terminated(`
      import { signals } from 'sigkit';
      ${pausing}
      const stream = signals('SIGTERM');
      process.on('SIGTERM', () => console.log('heard'));
      const { value } = await stream.next();
      console.log(value.signal);
      setImmediate(() => setImmediate(() => stream.close()));
    `);
    assert.deepEqual(outcome.stdout.trim().split('\n').sort(), ['SIGTERM', 'heard', 'importing'], outcome.stderr);
    assert.equal(outcome.code, 0);
  });

  it('sigkit-init --hold holds until then', async () => {
    const outcome = await terminated(
      `
        import { signals } from 'sigkit';
        ${pausing}
        const held = () => process.env.SIGKIT_INIT_HOLD_FD !== undefined;
        const before = held();
        const stream = signals('SIGTERM');
        console.log(before, held());
        stream.close();
      `,
      'mjs',
      { wrapper: ['env', 'SIGKIT_INIT_HOLD_FD=99', 'SIGKIT_INIT_HOLD_INODE=0'] },
    );
    assertEnd(outcome, ['true false'], 0);
  });

  it('a child that inherits the options has its own', async () => {
    const child = startProgram(
      programFile(`
        import { fork } from 'node:child_process';
        import { once } from 'node:events';
        import { fileURLToPath } from 'node:url';
        import { createShutdown } from 'sigkit/shutdown';
        import pause from './pause.cjs';
        if (process.send === undefined) {
          const child = fork(fileURLToPath(import.meta.url), { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
          child.stdout.once('data', () => {
            child.kill();
            child.stdin.end('\\n');
          });
          console.log('importing');
          console.log(...(await once(child, 'exit')));
        } else {
          pause('importing');
          createShutdown({ exit: 3 });
          setTimeout(() => {}, 10_000);
        }
      `),
    );
    assertEnd(await child.ended, ['3 null'], 0);
  });
});

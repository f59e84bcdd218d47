import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { kill } from 'sigkit';

import { inNamespace, injecting, need, needNoThreadSanitizer, needPython } from '../fixtures/process/means.js';
import { type Child, type Outcome, startChild } from '../support/child.js';
import { scratch, startCommand } from '../support/init.js';
import { early, programFile, type ProgramOptions, projectFolder, startProgram } from '../support/programs.js';
import { keys, Terminal } from '../support/terminal.js';

const blocked = fileURLToPath(new URL('../fixtures/early/blocked.js', import.meta.url));
const patient = fileURLToPath(new URL('../fixtures/early/patient.js', import.meta.url));
const sigkitCommand = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));
const signalStateUrl = new URL('../support/signal-state.js', import.meta.url).href;
const goingOn = 'setTimeout(() => {}, 10_000);';
// Some turns later nothing is held any more.
const counting =
  'let turns = 0; setImmediate(function turn() { if (++turns === 5) console.log("goes on"); setImmediate(turn); });';

async function terminated(child: Child, signal: 'SIGTERM' | 'SIGHUP' = 'SIGTERM'): Promise<Outcome> {
  await child.line(/^importing/);
  kill(child.pid, signal);
  child.write('\n');
  return child.ended;
}

const run = (text: string, kind: 'mjs' | 'cjs' = 'mjs', options: ProgramOptions = {}): Promise<Outcome> =>
  terminated(startProgram(programFile(text, kind), options));

function assertEnd({ code, signal, stdout, stderr }: Outcome, end: string | number, ...lines: readonly string[]): void {
  assert.deepEqual(
    { end: signal ?? code, lines: stdout.split('\n').filter(Boolean), stderr },
    { end, lines: ['importing', ...lines], stderr: '' },
  );
}

describe('sigkit/early, given back', () => {
  it('a program that never claims dies of what came, a turn after it has been evaluated', async () => {
    const esm = `import pause from './pause.cjs'; pause('importing'); ${counting} console.log('evaluated');`;
    const cjs = `require('./pause.cjs')('importing'); ${counting} console.log('evaluated');`;
    assertEnd(await run(esm), 'SIGTERM', 'evaluated');
    assertEnd(await terminated(startProgram(programFile(esm)), 'SIGHUP'), 'SIGHUP', 'evaluated');
    assertEnd(await run(cjs, 'cjs'), 'SIGTERM', 'evaluated');
    for (const [kind, text] of [['mjs', esm] as const, ['cjs', cjs] as const])
      assertEnd(await run(text, kind, { nodeOptions: ['--require', 'sigkit/early'] }), 'SIGTERM', 'evaluated');
  });

  it('so it is with -e, on stdin and at the prompt', async () => {
    const text = `require('./pause.cjs')('importing'); ${counting}`;
    for (const how of ['-e', '-p']) {
      const { signal, stdout } = await terminated(startProgram(text, { nodeOptions: [...early, how] }));
      assert.deepEqual([signal, /goes on/.test(stdout)], ['SIGTERM', false], how);
    }
    for (const how of [['-'], ['-i']]) {
      const child = startCommand([process.execPath, ...early, ...how], { cwd: projectFolder() });
      child.write("console.log('importing'); setTimeout(() => {}, 10_000);\n");
      if (how[0] === '-') child.process.stdin?.end();
      await child.line(/importing/);
      kill(child.pid, 'SIGTERM');
      assert.equal((await child.ended).signal, 'SIGTERM', String(how));
    }
  });

  it('nothing is left of it: masks, handlers and threads are as without', async () => {
    const text = programFile(`
      import { signalState } from '${signalStateUrl}';
      console.log('importing ' + process.emit.name + ' ' + process.listenerCount('SIGTERM'));
      const tell = () => console.log(signalState().sort().join(), process.emit.name, process.listenerCount('newListener'));
      setImmediate(() => setImmediate(() => setImmediate(tell)));
    `);
    const [withEarly, without] = await Promise.all(
      [early, []].map(async (nodeOptions) => (await startProgram(text, { nodeOptions }).ended).stdout.split('\n')),
    );
    assert.equal(withEarly?.[1], without?.[1]);
    assert.notEqual(withEarly?.[1], undefined);
  });

  it('does not keep the process alive, and changes no exit code', async () => {
    for (const [text, code] of [
      ['', 0],
      ['process.exitCode = 3;', 3],
      ['await new Promise(() => {});', 13],
      ['setImmediate(() => process.exit(5));', 5],
    ] as const) {
      const outcome = await startProgram(programFile(text)).ended;
      assert.equal(outcome.code, code, text);
    }
  });

  it('a listener that is added hears at once what came, once, and what comes', async () => {
    const child = startProgram(
      programFile(`
        import pause from './pause.cjs';
        pause('importing');
        let heard = 0;
        setTimeout(() => {}, 10_000);
        const first = new Promise((resolve) => process.on('SIGTERM', (name) => resolve(console.log(name, (heard += 1)))));
        await first;
        process.once('SIGINT', () => console.log('SIGINT') || process.exit(7));
        process.kill(process.pid, 'SIGINT');
        await new Promise((resolve) => setTimeout(resolve, 10_000));
      `),
    );
    assertEnd(await terminated(child), 7, 'SIGTERM 1', 'SIGINT');
  });

  it('at an exit', async () => {
    assertEnd(await run("import pause from './pause.cjs'; pause('importing'); process.exit(0);"), 'SIGTERM');
  });

  it('what came when a Worker had taken it over, and closed its claim', async () => {
    const text = `
      import { isMainThread, Worker, workerData } from 'node:worker_threads';
      import { signals } from 'sigkit';
      import pause from './pause.cjs';
      if (isMainThread) {
        const closed = new Int32Array(new SharedArrayBuffer(4));
        new Worker(new URL(import.meta.url), { workerData: closed });
        Atomics.wait(closed, 0, 0);
        pause('importing');
        ${counting}
      } else {
        signals('SIGTERM').close();
        Atomics.store(workerData, 0, 1);
        Atomics.notify(workerData, 0);
      }
    `;
    assertEnd(await run(text), 'SIGTERM');
  });

  it('before the process becomes another program, which would be immune', async () => {
    const blockedNow = ['grep', '^SigBlk', '/proc/self/status'];
    const unblocked = /^SigBlk:\t0{16}$/m;
    const { stdout, stderr } = await startProgram(sigkitCommand, { args: ['init', '-s', '--', ...blockedNow] }).ended;
    assert.match(stdout, unblocked, stderr);
    if (!('execve' in process)) return;
    const text = `process.execve('/bin/sh', ['sh', '-c', 'exec ${blockedNow.join(' ')}'], process.env);`;
    const outcome = await startProgram(programFile(text)).ended;
    assert.match(outcome.stdout, unblocked, outcome.stderr);
    assertEnd(await run(`import pause from './pause.cjs'; pause('importing'); ${text}`), 'SIGTERM');
  });

  it('by resetSignals', async () => {
    assertEnd(
      await run(`
        import { ignoreSignals, resetSignals } from 'sigkit';
        import pause from './pause.cjs';
        process.kill(process.pid, 'SIGHUP');
        pause('importing');
        ignoreSignals('SIGHUP');
        console.log('ignored');
        resetSignals();
        console.log('not reached');
      `),
      'SIGTERM',
      'ignored',
    );
  });

  it('what a program that blocks its loop for ever has got, has its action in time', async function () {
    // It keeps a handler from running until its thread makes a call that it knows.
    needNoThreadSanitizer(this);
    const child = startChild(blocked, { args: ['50'] });
    assertEnd(await terminated(child), 'SIGTERM');
  });

  it('who presses Ctrl-C again in such a program is heard at once', async function () {
    needNoThreadSanitizer(this);
    needPython(this);
    // With a patience that outlasts the test.
    const command = [process.execPath, blocked, '1e9'];
    const terminal = await Terminal.start(['sh', '-c', 'trap : INT; "$@"; echo "ended by $?"', 'sh', ...command]);
    await terminal.line('importing');
    const pressing = setInterval(() => terminal.type(keys.interrupt), 20);
    await terminal.line('ended by 130').finally(() => clearInterval(pressing));
    await terminal.end();
  });

  it('PID 1 goes on, as nothing of its namespace ends it; a shutdown takes over there, too', async function () {
    const wrapper = inNamespace(this);
    const start = async (rest: string): Promise<Outcome> => {
      const text = `
        import pause from './pause.cjs';
        import { createShutdown } from 'sigkit/shutdown';
        process.kill(1, 'SIGTERM');
        pause('importing');
        ${rest}
      `;
      const child = startProgram(programFile(text), { wrapper });
      await child.line(/^importing/);
      child.write('\n');
      return child.ended;
    };
    assertEnd(await start("setImmediate(() => setImmediate(() => console.log('goes on')));"), 0, 'goes on');
    const hook = "createShutdown().add('hook', () => console.log('hook')); setTimeout(() => {}, 10_000);";
    assertEnd(await start(hook), 143, 'hook');
  });

  it('for PID 1 no signal is overdue: it waits for a claim, however long that takes', async function () {
    const child = startChild(patient, { args: ['1'], wrapper: inNamespace(this) });
    assertEnd(await child.ended, 0, 'taken over: SIGTERM');
  });

  it('where nothing can be claimed, there is a warning, and the program runs', async function () {
    const wrapper = injecting(this, 'rt_sigtimedwait', 'error=ENOSYS');
    const { code, stdout, stderr } = await startProgram(programFile("console.log('runs');"), { wrapper }).ended;
    assert.deepEqual([code, stdout], [0, 'runs\n'], stderr);
    assert.match(stderr, /SigkitWarning: sigkit\/early protects nothing: Error: pthread_create ENOSYS/);
  });

  it('nor without the addon', async () => {
    const copy = path.join(scratch(), 'not-built');
    cpSync(path.join(projectFolder(), 'node_modules/sigkit/dist/package'), path.join(copy, 'dist/package'), {
      recursive: true,
    });
    cpSync(path.join(projectFolder(), 'node_modules/sigkit/package.json'), path.join(copy, 'package.json'));
    const nodeOptions = ['--import', path.join(copy, 'dist/package/early/index.mjs')];
    const { code, stdout, stderr } = await startProgram(programFile("console.log('runs');"), { nodeOptions }).ended;
    assert.deepEqual([code, stdout], [0, 'runs\n'], stderr);
    assert.match(stderr, /SigkitWarning: sigkit\/early protects nothing: SigkitError: .*\.node is not there/);
  });

  it('in a Worker it does nothing', async () => {
    const file = programFile(`
      import { once } from 'node:events';
      import { isMainThread, parentPort, Worker } from 'node:worker_threads';
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url), { execArgv: ['--import', 'sigkit/early'] });
        console.log(...(await once(worker, 'message')));
      } else {
        const { threads } = await import('sigkit');
        parentPort.postMessage(threads().some(({ blocked }) => blocked.has('SIGHUP') && blocked.size < 60));
      }
    `);
    assert.equal((await startProgram(file, { nodeOptions: [] }).ended).stdout, 'false\n');
    assert.equal((await startProgram(file).ended).stdout, 'true\n');
  });

  it('npm, and what it runs, end as without when it stands in NODE_OPTIONS', async function () {
    need(
      this,
      process.env['SIGKIT_SANITIZER'] === undefined,
      'a build without a sanitizer, whose library npm does not load',
    );
    writeFileSync(
      path.join(projectFolder(), 'package.json'),
      JSON.stringify({ scripts: { forever: `exec "${process.execPath}" forever.cjs` } }),
    );
    writeFileSync(path.join(projectFolder(), 'forever.cjs'), `console.log('importing'); ${goingOn}`);
    const ends = await Promise.all(
      [`--import ${path.join(projectFolder(), 'node_modules/sigkit/dist/package/early/index.mjs')}`, ''].map(
        async (options) => {
          const child = startCommand(['npm', 'run', '--silent', 'forever'], {
            cwd: projectFolder(),
            env: { NODE_OPTIONS: options },
          });
          await child.line(/^importing/);
          kill(child.pid, 'SIGTERM');
          const { code, signal, stdout } = await child.ended;
          return { code, signal, stdout };
        },
      ),
    );
    assert.deepEqual(ends[0], ends[1]);
  });
});

describe('SIGKIT_EARLY', () => {
  const pausing = "import pause from './pause.cjs'; pause('importing');";
  const withVariable = (value: string): ProgramOptions => ({ env: { SIGKIT_EARLY: value } });

  it('says which signals are claimed, none if it is empty; not those that somebody listens to', async () => {
    const text = `import { readFileSync } from 'node:fs';
      console.log(BigInt('0x' + /^SigBlk:\\t(\\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]).toString());`;
    const bits = async (options: ProgramOptions): Promise<string> =>
      (await startProgram(programFile(text), options).ended).stdout.trim();
    assert.equal(await bits({}), String((1 << 14) | (1 << 1) | 1));
    assert.equal(await bits(withVariable('SIGUSR2,  SIGTERM')), String((1 << 11) | (1 << 14)));
    assert.equal(await bits(withVariable(' ')), '0');
    const listening = programFile("process.on('SIGTERM', () => {});", 'cjs');
    assert.equal(await bits({ nodeOptions: ['--require', listening, ...early] }), String((1 << 1) | 1));
  });

  it('is an error where it names what is no signal, or cannot be claimed', async () => {
    for (const [value, message] of [
      ['TERM', /RangeError.*"SIGKIT_EARLY\[\]".*did you mean 'SIGTERM'/s],
      ['SIGTERM,', /ERR_OUT_OF_RANGE/],
      ['SIGKILL', /ERR_SIGKIT_UNCLAIMABLE/],
    ] as const) {
      const outcome = await startProgram(programFile(pausing), withVariable(value)).ended;
      assert.equal(outcome.code, 1, value);
      assert.match(outcome.stderr, message);
    }
  });
});

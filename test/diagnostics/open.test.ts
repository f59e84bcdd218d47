import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { captureStacks, openDiagnostics } from 'sigkit/diagnostics';

import { type Child, startChild, until } from '../support/child.js';
import { scenario } from '../support/scenario.js';

const spinning = fileURLToPath(new URL('../fixtures/diagnostics/spinning.js', import.meta.url));
const uid = process.getuid?.();

interface Told {
  readonly child: Child;
  readonly text: () => string;
}

async function start(args: readonly string[], nodeOptions: readonly string[] = []): Promise<Told> {
  const child = startChild(spinning, { args, nodeOptions });
  let text = '';
  child.process.stderr?.on('data', (more: string) => (text += more));
  await child.line(/^spins/);
  return { child, text: () => text };
}

async function askOnce({ child, text }: Told, signal: NodeJS.Signals | number): Promise<string> {
  const before = text().length;
  process.kill(child.pid, signal);
  await until(() => /^sigkit: end of stacks.*\n/m.test(text().slice(before)), `the stacks after ${String(signal)}`);
  return text().slice(before);
}

// On a busy machine an answer may take longer than it is waited for.
async function ask(told: Told, signal: NodeJS.Signals | number, wanted: string = 'runs JavaScript'): Promise<string> {
  let answer = '';
  for (let tries = 0; tries < 20 && !answer.includes(wanted); tries += 1) answer = await askOnce(told, signal);
  return answer;
}

async function endOf({ child }: Told): Promise<void> {
  child.write('.');
  const { code, signal, stderr } = await child.ended;
  assert.deepEqual({ code, signal }, { code: 7, signal: null }, stderr);
}

function expected({ child }: Told, signal: string): RegExp {
  return new RegExp(
    [
      String.raw`^sigkit: ${signal} from pid ${process.pid} \(uid ${uid}\): stacks of 1 threads, pid ${child.pid}`,
      String.raw`sigkit: main \(thread 0, tid ${child.pid}\) runs JavaScript; event loop blocked for \d+ ms`,
      String.raw`(?:sigkit:     at .*\n)*sigkit:     at (?:Worker\.)?spinForNow \(file:.*spinning\.js:\d+:\d+\)`,
      String.raw`(?:sigkit:     at .*\n)+sigkit: end of stacks\n$`,
    ].join('\n'),
  );
}

describe('openDiagnostics', () => {
  it('prints the stacks of a hung event loop for SIGQUIT, and the process goes on', async () => {
    const told = await start(['open']);
    for (const _ of [1, 2, 3]) assert.match(await ask(told, 'SIGQUIT'), expected(told, 'SIGQUIT'));
    await endOf(told);
  });

  it('for other signals, as asked', async () => {
    const told = await start(['open', 'SIGUSR2', 'SIGRTMIN+3']);
    assert.match(await ask(told, 'SIGUSR2'), expected(told, 'SIGUSR2'));
    assert.match(await ask(told, 37), expected(told, String.raw`SIGRTMIN\+3`));
    process.kill(told.child.pid, 'SIGQUIT');
    assert.equal((await told.child.ended).signal, 'SIGQUIT');
  });

  it('prints the native frames of one that hangs in a system call', async () => {
    const told = await start(['spawn']);
    const [, frame] =
      /^sigkit: main .* in the system call epoll_p?wait; .*\nsigkit: {5}in (.*) \(\/.*\+0x[\da-f]+\)$/m.exec(
        await ask(told, 'SIGQUIT', ' in the system call epoll_'),
      ) ?? ['', ''];
    assert.notEqual(frame, '');
    await endOf(told);
  });

  it('without a line in the program: --import sigkit/diagnostics/register', async () => {
    const told = await start([], ['--import', import.meta.resolve('sigkit/diagnostics/register')]);
    assert.match(await ask(told, 'SIGQUIT'), expected(told, 'SIGQUIT'));
    await endOf(told);
  });

  it('a hundred requests at once are answered, some together, and lose nothing of the program', async () => {
    const told = await start(['open', 'SIGRTMIN+3']);
    for (let count = 0; count < 100; count += 1) process.kill(told.child.pid, 37);
    await until(() => told.text().includes('(asked more than once)'), 'an answer for several');
    await endOf(told);
    const answers = told.text().match(/^sigkit: SIGRTMIN\+3 from /gm)?.length ?? 0;
    assert.ok(answers >= 1 && answers < 20, String(answers));
    assert.equal(told.text().match(/^sigkit: end of stacks$/gm)?.length, answers);
  });

  it('is open once in a process, gives the signal back, and can be opened again', async () => {
    await scenario(
      async ({ diagnostics, sigkit, startWorker }) => {
        const opened = diagnostics.openDiagnostics();
        assert.throws(() => diagnostics.openDiagnostics(), { code: 'ERR_SIGKIT_DIAGNOSTICS_OPEN' });
        assert.equal(opened.closed, false);
        opened.close();
        opened.close();
        assert.equal(opened.closed, true);
        const worker = await startWorker(({ diagnostics: own }) => own.openDiagnostics());
        assert.throws(() => diagnostics.openDiagnostics(), { code: 'ERR_SIGKIT_DIAGNOSTICS_OPEN' });
        await worker.terminate();
        diagnostics.openDiagnostics()[Symbol.dispose]();
        assert.equal(sigkit.disposition('SIGQUIT'), 'default');
        sigkit.kill(process.pid, 'SIGQUIT');
        await new Promise(() => setInterval(() => {}, 1000));
      },
      { signal: 'SIGQUIT' },
    );
  });

  it('leaves process.on listeners alone', async () => {
    await scenario(async ({ diagnostics, events, sigkit }) => {
      diagnostics.openDiagnostics();
      const alive = setInterval(() => {}, 1000);
      const heard = events.once(process, 'SIGQUIT');
      sigkit.kill(process.pid, 'SIGQUIT');
      await heard;
      clearInterval(alive);
    });
  });

  it('what is no option, and no signal', () => {
    assert.throws(() => openDiagnostics({ sig: 'SIGQUIT' } as object), { code: 'ERR_SIGKIT_UNKNOWN_OPTION' });
    assert.throws(() => openDiagnostics({ sigs: 'SIGKILL' }), { code: 'ERR_SIGKIT_UNCLAIMABLE' });
    assert.throws(() => openDiagnostics({ sigs: null as unknown as 'SIGQUIT' }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => openDiagnostics({ sigs: 'QUIT' as 'SIGQUIT' }), { code: 'ERR_OUT_OF_RANGE' });
    assert.equal(captureStacks().length, 1);
  });
});

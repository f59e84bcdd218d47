import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { until } from '../../support/child.js';
import { statOf } from '../../support/processes.js';
import { keys, Terminal } from '../../support/terminal.js';

const fixture = fileURLToPath(new URL('../../fixtures/process/run-on-terminal.js', import.meta.url));
const { interrupt, endOfFile, suspend } = keys;

interface Pids {
  readonly runner: number;
  readonly job: number;
}

async function pidsOf(terminal: Terminal): Promise<Pids> {
  const [, runner, job] = /runner (\d+) job (\d+)/.exec(await terminal.matching(/runner \d+ job \d+/)) ?? [];
  return { runner: Number(runner), job: Number(job) };
}

type Use = (terminal: Terminal, pids: Pids) => Promise<void>;

async function onShell(words: string, use: Use, way = 'inherit'): Promise<void> {
  await using terminal = await Terminal.start(['bash', '--norc', '--noprofile', '-i']);
  terminal.type(`'${process.execPath}' '${fixture}' '${words}' ${way}\n`);
  const pids = await pidsOf(terminal);
  await terminal.foreground(pids.job);
  await use(terminal, pids);
}

async function state(pid: number, wanted: string): Promise<void> {
  await until(() => statOf(pid)?.state === wanted, `${pid} is in state ${wanted}, not ${statOf(pid)?.state}`);
}

describe('run() on a terminal', () => {
  it('process.stdin is the terminal as well', () =>
    onShell(
      'cat',
      async (terminal) => {
        terminal.type('typed\n');
        await terminal.line('typed');
        terminal.type(endOfFile);
        await terminal.line('ended 0 and returned');
      },
      'stream',
    ));

  for (const words of ['cat', 'cat | cat']) {
    it(`${words}: has it while it runs, and what is typed; Ctrl-D`, () =>
      onShell(words, async (terminal, { job }) => {
        assert.equal(statOf(job)?.group, job);
        terminal.type('typed\n');
        await terminal.line('typed');
        await terminal.line('typed');
        terminal.type(endOfFile);
        await terminal.line('ended 0 and returned');
        await terminal.foreground(terminal.leader);
      }));

    it(`${words}: Ctrl-C ends it alone`, () =>
      onShell(words, async (terminal) => {
        terminal.type(interrupt);
        await terminal.line('ended SIGINT and returned');
      }));

    it(`${words}: Ctrl-Z stops this process too, and fg continues both`, () =>
      onShell(words, async (terminal, { runner, job }) => {
        for (let count = 0; count < 3; count += 1) {
          terminal.type(suspend);
          await state(job, 'T');
          await state(runner, 'T');
          await terminal.foreground(terminal.leader);
          terminal.type('fg\n');
          await terminal.foreground(job);
          await state(job, 'S');
        }
        terminal.type('typed\n');
        await terminal.line('typed');
        await terminal.line('typed');
        terminal.type(endOfFile);
        await terminal.line('ended 0 and returned');
      }));
  }

  it('bg continues it without the terminal; if it wants that it stops again, and fg gives it', () =>
    onShell('cat', async (terminal, { runner, job }) => {
      terminal.type(suspend);
      await state(runner, 'T');
      await terminal.foreground(terminal.leader);
      // cat reads, and is stopped by SIGTTIN; nothing but the shell's prompt is there for it.
      terminal.type('bg; echo "in the" background\n');
      await terminal.line('in the background');
      await state(job, 'T');
      await state(runner, 'T');
      // Who still takes it for running sends no SIGCONT.
      terminal.type('until [ -n "$(jobs -s)" ]; do sleep 0.05; done; echo "seen" stopped\n');
      await terminal.line('seen stopped');
      terminal.type('fg\n');
      await terminal.foreground(job);
      terminal.type(endOfFile);
      await terminal.line('ended 0 and returned');
    }));

  it('where nobody could continue it, Ctrl-Z does not stop it for good', async () => {
    await using terminal = await Terminal.start([process.execPath, fixture, 'cat']);
    const { job } = await pidsOf(terminal);
    await terminal.foreground(job);
    terminal.type(suspend);
    terminal.type('typed\n');
    await terminal.line('typed');
    await terminal.line('typed');
    terminal.type(endOfFile);
    await terminal.line('ended 0 and returned');
  });

  for (const words of ['no-such-program', 'cat | no-such-program'])
    it(`${words}: what cannot be started gives it back`, async () => {
      await using terminal = await Terminal.start([process.execPath, fixture, words]);
      await terminal.line("ended execve ENOENT 'no-such-program' and returned");
    });
});

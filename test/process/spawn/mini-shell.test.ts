import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { children } from 'sigkit/process';

import type { Tools } from '../../fixtures/scenario.js';
import { until } from '../../support/child.js';
import { OnTerminal } from '../../support/own-terminal.js';
import { statOf } from '../../support/processes.js';
import { startScenario } from '../../support/scenario.js';
import { keys, onTerminal } from '../../support/terminal.js';

const shellFile = fileURLToPath(new URL('../../../examples/mini-shell.js', import.meta.url));
const { interrupt, endOfFile, suspend } = keys;

class Shell {
  readonly #program = new OnTerminal(shellFile);

  get pid(): number {
    return this.#program.pid;
  }

  static async start(): Promise<Shell> {
    const shell = new Shell();
    shell.type('echo ready\n');
    await shell.line('ready');
    return shell;
  }

  type(text: string): void {
    this.#program.type(text);
  }

  /** Waits for a line of output. The terminal can have echoed a key before it; the echo of a command is another line. */
  async line(text: string): Promise<void> {
    const escaped = text.replace(/[[\]]/g, String.raw`\$&`);
    await this.#program.line(new RegExp(String.raw`^(?:\$ |\^[CZ])*${escaped}\r?$`));
  }

  /** Starts a program by its name in the foreground, and waits until it runs there. */
  async job(command: string): Promise<number> {
    const name = command.split(' ')[0];
    const earlier = new Set(children(this.pid));
    this.type(`${command}\n`);
    // A key such as Ctrl-C makes the terminal throw away what it has still to say: the echo must be through.
    await this.line(command);
    let job = 0;
    await until(() => {
      const born = children(this.pid).filter((pid) => !earlier.has(pid));
      job = born.find((pid) => statOf(pid)?.comm === name && statOf(pid)?.state === 'S') ?? 0;
      return job !== 0;
    }, `${command} runs`);
    await this.foreground(job);
    return job;
  }

  /** Waits until that group has the terminal. */
  async foreground(group: number): Promise<void> {
    await until(
      () => statOf(this.pid)?.foreground === group,
      `group ${group} has the terminal, and not ${statOf(this.pid)?.foreground}`,
    );
  }

  async end(): Promise<void> {
    this.type('exit\n');
    assert.deepEqual(await this.#program.ended(), { exitCode: 0, termSignal: null }, this.#program.text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

describe('a shell with job control, on a terminal', () => {
  it('hands the terminal to a job in a group of its own, and takes it back when the job dies', async () => {
    await using shell = await Shell.start();
    const job = await shell.job('sleep 1000');
    assert.deepEqual(statOf(job), { comm: 'sleep', state: 'S', group: job, session: shell.pid, foreground: job });
    assert.equal(statOf(shell.pid)?.group, shell.pid);
    process.kill(job, 'SIGKILL');
    await shell.line('[1] SIGKILL sleep 1000');
    await shell.foreground(shell.pid);
    await shell.end();
  });

  it('takes it back when the program does not exist', async () => {
    await using shell = await Shell.start();
    shell.type('no-such-program\n');
    await shell.line("execve ENOENT 'no-such-program'");
    await shell.foreground(shell.pid);
    await shell.end();
  });

  it('Ctrl-C reaches the group in the foreground, and neither the shell nor a job in the background', async () => {
    await using shell = await Shell.start();
    shell.type('sleep 1000 &\n');
    await shell.line('[1] running sleep 1000');
    const job = await shell.job('sleep 2000');
    shell.type(interrupt);
    await shell.line('[2] SIGINT sleep 2000');
    await until(() => statOf(job) === null, `${job} has been reaped`);
    await shell.foreground(shell.pid);
    // At the prompt it is the shell's own group that gets it.
    shell.type(interrupt);
    shell.type('jobs\n');
    await shell.line('[1] running sleep 1000');
    await shell.end();
  });

  it('Ctrl-Z stops the job, bg continues it behind the shell, fg in the foreground', async () => {
    await using shell = await Shell.start();
    const job = await shell.job('sleep 1000');
    shell.type(suspend);
    await shell.line('[1] stopped sleep 1000');
    await shell.foreground(shell.pid);
    assert.equal(statOf(job)?.state, 'T');

    shell.type('bg\n');
    await shell.line('[1] continued sleep 1000');
    await until(() => statOf(job)?.state === 'S', `${job} goes on`);
    assert.equal(statOf(shell.pid)?.foreground, shell.pid);

    shell.type('fg\n');
    await shell.line('[1] continued sleep 1000');
    await shell.foreground(job);
    shell.type(suspend);
    await shell.line('[1] stopped sleep 1000');
    shell.type('fg\n');
    await shell.line('[1] continued sleep 1000');
    await shell.foreground(job);
    await until(() => statOf(job)?.state === 'S', `${job} goes on again`);
    shell.type(interrupt);
    await shell.line('[1] SIGINT sleep 1000');
    await shell.foreground(shell.pid);
    await shell.end();
  });

  it('a job that reads gets what is typed; the shell takes nothing of it', async () => {
    await using shell = await Shell.start();
    // Each line comes twice: as the echo, and from cat.
    await shell.job('cat');
    shell.type('echo mine\n');
    await shell.line('echo mine');
    await shell.line('echo mine');
    shell.type(suspend);
    await shell.line('[1] stopped cat');
    shell.type('fg\n');
    await shell.line('[1] continued cat');
    shell.type('again\n');
    await shell.line('again');
    await shell.line('again');
    shell.type(endOfFile);
    await shell.foreground(shell.pid);
    await shell.end();
  });

  it('leaves no job behind at its end, stopped ones included', async () => {
    await using shell = await Shell.start();
    const job = await shell.job('sleep 1000');
    shell.type(suspend);
    await shell.line('[1] stopped sleep 1000');
    await shell.end();
    await until(() => statOf(job) === null, `${job} has been reaped`);
  });
});

describe('tcsetpgrp from a background group', () => {
  it('does not stop the caller', async () => {
    const child = startScenario(
      async ({ processes }: Tools) => {
        const { getpgrp, spawn, tcgetpgrp, tcsetpgrp } = processes;
        // Its group is no orphan, as its parent is in another one of the same session: so the kernel would stop it.
        const behind = async ({
          processes: { getpgrp: own, tcgetpgrp: read, tcsetpgrp: write },
        }: Tools): Promise<void> => {
          assert.notEqual(read(0), own());
          write(0, own());
          assert.equal(read(0), own());
          console.log('took the terminal');
        };
        const [, file = ''] = process.argv;
        const job = spawn(process.execPath, [file, behind.toString()], { stdio: 'inherit', processGroup: true });
        for await (const { exitCode, stopSignal } of job) {
          console.log(`stopped by ${stopSignal}, exit code ${exitCode}`);
          if (stopSignal !== null) job.kill('SIGKILL');
        }
        tcsetpgrp(0, getpgrp());
        assert.equal(tcgetpgrp(0), process.pid);
      },
      { wrapper: onTerminal },
    );
    const { code, stdout, stderr } = await child.ended;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /took the terminal\r\nstopped by null, exit code 0\r\n/);
  });
});

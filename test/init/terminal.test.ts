import assert from 'node:assert/strict';

import { kill } from 'sigkit';

import { until } from '../support/child.js';
import { keys, Terminal } from '../support/terminal.js';
import { TerminalJob } from '../support/terminal-job.js';
import { statOf } from '../support/processes.js';

const shells = {
  bash: ['bash', '--norc', '--noprofile', '--noediting', '-i'],
  dash: ['dash', '-i'],
} as const;

describe('sigkit-init on a terminal', () => {
  for (const [name, shell] of Object.entries(shells)) {
    describe(`as a job of ${name}`, () => {
      it('Ctrl-C reaches the child once; Ctrl-Z, fg and bg do what they do without init', async () => {
        await using terminal = await Terminal.start(shell);
        using job = new TerminalJob();
        terminal.type(`${job.command}\n`);
        await job.runs(terminal);
        assert.equal(statOf(job.init)?.group, job.init);
        assert.equal(statOf(job.child)?.group, job.child);
        await terminal.foreground(job.child);
        terminal.type(keys.interrupt);
        await job.said.reaches(['ready', 'signal 2']);
        await job.gets(terminal, 'one');
        await job.stops(terminal);

        terminal.type('fg\n');
        await terminal.foreground(job.child);
        await job.said.reaches(['ready', 'signal 2', 'typed one', 'signal 18']);
        await job.gets(terminal, 'two');
        await job.stops(terminal);

        terminal.type('bg\n');
        await job.said.reaches(['ready', 'signal 2', 'typed one', 'signal 18', 'typed two', 'signal 18']);
        await until(() => statOf(job.init)?.state === 'S', 'init goes on');
        assert.equal(statOf(job.init)?.foreground, terminal.leader);
        assert.equal(job.forwarded('SIGINT'), 0);

        // bash believes it running, and sends nothing: the child gets the terminal when it needs it.
        terminal.type('fg\n');
        await until(() => statOf(job.init)?.foreground !== terminal.leader, 'the shell gives the terminal');
        await job.gets(terminal, 'three');
        await terminal.foreground(job.child);
        await job.stops(terminal);
        terminal.type('fg\n');
        await terminal.foreground(job.child);
        kill(job.init, 'SIGTERM');
        await terminal.foreground(terminal.leader);
        terminal.type('echo code $?\n');
        await terminal.line('code 7');
      });

      it('started in the background it leaves the terminal alone', async () => {
        await using terminal = await Terminal.start(shell);
        using job = new TerminalJob();
        terminal.type(`${job.command} &\n`);
        await job.runs(terminal);
        terminal.type('echo mine\n');
        await terminal.line('mine');
        await terminal.foreground(terminal.leader);
        // A shell that comes to a prompt when the job has ended forgets how.
        terminal.type('echo waits; wait $!; echo code $?\n');
        await terminal.line('waits');
        kill(job.init, 'SIGTERM');
        await job.said.reaches(['ready', 'signal 15']);
        await terminal.line('code 7');
        await terminal.foreground(terminal.leader);
      });

      it('with --session Ctrl-C reaches the child once, and Ctrl-Z and fg stop and continue it', async () => {
        await using terminal = await Terminal.start(shell);
        using job = new TerminalJob('--session');
        terminal.type(`${job.command}\n`);
        await job.runs(terminal);
        assert.equal(statOf(job.child)?.session, job.child);
        await terminal.foreground(job.init);
        terminal.type(keys.interrupt);
        await job.said.reaches(['ready', 'signal 2']);
        await job.stops(terminal);
        terminal.type('fg\n');
        await job.said.reaches(['ready', 'signal 2', 'signal 18']);
        terminal.type(keys.interrupt);
        await job.said.reaches(['ready', 'signal 2', 'signal 18', 'signal 2']);
        assert.equal(job.forwarded('SIGINT'), 2);
      });

      it('a hang-up reaches the child', async () => {
        const terminal = await Terminal.start(shell);
        using job = new TerminalJob();
        terminal.type(`${job.command}\n`);
        await job.runs(terminal);
        await terminal.end();
        // Its parent has gone: whoever adopts it may be slow to reap it.
        await until(() => ['Z', undefined].includes(statOf(job.init)?.state), 'init ends');
        assert.equal(job.said.lines[1], 'signal 1');
      });
    });
  }
});

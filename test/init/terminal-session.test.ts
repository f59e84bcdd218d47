import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';

import { kill } from 'sigkit';

import { until } from '../support/child.js';
import { asPid1, canUnshare, init } from '../support/init.js';
import { keys, Terminal } from '../support/terminal.js';
import { TerminalJob } from '../support/terminal-job.js';
import { childOf, statOf } from '../support/processes.js';

function resize(terminal: Terminal): void {
  execFileSync('stty', ['-F', readlinkSync(`/proc/${terminal.leader}/fd/0`), 'rows', '33']);
}

describe('sigkit-init on a terminal, without job control around it', () => {
  it('gives the terminal back: what comes next in a script can read from it', async () => {
    using job = new TerminalJob();
    await using terminal = await Terminal.start(['sh', '-c', `${job.command}; read line; echo "read $line"`]);
    await job.runs(terminal);
    assert.equal(statOf(job.init)?.group, terminal.leader);
    await terminal.foreground(job.child);
    await job.gets(terminal, 'one');
    terminal.type(keys.interrupt);
    await job.said.reaches(['ready', 'typed one', 'signal 2']);
    assert.equal(job.forwarded('SIGINT'), 0);
    kill(job.init, 'SIGTERM');
    await terminal.foreground(terminal.leader);
    terminal.type('next\n');
    await terminal.line('read next');
  });

  for (const options of [[], ['--group'], ['--session']] as const) {
    const how = options.length === 0 ? '' : ` with ${options.join(' ')}`;

    it(`as the leader of the session${how}: Ctrl-C, a new window size and a hang-up reach the child once`, async () => {
      const job = new TerminalJob(...options);
      await using terminal = await Terminal.start(['sh', '-c', `exec ${job.command}`]);
      await job.runs(terminal);
      await terminal.foreground(options[0] === '--session' ? job.init : job.child);
      terminal.type(keys.interrupt);
      await job.said.reaches(['ready', 'signal 2']);
      resize(terminal);
      await job.said.reaches(['ready', 'signal 2', 'signal 28']);
      kill(job.child, 'SIGUSR2');
      await job.said.reaches(['ready', 'signal 2', 'signal 28', 'signal 12']);
      const times = options[0] === '--session' ? 1 : 0;
      assert.deepEqual([job.forwarded('SIGINT'), job.forwarded('SIGWINCH')], [times, times]);
      const { code } = await terminal.end();
      assert.equal(code, 8);
      await job.said.reaches(['ready', 'signal 2', 'signal 28', 'signal 12', 'signal 1']);
      assert.equal(job.forwarded('SIGHUP'), 1);
    });
  }

  for (const [how, wrapper] of [
    ['as the leader of the session', []],
    ['as PID 1', asPid1],
  ] as const) {
    it(`${how} it runs a shell with job control`, async function () {
      if (wrapper.length > 0 && !canUnshare) this.skip();
      await using terminal = await Terminal.start([...wrapper, init, '--', 'dash', '-i']);
      const own = wrapper.length === 0 ? terminal.leader : await childOf(terminal.leader);
      const shell = await childOf(own);
      await terminal.foreground(shell);
      terminal.type('cat\n');
      const cat = await childOf(shell);
      await terminal.foreground(cat);
      terminal.type(keys.suspend);
      await terminal.foreground(shell);
      assert.equal(statOf(cat)?.state, 'T');
      terminal.type('fg\n');
      await terminal.foreground(cat);
      terminal.type(keys.interrupt);
      await terminal.foreground(shell);
      terminal.type('exit 9\n');
      await until(() => ['Z', undefined].includes(statOf(terminal.leader)?.state), 'the leader has ended');
      const { code } = await terminal.end();
      assert.equal(code, 9);
    });
  }

  it('does not need the descriptors 0 to 2', async () => {
    using job = new TerminalJob();
    await using terminal = await Terminal.start(['sh', '-c', `${job.command} 0<&- 1>&-; read line; echo "read $line"`]);
    await job.runs(terminal);
    await terminal.foreground(job.child);
    terminal.type(keys.interrupt);
    await job.said.reaches(['ready', 'signal 2']);
    kill(job.init, 'SIGTERM');
    await terminal.foreground(terminal.leader);
    terminal.type('next\n');
    await terminal.line('read next');
  });
});

// Programs on terminals that end in each way.
import pty from 'node-pty';

const shell = (script) => globalThis.forks(() => pty.spawn('sh', ['-c', script], { cols: 91, rows: 17 }));
const ended = (terminal) =>
  new Promise((resolve) => terminal.onExit(({ exitCode, signal }) => resolve([exitCode, signal])));
const said = (terminal, text) =>
  new Promise((resolve) => {
    let output = '';
    terminal.onData((data) => {
      output += data;
      if (output.includes(text)) resolve(output.replaceAll('\r', ''));
    });
  });

const ways = {
  async codes() {
    const ends = await Promise.all(Array.from({ length: 20 }, (_, code) => ended(shell(`exit ${code}`))));
    console.log(JSON.stringify(ends));
  },
  async killed() {
    for (const signal of ['SIGKILL', 'SIGUSR1']) {
      const terminal = shell('echo up; exec sleep 1000');
      await said(terminal, 'up');
      terminal.kill(signal);
      console.log(signal, await ended(terminal));
    }
  },
  async talk() {
    const terminal = shell('stty -echo; stty size; read line; echo "got $line"; exit 3');
    await said(terminal, '17 91');
    const answer = said(terminal, 'got');
    terminal.write('a line\r');
    console.log(await answer, await ended(terminal));
  },
  // Ctrl-C, a hangup, and a plain kill: the signals that a program like this claims.
  async signalled() {
    for (const end of [
      (terminal) => terminal.write('\x03'),
      (terminal) => terminal.kill(),
      (terminal) => terminal.kill('SIGTERM'),
    ]) {
      const terminal = shell('echo up; exec sleep 1000');
      await said(terminal, 'up');
      end(terminal);
      console.log(await ended(terminal));
    }
  },
};
await ways[process.argv[2]]();

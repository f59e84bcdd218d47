// The example `fork`: a shell, its environment, and another size meanwhile.
import { heard } from '../support.mjs';

const shell = ['bash', ['--norc', '--noprofile', '--noediting']];
const env = { ...process.env, PS1: '', TEST: 'Environment vars work' };

export async function theirs({ spawn }) {
  const terminal = spawn(...shell, { name: 'xterm-256color', cols: 80, rows: 26, cwd: '/', env });
  const listen = (listener) => terminal.onData(listener);
  terminal.write('ls\r');
  await heard(listen, 'usr');
  terminal.resize(30, 19);
  terminal.write('echo $TEST on $TERM\r');
  await heard(listen, 'Environment vars work on xterm-256color');
  console.log('heard');
  process.on('exit', () => terminal.kill());
  process.exit();
}

export async function ours({ spawn }) {
  const { terminal } = spawn(...shell, { terminal: { name: 'xterm-256color', columns: 80, rows: 26 }, cwd: '/', env });
  const listen = (listener) => terminal.on('data', listener);
  terminal.write('ls\r');
  await heard(listen, 'usr');
  terminal.resize(30, 19);
  terminal.write('echo $TEST on $TERM\r');
  await heard(listen, 'Environment vars work on xterm-256color');
  console.log('heard');
  process.exit();
}

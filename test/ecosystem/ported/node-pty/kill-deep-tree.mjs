// The example `killDeepTree`, which is of Windows: a shell that runs something that runs something.
import { heard } from '../support.mjs';

const shell = ['bash', ['--norc', '--noprofile', '--noediting']];
const typed = `sh -c 'sh -c "echo u''p; sleep 1000; :"; :'\r`;

export async function theirs({ spawn }) {
  const terminal = spawn(...shell, { name: 'xterm-color', cols: 80, rows: 30 });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  terminal.write(typed);
  await heard((listener) => terminal.onData(listener), 'up\r\n');
  terminal.kill();
  await ended;
  console.log('ended');
}

export async function ours({ spawn, terminateTree }) {
  const child = spawn(...shell, { terminal: { name: 'xterm-color', columns: 80, rows: 30 } });
  child.terminal.write(typed);
  await heard((listener) => child.terminal.on('data', listener), 'up\r\n');
  await terminateTree(child.pid, { sig: 'SIGHUP' });
  await child.exited;
  console.log('ended');
}

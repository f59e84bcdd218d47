// The example `electron`: a window that shows a terminal, and talks to it by messages. A MessagePort is the window here.
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';

const { port1: window, port2: main } = new MessageChannel();

/** What the window does: it types, tells its size, and is closed when it has seen both. */
function show() {
  let shown = '';
  let resized = false;
  window.postMessage({ type: 'write', data: 'stty -echo; echo 6 x 7 = $((6 * 7))\r' });
  window.on('message', (data) => {
    shown += data;
    if (shown.includes('20 90')) return window.close();
    if (resized || !shown.includes('= 42')) return undefined;
    resized = true;
    window.postMessage({ type: 'resize', cols: 90, rows: 20 });
    return window.postMessage({ type: 'write', data: 'stty size\r' });
  });
  window.once('close', () => console.log('shown'));
}

export async function theirs({ spawn }) {
  const terminal = spawn('sh', [], { name: 'xterm-256color', cols: 80, rows: 30, cwd: '/', env: process.env });
  terminal.onData((data) => main.postMessage(data));
  main.on('message', ({ type, data, cols, rows }) => {
    if (type === 'write') terminal.write(data);
    else terminal.resize(cols, rows);
  });
  show();
  await once(main, 'close');
  terminal.kill();
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', [], { terminal: { name: 'xterm-256color', columns: 80, rows: 30 }, cwd: '/' });
  terminal.setEncoding('utf8').on('data', (data) => main.postMessage(data));
  main.on('message', ({ type, data, cols, rows }) => {
    if (type === 'write') terminal.write(data);
    else terminal.resize(cols, rows);
  });
  show();
  await once(main, 'close');
  terminal.destroy();
}

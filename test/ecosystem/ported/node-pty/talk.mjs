import { heard } from '../support.mjs';

const script = 'stty -echo; echo up; read -r line; echo "said $line"; read -r line';

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], {});
  const listen = (listener) => terminal.onData(listener);
  await heard(listen, 'up');
  terminal.write('a line\r');
  console.log(await heard(listen, 'line\r\n'));
  terminal.write('\r');
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', script], { terminal: true });
  const listen = (listener) => terminal.on('data', listener);
  await heard(listen, 'up');
  terminal.write('a line\r');
  console.log(await heard(listen, 'line\r\n'));
  terminal.write('\r');
}

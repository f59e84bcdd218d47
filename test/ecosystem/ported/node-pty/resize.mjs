import { heard } from '../support.mjs';

const script = 'trap "stty size; exit" WINCH; echo up; while :; do sleep 0.05; done';

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], { cols: 80, rows: 24 });
  const listen = (listener) => terminal.onData(listener);
  await heard(listen, 'up');
  terminal.resize(100, 40);
  console.log(await heard(listen, '40 100\r\n'));
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', script], { terminal: { columns: 80, rows: 24 } });
  const listen = (listener) => terminal.on('data', listener);
  await heard(listen, 'up');
  terminal.resize(100, 40);
  console.log(await heard(listen, '40 100\r\n'));
}

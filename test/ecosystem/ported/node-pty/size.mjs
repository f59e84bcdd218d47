import { heard } from '../support.mjs';

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', 'stty size; read -r line'], { cols: 91, rows: 17 });
  console.log(await heard((listener) => terminal.onData(listener), '91\r\n'), terminal.cols, terminal.rows);
  terminal.write('\r');
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', 'stty size; read -r line'], { terminal: { columns: 91, rows: 17 } });
  const listen = (listener) => terminal.on('data', listener);
  console.log(await heard(listen, '91\r\n'), terminal.columns, terminal.rows);
  terminal.write('\r');
}

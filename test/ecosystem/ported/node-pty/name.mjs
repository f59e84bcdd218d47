import { heard } from '../support.mjs';

const script = 'echo "[$TERM] [$NAME] [$PWD]"; read -r line';
const env = { ...process.env, NAME: 'x' };

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], { name: 'vt100', env, cwd: '/' });
  console.log(await heard((listener) => terminal.onData(listener), '/]\r\n'));
  terminal.write('\r');
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', script], { terminal: { name: 'vt100' }, env, cwd: '/' });
  console.log(await heard((listener) => terminal.on('data', listener), '/]\r\n'));
  terminal.write('\r');
}

import { heard } from '../support.mjs';

const script = String.raw`printf '\342\202'; sleep 0.1; printf '\254 and more'; read -r line`;

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], { encoding: 'utf8' });
  console.log(await heard((listener) => terminal.onData(listener), 'more'));
  terminal.write('\r');
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', script], { terminal: true });
  terminal.setEncoding('utf8');
  console.log(await heard((listener) => terminal.on('data', listener), 'more'));
  terminal.write('\r');
}

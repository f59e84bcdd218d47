import { readFileSync } from 'node:fs';

import { heard } from '../support.mjs';

const script = 'set -m; (echo up; exec cat)';

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], {});
  await heard((listener) => terminal.onData(listener), 'up');
  terminal.write('said\r');
  await heard((listener) => terminal.onData(listener), 'said\r\nsaid');
  console.log(terminal.process);
  terminal.write('\x04');
}

export async function ours({ spawn }) {
  const { pid, terminal } = spawn('sh', ['-c', script], { terminal: true });
  const listen = (listener) => terminal.on('data', listener);
  await heard(listen, 'up');
  terminal.write('said\r');
  await heard(listen, 'said\r\nsaid');
  // tpgid of proc(5): the group in the foreground of its terminal.
  const [, , , , , , group] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '0 ').split(' ');
  console.log(readFileSync(`/proc/${group}/comm`, 'utf8').trim());
  terminal.write('\x04');
}

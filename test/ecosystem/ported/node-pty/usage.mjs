// The example of node-pty's README, with a prompt that all shells have alike.
import { writeFileSync } from 'node:fs';

import { heard } from '../support.mjs';

const shell = ['bash', ['--norc', '--noprofile', '--noediting']];
const env = { ...process.env, PS1: '' };

export async function theirs({ spawn }) {
  writeFileSync('a-file', '');
  const terminal = spawn(...shell, { name: 'xterm-color', cols: 80, rows: 30, cwd: process.cwd(), env });
  const listen = (listener) => terminal.onData(listener);
  terminal.write('ls; stty size\r');
  await heard(listen, '30 80');
  terminal.resize(100, 40);
  terminal.write('ls; stty size\r');
  console.log((await heard(listen, '40 100')).includes('a-file'));
  terminal.kill();
}

export async function ours({ spawn }) {
  writeFileSync('a-file', '');
  const options = { terminal: { name: 'xterm-color', columns: 80, rows: 30 }, cwd: process.cwd(), env };
  const { terminal } = spawn(...shell, options);
  const listen = (listener) => terminal.on('data', listener);
  terminal.write('ls; stty size\r');
  await heard(listen, '30 80');
  terminal.resize(100, 40);
  terminal.write('ls; stty size\r');
  console.log((await heard(listen, '40 100')).includes('a-file'));
  terminal.destroy();
}

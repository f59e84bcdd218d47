// More than the terminal holds: while nobody reads, the command does not get on.
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { heard } from '../support.mjs';

const script = 'seq 200000; touch written; read -r line';

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], {});
  terminal.pause();
  await delay(500);
  console.log(existsSync('written'));
  terminal.resume();
  await heard((listener) => terminal.onData(listener), '200000\r\n');
  terminal.write('\r');
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', script], { terminal: true });
  terminal.pause();
  await delay(500);
  console.log(existsSync('written'));
  terminal.resume();
  await heard((listener) => terminal.on('data', listener), '200000\r\n');
  terminal.write('\r');
}

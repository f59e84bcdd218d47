import { heard } from '../support.mjs';

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', 'echo up; exec sleep 1000'], {});
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  await heard((listener) => terminal.onData(listener), 'up');
  terminal.write('\x03');
  console.log((await ended).signal);
}

export async function ours({ spawn }) {
  const child = spawn('sh', ['-c', 'echo up; exec sleep 1000'], { terminal: true });
  await heard((listener) => child.terminal.on('data', listener), 'up');
  child.terminal.write('\x03');
  console.log((await child.exited).termSignal === 'SIGINT' ? 2 : undefined);
}

import { heard } from '../support.mjs';

// Of root another user, of anybody else the own.
const [uid, gid] = process.getuid() === 0 ? [65534, 65534] : [process.getuid(), process.getgid()];
const script = 'echo "$(id -u) $(id -g) up"; read -r line';

export async function theirs({ spawn }) {
  const terminal = spawn('sh', ['-c', script], { uid, gid, cwd: '/' });
  console.log(await heard((listener) => terminal.onData(listener), 'up'));
  terminal.write('\r');
}

export async function ours({ spawn }) {
  const { terminal } = spawn('sh', ['-c', script], { terminal: true, uid, gid, cwd: '/' });
  console.log(await heard((listener) => terminal.on('data', listener), 'up'));
  terminal.write('\r');
}

// Who sent a signal, and why. A sender that has ended by now has no name any more, and pid is null where the kernel knows of no
// sender: never take that for root.
import { spawn } from 'node:child_process';

import { kill, type SignalInfo, signals } from 'sigkit';

const stream = signals(['SIGHUP', 'SIGCHLD']);

function describe({ signal, code, origin, pid, uid, status }: SignalInfo): string {
  const sender = pid === null ? origin : pid === process.pid ? 'this process' : 'another process';
  const user = uid === process.getuid?.() ? 'the same user' : `user ${uid}`;
  return `${signal} ${code}: ${sender} of ${user}${status === undefined ? '' : `, status ${status}`}`;
}

async function show(): Promise<void> {
  const { value: info } = await stream.next();
  if (info !== undefined) console.log(describe(info));
}

kill(process.pid, 'SIGHUP');
await show();
const child = spawn('sh', ['-c', `kill -HUP ${process.pid}; read line; exit 3`]);
await show();
child.stdin.end();
await show();
stream.close();

// Prints:
//   SIGHUP SI_USER: this process of the same user
//   SIGHUP SI_USER: another process of the same user
//   SIGCHLD CLD_EXITED: another process of the same user, status 3

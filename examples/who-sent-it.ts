// Who sent a signal, how, and with what. A sender that has ended by now has no name any more, and pid is null where the kernel
// knows of no sender: never take that for root.
import { spawnSync } from 'node:child_process';

import { kill, type SignalInfo, signals, sigqueue, tgkill } from 'sigkit';

const stream = signals(['SIGHUP', 'SIGUSR2', 'SIGRTMIN+1']);

function describe({ signal, code, origin, pid, value }: SignalInfo): string {
  const sender = pid === process.pid ? 'this process' : `another ${origin}`;
  return `${signal} ${code} by ${sender}${value === undefined ? '' : `, value ${value}`}`;
}

async function show(): Promise<void> {
  const { value: info } = await stream.next();
  if (info !== undefined) console.log(describe(info));
}

kill(process.pid, 'SIGHUP');
await show();
tgkill(process.pid, 'SIGUSR2');
await show();
sigqueue(process.pid, 'SIGRTMIN+1', 42);
await show();
spawnSync('sh', ['-c', `kill -HUP ${process.pid}`]);
await show();
stream.close();

// Prints:
//   SIGHUP SI_USER by this process
//   SIGUSR2 SI_TKILL by this process
//   SIGRTMIN+1 SI_QUEUE by this process, value 42
//   SIGHUP SI_USER by another process

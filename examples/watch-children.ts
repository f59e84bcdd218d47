// SIGCHLD, observed beside child_process: it tells of stops and continues too, which child_process does not. As every standard
// signal it merges: for "which children have ended" ask child_process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { kill, signals } from 'sigkit';

const stream = signals('SIGCHLD');
const child = spawn('sleep', ['60']);
const exited = once(child, 'exit');
const { pid = 0 } = child;
const next: Readonly<Record<string, () => void>> = {
  CLD_STOPPED: () => kill(pid, 'SIGCONT'),
  CLD_CONTINUED: () => kill(pid, 'SIGTERM'),
  CLD_KILLED: () => stream.close(),
};

await once(child, 'spawn');
kill(pid, 'SIGSTOP');
for await (const { code, status, pid: sender } of stream) {
  if (sender !== pid) continue;
  console.log(`${code}, signal ${status}`);
  next[code]?.();
}
const [, signal] = (await exited) as [number | null, string | null];
console.log(`child_process says ${signal}`);

// Prints:
//   CLD_STOPPED, signal 19
//   CLD_CONTINUED, signal 18
//   CLD_KILLED, signal 15
//   child_process says SIGTERM

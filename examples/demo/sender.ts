// sender.js PID: queues values to a process, as the lines on its standard input say: `value 42`, or `storm 1000` for that
// many, each with its number and its time. Says `ready` once it has started; ends with its input.
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';

import { sigqueue } from 'sigkit';

import { valueOf } from './value.js';

const pid = Number(process.argv[2]);

// The kernel has one queue for all that a user's processes send (RLIMIT_SIGPENDING): while it is full, one tries again.
async function queue(valueNow: () => number | bigint): Promise<void> {
  for (;;) {
    try {
      return sigqueue(pid, 'SIGRTMIN+1', valueNow());
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      await setImmediate();
    }
  }
}

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [what, argument] = line.split(' ');
  if (what === 'value') await queue(() => Number(argument));
  for (let number = 0; what === 'storm' && number < Number(argument); number += 1) {
    await queue(() => valueOf(number, process.hrtime.bigint()));
  }
}

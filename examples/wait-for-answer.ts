// Starts a program and waits until it says that it is ready, five seconds at most. The signal is blocked before the program
// starts: waitForSignal claims it only while it waits, and an answer that came sooner would end the process.
import { spawn } from 'node:child_process';

import { sigprocmask, waitForSignal } from 'sigkit';

sigprocmask('SIG_BLOCK', 'SIGUSR2');
const child = spawn('sh', ['-c', 'kill -USR2 $PPID']);

const answer = await waitForSignal('SIGUSR2', { timeoutMs: 5000 });
if (answer === null) console.log('no answer');
else console.log(answer.pid === child.pid ? 'our child is ready' : `process ${answer.pid} is ready`);
sigprocmask('SIG_UNBLOCK', 'SIGUSR2');

// Prints:
//   our child is ready

// reaping.js COMMAND...: a PID 1 that runs a command, and reaps and reads every orphan until it ends.
import { spawn } from 'node:child_process';

import { reapOrphans } from 'sigkit/process';

const [file = '', ...args] = process.argv.slice(2);
const reaper = reapOrphans();
spawn(file, args, { stdio: 'inherit' }).once('exit', (code) => process.exit(code ?? 1));
let read = 0;
for await (const { status } of reaper) read += status.exited ? 1 : 0;

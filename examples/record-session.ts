// script(1): `record-session.js FILE COMMAND ARGUMENTS…` runs a command, or a shell, on a terminal of its own, and writes down what it
// shows. On a terminal, that one is only the window to it: keys go through as they are, Ctrl-C and Ctrl-Z too, and it has the same size.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

import { spawn } from 'sigkit/process';

const { stdin, stdout } = process;
const shell = stdin.isTTY
  ? [process.env['SHELL'] ?? 'sh']
  : ['sh', '-c', 'stty -onlcr; stty size; echo "on $TERM"; exit 3'];
const [, , file = '/dev/null', ...given] = process.argv;
const [command = '', ...args] = given.length > 0 ? given : shell;

const record = createWriteStream(file);
const { terminal, closed } = spawn(command, args, {
  terminal: { columns: stdout.columns, rows: stdout.rows, name: stdout.isTTY ? process.env['TERM'] : 'dumb' },
});

if (stdin.isTTY) stdin.setRawMode(true);
stdout.on('resize', () => terminal.resize(stdout.columns, stdout.rows));
// The slower of the two says how fast the command may write. The end of our input is the end of its.
terminal.pipe(stdout);
terminal.pipe(record);
stdin.pipe(terminal);

const { exitCode, termSignal } = await closed;
if (stdin.isTTY) stdin.setRawMode(false);
// Nobody is left to type to.
stdin.destroy();
await finished(record);
stdout.write(`ended with ${termSignal ?? exitCode}\n`);

// Prints:
//   24 80
//   on dumb
//   ended with 3

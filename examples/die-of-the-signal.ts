// Cleans up and then dies of the very signal, so that the parent (a shell, a supervisor) sees what ended it. As PID 1 of a
// container, which no signal ends, exitBySignal exits with 128 + 15 instead.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { exitBySignal, signals } from 'sigkit';

async function serve(): Promise<void> {
  const stream = signals('SIGTERM');
  process.send?.('ready');
  const { value: info } = await stream.next();
  writeSync(1, `child: ${info?.signal}, cleaning up\n`);
  exitBySignal('SIGTERM');
}

async function watch(): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve'], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  child.once('message', () => child.kill('SIGTERM'));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  console.log(`parent: exit code ${code}, signal ${signal}`);
}

if (process.argv[2] === 'serve') await serve();
else await watch();

// Prints:
//   child: SIGTERM, cleaning up
//   parent: exit code null, signal SIGTERM

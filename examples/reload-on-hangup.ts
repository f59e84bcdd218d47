// Reads its configuration again on SIGHUP, until SIGTERM. Signals may merge, so SIGHUP means "at least one": the file is read
// once for all that have come, and never before the last of them.
import { rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { kill, signals } from 'sigkit';

const file = path.join(tmpdir(), `sigkit-example-${process.pid}.json`);
const stream = signals(['SIGHUP', 'SIGTERM']);

// For the example: somebody who edits the file and says so.
function edit(level: string): void {
  writeFileSync(file, JSON.stringify({ level }));
  kill(process.pid, 'SIGHUP');
}

edit('info');
for await (const { signal } of stream) {
  if (signal === 'SIGTERM') break;
  const { level } = JSON.parse(await readFile(file, 'utf8')) as { level: string };
  console.log(`log level ${level}`);
  if (level === 'info') edit('debug');
  else kill(process.pid, 'SIGTERM');
}
rmSync(file);

// Prints:
//   log level info
//   log level debug

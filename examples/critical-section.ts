// Two files that must change together. A SIGTERM in between waits until both are written, streams of it included.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { kill, signals, withSignalsBlocked } from 'sigkit';

const folder = mkdtempSync(path.join(tmpdir(), 'sigkit-example-'));
const data = path.join(folder, 'data');
const index = path.join(folder, 'index');
const stream = signals('SIGTERM');

await withSignalsBlocked('SIGTERM', async () => {
  await writeFile(data, 'new');
  kill(process.pid, 'SIGTERM'); // somebody else would do this
  console.log(`between the two: ${stream.poll()?.signal ?? 'no signal'}`);
  await writeFile(index, 'new');
});

const { value: info } = await stream.next();
console.log(`${info?.signal}; data ${readFileSync(data, 'utf8')}, index ${readFileSync(index, 'utf8')}`);
stream.close();
rmSync(folder, { recursive: true });

// Prints:
//   between the two: no signal
//   SIGTERM; data new, index new

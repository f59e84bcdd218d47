import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { needs } from './support/installed.js';
import { type Arrived, endedBy, type Way, ways } from './support/whole-service.js';

const text = readFileSync(fileURLToPath(new URL('../../../docs/shutdown.md', import.meta.url)), 'utf8');
const [, section = ''] = /^## What arrives$([^]*?)^##/m.exec(text) ?? [];
const [header = [], , ...rows] = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );

/** What each row of the table is about. */
const subjects: Readonly<Record<string, keyof Arrived>> = {
  'requests under way': 'requests',
  'a log in a file': 'file',
  'a log by a pino transport': 'transport',
  'stdout, in a slow pipe': 'stdout',
  spans: 'spans',
  metrics: 'metrics',
  'the lock file': 'lock',
  coverage: 'coverage',
  'a child, in a group': 'child',
  'a line on stderr': 'line',
  'exit status': 'status',
};

describe('what arrives, as docs/shutdown.md has it', () => {
  for (const name of ['execa', 'pino', 'proper-lockfile', '@opentelemetry/sdk-trace-node']) needs(name);

  it('has a column for each way, and a row for each thing', () => {
    assert.deepEqual(header.slice(1), Object.keys(ways));
    assert.deepEqual(rows.map(([subject = '']) => subject).sort(), Object.keys(subjects).sort());
  });

  for (const [index, way] of (Object.keys(ways) as Way[]).entries())
    it(way, async () => {
      const arrived = await endedBy(way);
      for (const [subject = '', ...cells] of rows) {
        const promised = cells[index] ?? '';
        const found = arrived[subjects[subject] ?? assert.fail(subject)];
        // What is not promised may arrive.
        if (promised !== '') assert.equal(found, promised, `${subject}: ${JSON.stringify(arrived)}`);
      }
    });
});

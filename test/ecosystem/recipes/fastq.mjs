import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import fastq from 'fastq';

import { ready, start } from './common.mjs';

const shutdown = start();
const queue = fastq.promise(async (job) => {
  await delay(20);
  writeFileSync('jobs', `${job}\n`, { flag: 'a' });
}, 2);
// The recipe:
shutdown.add('jobs', () => queue.drained(), { stage: 'drain', timeoutMs: 15_000 });
// Its end.
for (let job = 0; job < 20; job += 1) void queue.push(job);
ready();

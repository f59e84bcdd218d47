import { setTimeout as delay } from 'node:timers/promises';

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

import { closeResource, ready, start } from './common.mjs';

const shutdown = start();
const connection = new Redis({ path: 'redis.sock', maxRetriesPerRequest: null });
const queue = new Queue('jobs', { connection });
await queue.addBulk(Array.from({ length: 50 }, (_, number) => ({ name: 'job', data: { number } })));
let done = 0;
const work = async () => {
  await delay(50);
  done += 1;
  if (done === 4) ready();
};
const worker = new Worker(queue.name, work, { connection, concurrency: 2 });
// The recipe:
shutdown.add('worker', {
  'stop-accepting': () => worker.pause(true),
  drain: () => worker.close(),
});
shutdown.add('redis', () => connection.quit());
shutdown.add('queue', closeResource(queue), { dependsOn: 'redis' });
// Its end.

// Imported by each thread of a program: a Worker looks whether the others hang, as the readme of @sentry-internal/node-native-stacktrace does it.
import { writeSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';

import { load } from '../packages.js';

interface Native {
  readonly registerThread: () => void;
  readonly threadPoll: () => void;
  readonly getThreadsLastSeen: () => Record<string, number>;
  readonly captureStackTrace: () => unknown;
}

const { registerThread, threadPoll, getThreadsLastSeen, captureStackTrace } = await load<Native>(
  '@sentry-internal/node-native-stacktrace',
);
const thresholdMs = 1000;

function look(): void {
  if (Object.values(getThreadsLastSeen()).every((since) => since < thresholdMs)) return;
  const began = performance.now();
  const stacks = captureStackTrace();
  writeSync(2, `${JSON.stringify(stacks, null, 1)}\ntook ${performance.now() - began} ms\n`);
}

if (process.env['SIGKIT_BESIDE_WATCHER'] !== undefined) setInterval(look, 500);
else {
  registerThread();
  threadPoll();
  setInterval(threadPoll, 200).unref();
  if (isMainThread) {
    const env = { ...process.env, SIGKIT_BESIDE_WATCHER: 'yes' };
    new Worker(new URL(import.meta.url), { env }).unref();
  }
}

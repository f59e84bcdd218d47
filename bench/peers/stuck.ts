// What bench/areas/shutdown.ts ends: a program in the way of which its argument tells, with a hook that never ends.
import { writeSync } from 'node:fs';

import { createShutdown } from 'sigkit/shutdown';

const ways: Readonly<Record<string, () => void>> = {
  idle: () => {},
  'while (true)': () => {
    for (;;);
  },
  'Atomics.wait': () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};

const [way = '', budget] = process.argv.slice(2);
// The deadline of the native thread, and a signal that a parent can send.
createShutdown({ budgetMs: Number(budget), reserveMs: 0, second: 'any' }).add('hook', () => new Promise(() => {}));
setInterval(() => {}, 60_000);
setImmediate(() => {
  writeSync(1, 'ready\n');
  ways[way]?.();
});

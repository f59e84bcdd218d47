// What keeps a process of Node's busy while its latency is measured.
import { pbkdf2 } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What goes on beside the signals. */
export type Load = 'idle' | 'pool' | 'garbage';

const poolThreads = 4;
const turnMs = 1;
const objectsATurn = 5000;
const survivors = 100_000;

// Each of the pool's threads derives keys, about a millisecond each, with a call of the file system in between.
async function occupyPool(): Promise<never> {
  const derive = promisify(pbkdf2);
  for (;;) {
    await derive('password', 'salt', 1000, 64, 'sha512');
    await stat('.');
  }
}

// Some of the objects outlive a few collections, so that there is something to copy and to mark.
function makeGarbage(): void {
  const kept: object[] = [];
  let next = 0;
  setInterval(() => {
    for (let made = 0; made < objectsATurn; made += 1) {
      kept[next % survivors] = { next, text: `object ${next}` };
      next += 1;
    }
  }, turnMs).unref();
}

/** Starts it, for as long as the process lives. */
export function startLoad(load: Load): void {
  if (load === 'pool') for (let thread = 0; thread < poolThreads; thread += 1) void occupyPool();
  if (load === 'garbage') makeGarbage();
}

// How a program ends: the rest of its life, once it has done what its package is for. Each way is one that users have.
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const signals = ['SIGTERM', 'SIGINT'];

function ready() {
  console.log(`ready ${process.pid}`);
  writeFileSync('ready', '');
}

/** Lives on; `work` is what it still has to do when it has been told to stop. */
export async function live(way, work = async () => {}) {
  if (way === 'return') return;
  if (way === 'exit') process.exit(5);
  if (way === 'throw') throw new Error('on purpose');
  if (way === 'unheeded') {
    setInterval(() => {}, 1000);
    ready();
    return;
  }
  const stop = globalThis.stopSignals(...signals);
  ready();
  console.log(`${await stop.next()}: stopping`);
  // Whoever takes a signal for the end of the process, or sends it again, does so meanwhile.
  const next = stop.next();
  let second = await Promise.race([next, delay(100)]);
  if (way === 'stop-at-second') {
    console.log('goes on');
    second ??= await next;
  }
  if (second !== undefined) console.log(`then ${second}`);
  stop.close();
  await work();
  console.log('stopped');
  if (way !== 'die') {
    process.exitCode = 4;
    return;
  }
  process.kill(process.pid, 'SIGTERM');
  // Where somebody listens, it comes through the event loop.
  setTimeout(() => {}, 5000);
}

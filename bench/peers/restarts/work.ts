// What the service of each package does alike: its answers, and its log on the standard output.
import { setTimeout as delay } from 'node:timers/promises';

export const slowMs = 150;
/** How many lines it writes at its end, of which a full pipe takes a part at first. */
export const lastLines = 3000;

const body = 'whole'.padStart(2000);
const ending = ' the database is closed'.padEnd(100, '.');

/** Answers /slow/ID later, others at once, and writes the id to the log before. */
export async function answer(url: string): Promise<string> {
  if (url.startsWith('/slow')) await delay(slowMs);
  process.stdout.write(`answered ${url.split('/').at(-1)}\n`);
  return body;
}

/** What is left to do when the server is closed. */
export function cleanUp(): void {
  for (let line = 0; line < lastLines; line += 1) process.stdout.write(`ending ${line}${ending}\n`);
}

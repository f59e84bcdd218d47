import { setTimeout as delay } from 'node:timers/promises';

import type { GroupRef } from '../group-ref.js';
import { terminateHeld } from './terminate.js';

const [sigkill, sigterm, sigcont] = [9, 15, 18];
const lookMs = 50;

/** Ends a child's group: SIGTERM, and SIGKILL after `graceMs`. `ref`: whether this process stays alive for that. Never rejects. */
export async function endGroupOf(group: GroupRef, graceMs: number, ref: boolean): Promise<void> {
  try {
    await terminateHeld(group, { number: sigterm, graceMs, isMixed: false, signal: undefined, ref });
  } catch {
    await endUnseen(group, graceMs, ref);
  }
}

// Where nobody can look, for want of /proc or of a descriptor, the number has to do, and zombies count.
async function endUnseen(group: GroupRef, graceMs: number, ref: boolean): Promise<void> {
  const deadline = performance.now() + graceMs;
  send(group, sigterm);
  send(group, sigcont);
  while (send(group, 0) && performance.now() < deadline) await delay(lookMs, undefined, { ref });
  send(group, sigkill);
}

/** Whether somebody has got it. */
function send(group: GroupRef, number: number): boolean {
  try {
    return group.signal(number) === 0;
  } catch {
    return false;
  }
}

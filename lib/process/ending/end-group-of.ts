import { portable } from '../../base/native.js';
import type { GroupRef } from '../group-ref.js';
import { endByNumber } from './by-number.js';
import type { Termination } from './members.js';
import { terminateHeld } from './terminate.js';
import type { Wish } from './wish.js';

const sigterm = 15;

/** As well as the backend can: without the addon, nobody knows who was in it. @throws AbortError and its like */
export async function endHeld(group: GroupRef, wish: Wish): Promise<Termination> {
  if (portable === undefined) return terminateHeld(group, wish);
  return { empty: await endByNumber(group, wish), ambiguous: [], members: [] };
}

/** Ends a child's group: SIGTERM, and SIGKILL after `graceMs`. `ref`: whether this process stays alive for that. Never rejects. */
export async function endGroupOf(group: GroupRef, graceMs: number, ref: boolean): Promise<void> {
  const wish: Wish = { number: sigterm, graceMs, isMixed: false, signal: undefined, ref };
  try {
    await endHeld(group, wish);
  } catch {
    await endByNumber(group, wish);
  }
}

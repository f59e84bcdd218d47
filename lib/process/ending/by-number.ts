import { setTimeout as delay } from 'node:timers/promises';

import { abortError } from '../../base/errors.js';
import { native } from '../../base/native.js';
import { signalNumber } from '../../signals/names.js';
import type { GroupRef } from '../group-ref.js';
import type { Wish } from './wish.js';

const sigkill = 9;
const lookMs = 50;
// After SIGKILL only what sleeps in the kernel is left, and zombies of others.
const killLimitMs = 2000;

/** Whether somebody has got it. */
function send(group: GroupRef, number: number): boolean {
  try {
    return group.signal(number) === 0;
  } catch {
    return false;
  }
}

async function whileTrue(isLeft: () => boolean, limitMs: number, { signal, ref }: Wish): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (isLeft() && performance.now() < deadline) {
    if (signal?.aborted === true) throw abortError(signal.reason);
    await delay(Math.min(lookMs, Math.max(deadline - performance.now(), 0)), undefined, { ref });
  }
}

/**
 * Ends a group where nobody can look who is in it, for want of /proc or of a descriptor: its number has to do, and zombies count.
 * Returns whether it is empty. @throws AbortError
 */
export async function endByNumber(group: GroupRef, wish: Wish): Promise<boolean> {
  const { pgid } = group;
  const leads = (): boolean => native().peekExit(pgid) === 0;
  const isLeft = (): boolean => send(group, 0);
  if (wish.isMixed && leads()) {
    native().kill(pgid, wish.number);
    native().kill(pgid, signalNumber('SIGCONT'));
    await whileTrue(leads, wish.graceMs, wish);
  } else if (!wish.isMixed) {
    send(group, wish.number);
    send(group, signalNumber('SIGCONT'));
    await whileTrue(isLeft, wish.graceMs, wish);
  }
  if (!isLeft()) return true;
  send(group, sigkill);
  await whileTrue(isLeft, killLimitMs, { ...wish, signal: undefined });
  return !isLeft();
}

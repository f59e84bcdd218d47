import { setTimeout as delay } from 'node:timers/promises';

import type { Members } from './members.js';

// Who does not stop within this time is in state D, or its tracer does not let it.
const freezeLimitMs = 1000;
// One that forks and exits in a group of nobody's can run away for ever.
const chaseLimitMs = 10_000;

/**
 * Stops them all. What is stopped cannot fork: once all that is known is stopped and a look finds nobody new, there is nobody
 * else. `check` throws when it is to be given up.
 */
export async function freeze(members: Members, check: () => void): Promise<void> {
  const deadline = performance.now() + chaseLimitMs;
  members.begin();
  if (!members.canBeStopped) return;
  do {
    do members.stop();
    while (members.discover() && performance.now() < deadline);
    await untilStopped(members);
    check();
    members.stop();
  } while (members.discover() && performance.now() < deadline);
}

async function untilStopped(members: Members): Promise<void> {
  let left = Infinity;
  let deadline = 0;
  for (;;) {
    const { unstopped } = members;
    if (unstopped === 0) return;
    // Many on a busy machine take their time, one by one.
    if (unstopped < left) deadline = performance.now() + freezeLimitMs;
    left = Math.min(left, unstopped);
    if (performance.now() >= deadline) return;
    await delay(1);
  }
}

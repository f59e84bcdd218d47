import {
  type Contained,
  type Containment,
  type ContainmentKind,
  notContained,
  type Refusal,
  type Started,
} from './containment.js';
import { startInCgroup } from './in-cgroup.js';
import type { Launch } from './launch.js';
import { startSupervised } from './supervised.js';

function start(launch: Launch, kind: ContainmentKind, wish: Containment): Started {
  if (kind === 'cgroup') return startInCgroup(launch, wish);
  const limits = Object.entries(wish.limits).filter(([, value]) => value !== undefined);
  if (limits.length > 0) return { refused: `it has no ${limits.map(([name]) => name).join(', ')}` };
  return startSupervised(launch, kind);
}

/**
 * Starts a command that nothing of it outlives, by the first kind that can be had.
 * @throws ERR_SIGKIT_NOT_CONTAINED, and what spawn() throws
 */
export function startContained(
  launch: Launch,
  wish: Containment,
): { readonly keeper: Contained; readonly ends: readonly number[] } {
  const refusals: Refusal[] = [];
  for (const kind of wish.kinds) {
    const started = start(launch, kind, wish);
    if ('keeper' in started) return started;
    refusals.push({ kind, why: started.refused });
  }
  throw notContained(refusals);
}

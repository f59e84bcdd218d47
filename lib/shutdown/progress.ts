import diagnosticsChannel, { type Channel } from 'node:diagnostics_channel';

import type { Shutdown } from './types.js';

/** How far a shutdown is within a state. */
export interface Progress {
  readonly shutdown: Shutdown;
  /** Null before the first stage. */
  readonly stage: string | null;
  /** Until its deadline, as it is now. */
  readonly remainingMs: number;
}

/** Gets a `Progress` when a shutdown begins, at each of its stages, and when a hook has extended it. */
export const progressChannel: Channel = diagnosticsChannel.channel('sigkit:shutdown:progress');

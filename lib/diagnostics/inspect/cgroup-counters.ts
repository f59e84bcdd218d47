import type { CgroupVersion } from './cgroups.js';

/** The files of what a control group counts and limits. */
export interface CounterFiles {
  readonly limit: string;
  readonly usage: string;
}

export type Counter = 'memory' | 'pids';

const pids: CounterFiles = { limit: 'pids.max', usage: 'pids.current' };

/** By the controller. */
export const counterFiles: Readonly<Record<Counter, Readonly<Record<CgroupVersion, CounterFiles>>>> = {
  memory: {
    1: { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes' },
    2: { limit: 'memory.max', usage: 'memory.current' },
  },
  pids: { 1: pids, 2: pids },
};

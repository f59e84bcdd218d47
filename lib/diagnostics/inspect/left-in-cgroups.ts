import { cgroupsIn, fileIn, type Mount, mountOf } from './cgroups.js';
import { textOf } from './readable.js';

interface Files {
  readonly limit: string;
  readonly usage: string;
}

interface Counted {
  readonly controller: string;
  /** By the version of cgroups(7). */
  readonly files: { readonly 1: Files; readonly 2: Files };
}

const memory: Counted = {
  controller: 'memory',
  files: {
    1: { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes' },
    2: { limit: 'memory.max', usage: 'memory.current' },
  },
};
const pids: Files = { limit: 'pids.max', usage: 'pids.current' };
const threads: Counted = { controller: 'pids', files: { 1: pids, 2: pids } };
// Of memory.stat: cached files, which make room. In version 1 with those of the groups below.
const cached = { 1: /^total_inactive_file (\d+)$/m, 2: /^inactive_file (\d+)$/m } as const;

// `max` is no number, and neither is what is not there.
function leftIn(read: (name: string) => string | null, counted: Counted, version: 1 | 2): number {
  const { limit, usage } = counted.files[version];
  const most = Number.parseInt(read(limit) ?? '', 10);
  const used = Number.parseInt(read(usage) ?? '', 10);
  const files = counted === memory ? Number(cached[version].exec(read('memory.stat') ?? '')?.[1] ?? 0) : 0;
  return Number.isNaN(most) || Number.isNaN(used) ? Infinity : Math.max(most - used + files, 0);
}

// A group may have less than it is allowed, as what is above it is allowed less.
function leftUpFrom(mount: Mount, path: string, counted: Counted, version: 1 | 2): number {
  const left = leftIn((name) => textOf(fileIn(mount, path, name) ?? ''), counted, version);
  if (path === '/' || path.startsWith('/..')) return left;
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  return Math.min(left, leftUpFrom(mount, parent, counted, version));
}

function leftInCgroups(counted: Counted): number {
  const left = cgroupsIn(textOf('/proc/self/cgroup') ?? '').map(({ hierarchy, path }) => {
    const version = hierarchy === 'unified' ? 2 : 1;
    if (version === 1 && !hierarchy.split(',').includes(counted.controller)) return Infinity;
    const mount = version === 2 ? mountOf('cgroup2', '') : mountOf('cgroup', counted.controller);
    return mount === null ? Infinity : leftUpFrom(mount, path, counted, version);
  });
  return Math.min(...left, Infinity);
}

/** How many bytes the control groups of this process let it have; Infinity without a limit. */
export const memoryLeftInCgroups = (): number => leftInCgroups(memory);

/** The same of threads. */
export const threadsLeftInCgroups = (): number => leftInCgroups(threads);

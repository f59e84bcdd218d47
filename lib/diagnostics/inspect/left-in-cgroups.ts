import { type Counter, counterFiles } from './cgroup-counters.js';
import { cgroupsIn, type CgroupVersion, fileIn, type Mount, mountFor, versionOf } from './cgroups.js';
import { textOf } from './readable.js';

// Of memory.stat: cached files, which make room. In version 1 with those of the groups below.
const cached = { 1: /^total_inactive_file (\d+)$/m, 2: /^inactive_file (\d+)$/m } as const;

// `max` is no number, and neither is what is not there.
function leftIn(read: (name: string) => string | null, counter: Counter, version: CgroupVersion): number {
  const { limit, usage } = counterFiles[counter][version];
  const most = Number.parseInt(read(limit) ?? '', 10);
  const used = Number.parseInt(read(usage) ?? '', 10);
  const files = counter === 'memory' ? Number(cached[version].exec(read('memory.stat') ?? '')?.[1] ?? 0) : 0;
  return Number.isNaN(most) || Number.isNaN(used) ? Infinity : Math.max(most - used + files, 0);
}

// A group may have less than it is allowed, as what is above it is allowed less.
function leftUpFrom(mount: Mount, path: string, counter: Counter, version: CgroupVersion): number {
  const left = leftIn((name) => textOf(fileIn(mount, path, name) ?? ''), counter, version);
  if (path === '/' || path.startsWith('/..')) return left;
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  return Math.min(left, leftUpFrom(mount, parent, counter, version));
}

function leftInCgroups(counter: Counter): number {
  const left = cgroupsIn(textOf('/proc/self/cgroup') ?? '').map((group) => {
    const mount = mountFor(group, counter);
    return mount === null ? Infinity : leftUpFrom(mount, group.path, counter, versionOf(group));
  });
  return Math.min(...left, Infinity);
}

/** How many bytes the control groups of this process let it have; Infinity without a limit. */
export const memoryLeftInCgroups = (): number => leftInCgroups('memory');

/** The same of threads. */
export const threadsLeftInCgroups = (): number => leftInCgroups('pids');

import { cgroupsIn, fileIn, type Mount, mountOf } from './cgroups.js';
import { textOf } from './readable.js';

interface Files {
  readonly limit: string;
  readonly usage: string;
  /** Of memory.stat: cached files, which make room. */
  readonly cached: RegExp;
}

const version1: Files = {
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  cached: /^total_inactive_file (\d+)$/m,
};
const version2: Files = { limit: 'memory.max', usage: 'memory.current', cached: /^inactive_file (\d+)$/m };

// `max` is no number, and neither is what is not there.
function leftIn(read: (name: string) => string | null, files: Files): number {
  const limit = Number.parseInt(read(files.limit) ?? '', 10);
  const usage = Number.parseInt(read(files.usage) ?? '', 10);
  const cached = Number(files.cached.exec(read('memory.stat') ?? '')?.[1] ?? 0);
  return Number.isNaN(limit) || Number.isNaN(usage) ? Infinity : Math.max(limit - usage + cached, 0);
}

// A group may have less than it is allowed, as what is above it is allowed less.
function leftUpFrom(mount: Mount, path: string, files: Files): number {
  const left = leftIn((name) => textOf(fileIn(mount, path, name) ?? ''), files);
  const parent = path.slice(0, path.lastIndexOf('/'));
  return path === '/' || path.startsWith('/..') ? left : Math.min(left, leftUpFrom(mount, parent || '/', files));
}

/** How many bytes the control groups of this process let it have; Infinity without a limit. */
export function memoryLeftInCgroups(): number {
  const left = cgroupsIn(textOf('/proc/self/cgroup') ?? '').map(({ hierarchy, path }) => {
    if (hierarchy === 'unified') return upFrom(mountOf('cgroup2', ''), path, version2);
    return hierarchy.split(',').includes('memory') ? upFrom(mountOf('cgroup', 'memory'), path, version1) : Infinity;
  });
  return Math.min(...left, Infinity);
}

const upFrom = (mount: Mount | null, path: string, files: Files): number =>
  mount === null ? Infinity : leftUpFrom(mount, path, files);

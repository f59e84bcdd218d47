import { type Counter, counterFiles } from '../inspect/cgroup-counters.js';
import { type Cgroup, cgroupsIn, type CgroupVersion, fileIn, mountFor, versionOf } from '../inspect/cgroups.js';
import { textOf } from '../inspect/readable.js';

/** `max` is null without a limit. */
export interface Usage {
  readonly current: number;
  readonly max: number | null;
}

/** What a control group may use, and uses; null where it does not count that. */
export interface CgroupUsage {
  /** In bytes. */
  readonly memory: Usage | null;
  /** Microseconds that it has used; `max` is how many processors it may use at a time. */
  readonly cpu: Usage | null;
  readonly pids: Usage | null;
}

// Without a limit version 1 has one that nothing reaches.
const unlimited = 2 ** 60;

type Read = (controller: string, name: string) => string | null;

function limitIn(text: string | null): number | null {
  const limit = Number(text?.trim() ?? 'max');
  return Number.isFinite(limit) && limit < unlimited ? limit : null;
}

function usageOf(read: Read, counter: Counter, version: CgroupVersion): Usage | null {
  const { limit, usage } = counterFiles[counter][version];
  const used = read(counter, usage);
  return used === null ? null : { current: Number(used), max: limitIn(read(counter, limit)) };
}

function processors(quota: string | undefined, period: string | undefined): number | null {
  const share = Number(quota) / Number(period);
  return share > 0 && Number.isFinite(share) ? share : null;
}

function cpuOf(read: Read, version: CgroupVersion): Usage | null {
  if (version === 2) {
    const used = /^usage_usec (\d+)$/m.exec(read('cpu', 'cpu.stat') ?? '')?.[1];
    const [quota, period] = (read('cpu', 'cpu.max') ?? '').split(' ');
    return used === undefined ? null : { current: Number(used), max: processors(quota, period) };
  }
  const used = read('cpuacct', 'cpuacct.usage');
  const [quota, period] = ['quota', 'period'].map((name) => read('cpu', `cpu.cfs_${name}_us`) ?? undefined);
  return used === null ? null : { current: Number(used) / 1000, max: processors(quota, period) };
}

function usageIn(group: Cgroup): CgroupUsage {
  const version = versionOf(group);
  const read: Read = (controller, name) => {
    const mount = mountFor(group, controller);
    const file = mount === null ? null : fileIn(mount, group.path, name);
    return file === null ? null : textOf(file);
  };
  return {
    memory: usageOf(read, 'memory', version),
    cpu: cpuOf(read, version),
    pids: usageOf(read, 'pids', version),
  };
}

/** The control groups of this process, with what they use. */
export function cgroupUsage(): readonly (Cgroup & CgroupUsage)[] {
  const groups = cgroupsIn(textOf('/proc/self/cgroup') ?? '');
  return groups.map((group) => ({ ...group, ...usageIn(group) }));
}

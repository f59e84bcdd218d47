import { toBoolean, toInteger, toText } from '../../base/arguments.js';
import { fs } from '../../base/builtins.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';

/** A resource limit: of bytes, seconds (`cpu`), microseconds (`rttime`), or of how many. */
export type LimitValue = number | 'unlimited';

/** Of setrlimit(2), by the names there, without RLIMIT_. */
export type Resource = keyof typeof resources;

/** A value for both sides, or for each: a soft one alone leaves the hard one, a hard one alone bounds the soft one as well. */
export type ResourceLimit =
  | LimitValue
  | { readonly soft?: LimitValue | undefined; readonly hard?: LimitValue | undefined };

/** What a child is given besides, before its program starts. Each is as this process has it unless it is given. */
export interface ChildSettings {
  /**
   * Limits by their names in setrlimit(2), without RLIMIT_: `{ nofile: 4096, core: 0, cpu: { soft: 10 } }`. Node raises its own soft
   * limit of open files to the hard one; children get the one that `sigkit-init --hold` was started with, or else 1024, unless
   * `nofile` is given or this is 'inherit'.
   */
  readonly limits?: 'inherit' | { readonly [Name in Resource]?: ResourceLimit | undefined } | undefined;
  /** -20, the most favoured, to 19 (nice(2)). */
  readonly nice?: number | undefined;
  /** For disks; of the levels, 0 is served first, 7 last, and 4 is the usual one (ioprio_set(2)). */
  readonly ioPriority?:
    | { readonly class: 'realtime' | 'best-effort' | 'idle'; readonly level?: number | undefined }
    | undefined;
  /** -1000 (never) to 1000: whom the kernel ends first when memory runs out (proc(5)). */
  readonly oomScoreAdj?: number | undefined;
  /** Which permissions new files do not get, such as 0o077. */
  readonly umask?: number | undefined;
  /** On which CPUs it may run, by number. */
  readonly affinity?: readonly number[] | undefined;
  /** true: no program that it executes gives it more rights, set-user-ID ones neither (prctl(2)). @default false */
  readonly noNewPrivileges?: boolean | undefined;
  /** false: it has no capabilities, also as root (capabilities(7)). @default true */
  readonly keepCapabilities?: boolean | undefined;
  /** The folder of a cgroup of version 2, in which it is born (kernel 5.7; before, it enters it before its program). */
  readonly cgroup?: string | undefined;
}

/** Everything checked. */
export interface SettingsRequest {
  /** As the addon takes them. */
  readonly numbers: readonly number[];
  readonly cgroup: string | undefined;
  /** Whether any is given. */
  readonly given: { readonly [Name in keyof ChildSettings]-?: boolean };
}

export const settingNames: OptionNames<ChildSettings> = {
  limits: true,
  nice: true,
  ioPriority: true,
  oomScoreAdj: true,
  umask: true,
  affinity: true,
  noNewPrivileges: true,
  keepCapabilities: true,
  cgroup: true,
};

// The same on all architectures but Alpha, MIPS and SPARC.
const resources = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
} as const;

const ioClasses: readonly string[] = ['realtime', 'best-effort', 'idle'];
const usualLevel = 4;
const maxCpu = 8191;

// native/posix/child_settings.h and native/addon/spawn_bindings.cc have the same numbers.
const unset = -(2 ** 31);
const kept = -2;
const unlimited = -1;

function optionalInteger(value: unknown, argument: string, min: number, max: number): number {
  return value === undefined ? unset : toInteger(value, argument, min, max);
}

function toLimitValue(value: unknown, argument: string): number {
  if (value === undefined) return kept;
  if (value === 'unlimited') return unlimited;
  if (typeof value !== 'number') throw invalidArgType(argument, "of type number, or 'unlimited'", value);
  return toInteger(value, argument, 0, Number.MAX_SAFE_INTEGER);
}

function toSides(value: unknown, argument: string): [soft: number, hard: number] {
  if (typeof value !== 'object' || value === null) {
    const both = toLimitValue(value, argument);
    return [both, both];
  }
  const { soft, hard } = readOptions(
    value as { soft?: unknown; hard?: unknown },
    { soft: true, hard: true },
    undefined,
    argument,
  );
  const sides: [number, number] = [toLimitValue(soft, `${argument}.soft`), toLimitValue(hard, `${argument}.hard`)];
  const [low, high] = sides;
  if (high >= 0 && (low > high || low === unlimited))
    throw outOfRange(`${argument}.soft`, 'not above the hard limit', soft);
  return sides;
}

function toLimits(value: unknown): number[][] {
  if (value === undefined || value === 'inherit') return [];
  if (typeof value !== 'object' || value === null)
    throw invalidArgType('options.limits', "an object, or 'inherit'", value);
  const names = Object.fromEntries(Object.keys(resources).map((name) => [name, true as const]));
  const given = readOptions(value as Readonly<Record<string, unknown>>, names, undefined, 'options.limits');
  return Object.entries(resources)
    .filter(([name]) => given[name] !== undefined)
    .map(([name, number]) => [number, ...toSides(given[name], `options.limits.${name}`)]);
}

function toIoPriority(value: ChildSettings['ioPriority']): number {
  if (value === undefined) return unset;
  const given = readOptions(value, { class: true, level: true }, undefined, 'options.ioPriority');
  const place = ioClasses.indexOf(given.class);
  if (place < 0) throw outOfRange('options.ioPriority.class', `one of '${ioClasses.join("', '")}'`, given.class);
  const level = given.level === undefined ? usualLevel : toInteger(given.level, 'options.ioPriority.level', 0, 7);
  // IOPRIO_PRIO_VALUE of <linux/ioprio.h>; of those that are idle nobody is before another.
  return ((place + 1) << 13) | (given.class === 'idle' ? 0 : level);
}

function toAffinity(value: unknown): number[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidArgType('options.affinity', 'an array of numbers of CPUs', value);
  if (value.length === 0) throw outOfRange('options.affinity', 'not empty', value);
  return Array.from(value, (cpu: unknown, index) => toInteger(cpu, `options.affinity[${index}]`, 0, maxCpu));
}

/** Checks what a child is given besides. */
export function toSettings(given: ChildSettings): SettingsRequest {
  const limits = toLimits(given.limits);
  const noNewPrivileges = toBoolean(given.noNewPrivileges, 'options.noNewPrivileges', false);
  const keepCapabilities = toBoolean(given.keepCapabilities, 'options.keepCapabilities', true);
  const affinity = toAffinity(given.affinity);
  const numbers = [
    given.limits === 'inherit' ? 0 : 1,
    optionalInteger(given.nice, 'options.nice', -20, 19),
    toIoPriority(given.ioPriority),
    optionalInteger(given.oomScoreAdj, 'options.oomScoreAdj', -1000, 1000),
    optionalInteger(given.umask, 'options.umask', 0, 0o777),
    noNewPrivileges ? 1 : 0,
    keepCapabilities ? 0 : 1,
    limits.length,
    ...limits.flat(),
    ...affinity,
  ];
  return {
    numbers,
    cgroup: given.cgroup === undefined ? undefined : toText(given.cgroup, 'options.cgroup'),
    given: {
      limits: limits.length > 0,
      nice: given.nice !== undefined,
      ioPriority: given.ioPriority !== undefined,
      oomScoreAdj: given.oomScoreAdj !== undefined,
      umask: given.umask !== undefined,
      affinity: affinity.length > 0,
      noNewPrivileges,
      keepCapabilities: !keepCapabilities,
      cgroup: given.cgroup !== undefined,
    },
  };
}

/** Has the folder open for as long as it starts something in that cgroup. @throws ENOENT, ENOTDIR, EACCES */
export function withCgroup<Result>(path: string, start: (folder: number) => Result): Result {
  const { O_RDONLY, O_DIRECTORY } = fs.constants;
  const folder = fs.openSync(path, O_RDONLY | O_DIRECTORY);
  try {
    return start(folder);
  } finally {
    fs.closeSync(folder);
  }
}

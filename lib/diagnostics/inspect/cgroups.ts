import { textOf } from './readable.js';

/** A control group in which a process is (cgroups(7)). */
export interface Cgroup {
  /** `'unified'` of version 2; else what is mounted together: `'memory'`, `'cpu,cpuacct'`, `'name=systemd'`. */
  readonly hierarchy: string;
  /** From the root of this cgroup namespace; begins with `/..` outside of it. */
  readonly path: string;
}

/** Of a /proc/PID/cgroup. */
export function cgroupsIn(text: string): readonly Cgroup[] {
  return [...text.matchAll(/^\d+:([^:]*):(.*)$/gm)].map(([, controllers = '', path = '']) => ({
    hierarchy: controllers === '' ? 'unified' : controllers,
    path,
  }));
}

/** Of cgroups(7). */
export type CgroupVersion = 1 | 2;

export const versionOf = ({ hierarchy }: Cgroup): CgroupVersion => (hierarchy === 'unified' ? 2 : 1);

/** By which version a process is frozen, and the file that says so. */
export interface Freeze {
  readonly version: CgroupVersion;
  readonly file: string;
  readonly line: string;
}

export interface Mount {
  readonly root: string;
  readonly point: string;
}

function mountOf(type: string, option: string): Mount | null {
  const lines = (textOf('/proc/self/mountinfo') ?? '').split('\n').map((line) => line.split(' '));
  const found = lines.findLast((fields) => {
    const [kind, , options = ''] = fields.slice(fields.indexOf('-') + 1);
    return kind === type && (option === '' || options.split(',').includes(option));
  });
  return found === undefined ? null : { root: found[3] ?? '/', point: found[4] ?? '' };
}

export function fileIn(mount: Mount, path: string, name: string): string | null {
  if (path.startsWith('/..')) return null;
  const below = mount.root !== '/' && path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
  return `${mount.point}${below === '/' ? '' : below}/${name}`;
}

/** Where the hierarchy of a group is; null if that controller is not in it, or not to be seen from here. */
export function mountFor(group: Cgroup, controller: string): Mount | null {
  if (versionOf(group) === 2) return mountOf('cgroup2', '');
  return group.hierarchy.split(',').includes(controller) ? mountOf('cgroup', controller) : null;
}

// What these two say holds for a group that a parent has frozen, too.
const files = { 1: 'freezer.state', 2: 'cgroup.events' } as const;
const frozenLine = { 1: /^FR\w+$/m, 2: /^frozen 1$/m } as const;

function stateOf(version: CgroupVersion, mount: Mount | null, path: string): Freeze | false | null {
  const file = mount === null ? null : fileIn(mount, path, files[version]);
  if (file === null) return null;
  const text = textOf(file);
  // The root of all has none.
  if (text === null) return path === '/' ? false : null;
  const line = frozenLine[version].exec(text)?.[0];
  return line !== undefined && { version, file, line };
}

/** By what its control group is frozen; null where no file tells whether it is. */
export function freezeOf(groups: readonly Cgroup[]): Freeze | false | null {
  const states = groups.map((group) => stateOf(versionOf(group), mountFor(group, 'freezer'), group.path));
  return states.find((state) => state !== null && state !== false) ?? (states.includes(false) ? false : null);
}

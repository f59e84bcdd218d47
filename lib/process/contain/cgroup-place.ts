import { fs } from '../../base/builtins.js';

const magicOfV2 = 0x6367_7270;

/** Where cgroups of v2 can be made: a folder, or why there is none. */
export type Place = { readonly folder: string } | { readonly refused: string };

// \040 for a space and its like (proc_pid_mountinfo(5)).
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function mounts(): { root: string; point: string }[] {
  const lines = fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines
    .filter((line) => line.includes(' - cgroup2 '))
    .map((line) => {
      const [, , , root = '', point = ''] = line.split(' ');
      return { root: unescape(root), point: unescape(point) };
    });
}

function ownPath(): string | undefined {
  const lines = fs.readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  return lines.find((line) => line.startsWith('0::'))?.slice(3);
}

/** The folder of this process's own cgroup. */
export function ownPlace(): Place {
  try {
    const own = ownPath();
    if (own === undefined) return { refused: 'this process is in no cgroup of v2' };
    for (const { root, point } of mounts()) {
      const below =
        root === '/' ? own : own === root || own.startsWith(`${root}/`) ? own.slice(root.length) : undefined;
      if (below === undefined || below.split('/').includes('..')) continue;
      return { folder: `${point}${below}`.replace(/\/+$/, '') };
    }
    return { refused: 'no cgroup2 is mounted where this process is' };
  } catch (error) {
    return { refused: String(error) };
  }
}

/** A folder that the caller names. */
export function namedPlace(folder: string): Place {
  try {
    if (fs.statfsSync(folder).type === magicOfV2) return { folder: fs.realpathSync(folder) };
    return { refused: `${folder} is no folder of a cgroup2` };
  } catch (error) {
    return { refused: String(error) };
  }
}

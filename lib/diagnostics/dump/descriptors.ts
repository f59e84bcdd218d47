import { fs } from '../../base/builtins.js';
import { native } from '../../base/native.js';
import { linkOf, namesIn, orNull, textOf } from '../inspect/readable.js';

/** An open file of this process. */
export interface Descriptor {
  readonly fd: number;
  /** `'file'`, `'directory'`, `'character device'`, `'block device'`, `'pipe'`, `'socket'`; of what is the kernel's own its name: `'eventpoll'`. */
  readonly kind: string;
  readonly target: string;
  readonly closeOnExec: boolean | null;
}

const closeOnExecFlag = 0o2000000;

function kindOf(fd: number, target: string): string {
  const anonymous = /^anon_inode:\[?([^\]]+)/.exec(target)?.[1];
  if (anonymous !== undefined) return anonymous;
  const stats = orNull(() => fs.fstatSync(fd));
  if (stats === null) return '';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'pipe';
  if (stats.isCharacterDevice()) return 'character device';
  return stats.isBlockDevice() ? 'block device' : 'file';
}

function descriptorOf(fd: number): Descriptor | null {
  const target = linkOf(`/proc/self/fd/${fd}`);
  // That of this listing is closed by now.
  if (target === null) return null;
  const flags = /^flags:\s*([0-7]+)/m.exec(textOf(`/proc/self/fdinfo/${fd}`) ?? '')?.[1];
  return {
    fd,
    kind: kindOf(fd, target),
    target,
    closeOnExec: flags === undefined ? null : (Number.parseInt(flags, 8) & closeOnExecFlag) !== 0,
  };
}

/** Those of this process that are not sigkit's own. */
export function descriptors(except: number | undefined): readonly Descriptor[] {
  const own = new Set([...native().ownDescriptors(), except]);
  return (
    (namesIn('/proc/self/fd') ?? [])
      .map(Number)
      .filter((fd) => !own.has(fd))
      .sort((one, other) => one - other)
      .map((fd) => descriptorOf(fd))
      .filter((descriptor) => descriptor !== null)
      // The list of threads that claims keep open.
      .filter(({ target }) => target !== `/proc/${process.pid}/task`)
  );
}

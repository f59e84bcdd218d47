import { fs } from '../../base/builtins.js';
import { isError } from '../../base/errors.js';

// It is gone, this kernel has no such file, or this user may not see it: the rights of a debugger (proc(5)), hidepid.
const unseen: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EOPNOTSUPP']);

/** What `read` returns, or null of what may not be seen. Throws EMFILE and its like: those say nothing of the process. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isError(error) && 'code' in error && unseen.has(error.code)) return null;
    throw error;
  }
}

export const textOf = (path: string): string | null => orNull(() => fs.readFileSync(path, 'utf8'));

export const linkOf = (path: string): string | null => orNull(() => fs.readlinkSync(path));

export const namesIn = (folder: string): readonly string[] | null => orNull(() => fs.readdirSync(folder));

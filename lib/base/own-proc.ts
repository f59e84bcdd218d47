import { SigkitError } from './errors.js';
import { native } from './native.js';

const foreign = -18;

/** Whether a native result says that /proc was needed and is not this process's (EXDEV). */
export function isForeignProc(errno: number): boolean {
  return errno === foreign;
}

/** Whether /proc is there and speaks of this process's pid namespace. */
export function hasOwnProc(): boolean {
  return native().checkOwnProc() === 0;
}

export function foreignProcError(): SigkitError {
  const checked = native().checkOwnProc();
  const what = checked === foreign ? 'is that of another pid namespace' : 'cannot be read';
  return new SigkitError(
    'ERR_SIGKIT_FOREIGN_PROC',
    `/proc ${what}: what it says of a number would be about a stranger. Mount it anew, e.g. by unshare --mount-proc`,
  );
}

/** To be called before /proc is believed: in another namespace's, each number is a stranger. @throws ERR_SIGKIT_FOREIGN_PROC */
export function requireOwnProc(): void {
  if (!hasOwnProc()) throw foreignProcError();
}

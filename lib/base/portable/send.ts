import { errnoOf } from './errno.js';

/** kill(2): 0 or a negative errno. */
export function send(pid: number, signal: number): number {
  try {
    process.kill(pid, signal);
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}

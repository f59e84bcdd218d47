import { systemError } from '../base/errors.js';
import { callEach, exchanged, native, setWakeHandler, wakeups } from '../base/native.js';

const takenAtOnce = 64;
const watched = new Map<number, () => void>();

/** Calls back when the process of this pidfd has exited. */
export function watchExit(pidfd: number, onExit: () => void): void {
  const result = native().watchExit(pidfd);
  if (result < 0) throw systemError('epoll_ctl', result);
  watched.set(pidfd, onExit);
}

export function unwatchExit(pidfd: number): void {
  watched.delete(pidfd);
}

function takeExited(): (readonly [number, (() => void) | undefined])[] {
  const exited: (readonly [number, (() => void) | undefined])[] = [];
  for (;;) {
    const count = native().takeExited();
    for (let index = 0; index < count; index += 1) {
      const pidfd = exchanged(index);
      exited.push([pidfd, watched.get(pidfd)]);
    }
    if (count < takenAtOnce) return exited;
  }
}

setWakeHandler(wakeups.exits, () => {
  callEach(takeExited(), ([pidfd, onExit]) => {
    // One listener can close another's pidfd, and a third one can get its number.
    if (onExit !== undefined && watched.get(pidfd) === onExit) onExit();
  });
});

import { systemError } from '../base/errors.js';
import { callEach, exchanged, native, setWakeHandler, wakeups } from '../base/native.js';

const takenAtOnce = 64;
// native/addon/process_table.h has the same number.
const lost = 0x8000_0000;
const badDescriptor = -9;

interface Watch {
  readonly onExit: () => void;
  readonly onLost: () => void;
}

const watched = new Map<number, Watch>();

/** Calls back when the process of this pidfd has exited, or when somebody has closed the descriptor. */
export function watchExit(pidfd: number, onExit: () => void, onLost: () => void): void {
  const result = native().watchExit(pidfd);
  if (result === badDescriptor) return onLost();
  if (result < 0) throw systemError('poll', result);
  watched.set(pidfd, { onExit, onLost });
}

export function unwatchExit(pidfd: number): void {
  watched.delete(pidfd);
}

interface Told {
  readonly pidfd: number;
  readonly watch: Watch | undefined;
  readonly isLost: boolean;
}

function takeExited(): Told[] {
  const all: Told[] = [];
  for (;;) {
    const count = native().takeExited();
    for (let index = 0; index < count; index += 1) {
      const word = exchanged(index);
      const pidfd = word & ~lost;
      all.push({ pidfd, watch: watched.get(pidfd), isLost: (word & lost) !== 0 });
    }
    if (count < takenAtOnce) return all;
  }
}

setWakeHandler(wakeups.exits, () => {
  callEach(takeExited(), ({ pidfd, watch, isLost }) => {
    // One listener can close another's pidfd, and a third one can get its number.
    if (watch === undefined || watched.get(pidfd) !== watch) return;
    if (isLost) watch.onLost();
    else watch.onExit();
  });
});

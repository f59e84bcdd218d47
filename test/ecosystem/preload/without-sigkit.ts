// Loaded into a program by --require: what with-sigkit.ts offers, by Node's own means.
import { isMainThread } from 'node:worker_threads';

import type { Program } from './program.js';

if (isMainThread) {
  const program: Program = {
    forks: (start) => start(),
    stopSignals(...names) {
      const came: string[] = [];
      let wake = (): void => {};
      const listener = (name: string): void => {
        came.push(name);
        wake();
      };
      for (const name of names) process.on(name, listener);
      // A listener of a signal keeps no process alive; an open stream does.
      const alive = setInterval(() => {}, 0x7fffffff);
      return {
        async next() {
          if (came.length === 0) await new Promise<void>((resolve) => (wake = resolve));
          return came.shift();
        },
        close() {
          clearInterval(alive);
          for (const name of names) process.removeListener(name, listener);
        },
      };
    },
  };
  Object.assign(globalThis, program);
}

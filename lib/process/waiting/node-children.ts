import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

import { noteEnd } from './child-ends.js';

// Children of this thread's `child_process`, from the import of this module on. A spawn announces its object before it has
// a pid, so that is read when it is needed.
const running = new Set<ChildProcess>();

function onCreated(message: unknown): void {
  const { process: child } = message as { readonly process: ChildProcess };
  running.add(child);
  const gone = (): void => {
    running.delete(child);
    if (child.pid !== undefined) noteEnd(child.pid);
  };
  child.once('exit', gone);
  child.once('error', () => {
    if (child.pid === undefined) gone();
  });
}

subscribe('child_process', onCreated);

/** The pids of `child_process`'s children that Node has not reaped yet. */
export function nodeChildren(): Set<number> {
  return new Set([...running].map(({ pid }) => pid).filter((pid) => pid !== undefined));
}

import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

import { noteEnd } from './child-ends.js';

interface ProcessHandle {
  readonly close: (...args: readonly unknown[]) => unknown;
}

// Children of this thread's `child_process`, from the import of this module on. A spawn announces its object before it has
// a pid, so that is read when it is needed. libuv keeps the object of a child that runs, whoever else has let go of it.
const running = new Set<WeakRef<ChildProcess>>();
// Of a spawn() that throws, nothing is ever closed.
const collected = new FinalizationRegistry<WeakRef<ChildProcess>>((entry) => running.delete(entry));

// Node waits for a child until it closes its handle, also of a program that was not found. A listener would do no good: it counts
// as the program's own, which an 'error' must not find, and goes with the others in a removeAllListeners().
function beforeClose(handle: ProcessHandle, callback: () => void): void {
  const { close } = handle;
  const value: ProcessHandle['close'] = (...args) => {
    callback();
    return Reflect.apply(close, handle, args);
  };
  Object.defineProperty(handle, 'close', { value, configurable: true, writable: true });
}

function onCreated(message: unknown): void {
  const { process: child } = message as { readonly process: ChildProcess & { readonly _handle?: ProcessHandle } };
  const entry = new WeakRef(child);
  running.add(entry);
  collected.register(child, entry);
  if (typeof child._handle?.close !== 'function') return;
  beforeClose(child._handle, () => {
    if (running.delete(entry) && child.pid !== undefined) noteEnd(child.pid);
  });
}

subscribe('child_process', onCreated);

/** The pids of `child_process`'s children that Node has not reaped yet. */
export function nodeChildren(): Set<number> {
  const pids = new Set<number>();
  for (const entry of running) {
    const child = entry.deref();
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) pids.add(child.pid);
  }
  return pids;
}

import { callEach, native, setWakeHandler, wakeups } from '../../base/native.js';

const listeners = new Set<() => void>();

setWakeHandler(wakeups.children, () => {
  callEach(listeners, (listener) => listener());
});

/** Calls back after a SIGCHLD, once for several, until `off`. Beside libuv's own handling of its children. */
export function onChildSignal(listener: () => void): void {
  if (listeners.size === 0) native().watchChildren(true);
  listeners.add(listener);
}

export function offChildSignal(listener: () => void): void {
  if (listeners.delete(listener) && listeners.size === 0) native().watchChildren(false);
}

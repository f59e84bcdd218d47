interface Listening {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

// One listener for all of a signal's: Node warns of a leak at more than ten.
const listening = new WeakMap<AbortSignal, Listening>();

function listenTo(signal: AbortSignal): Listening {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of callbacks) callback();
  };
  const made = { callbacks, listener };
  listening.set(signal, made);
  signal.addEventListener('abort', listener, { once: true });
  return made;
}

/** Calls back when it aborts; returns what takes that back. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {};
  const { callbacks, listener } = listening.get(signal) ?? listenTo(signal);
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    signal.removeEventListener('abort', listener);
    listening.delete(signal);
  };
}

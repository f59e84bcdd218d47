import type { EventEmitter } from 'node:events';

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;
type Watcher = (...args: never[]) => void;

/** Puts a method before the one of the prototype; not where somebody has frozen it. @returns what takes it away */
export function shadow(target: object, name: string, method: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Reflect.defineProperty(target, name, { value: method, configurable: true, writable: true });
  return () => {
    // Somebody may have done the same since, and calls this one.
    if (Reflect.get(target, name) !== method) return;
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  };
}

/**
 * Sees events of an object of somebody else's before its listeners do, and is none of them: it counts for no warning and in
 * no listenerCount(), by which node:http decides what an `upgrade` is, and no removeAllListeners() takes it away.
 * @returns what ends it
 */
export function watchEvents(emitter: EventEmitter, watchers: Readonly<Record<string, Watcher>>): () => void {
  const seen = new Map<string | symbol, (...args: unknown[]) => void>(
    Object.entries(watchers) as [string, (...args: unknown[]) => void][],
  );
  const emit = emitter.emit.bind(emitter) as Emit;
  const restore = shadow(emitter, 'emit', ((event, ...args) => {
    seen.get(event)?.(...args);
    return emit(event, ...args);
  }) satisfies Emit);
  return () => {
    seen.clear();
    restore();
  };
}

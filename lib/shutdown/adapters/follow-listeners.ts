import type { EventEmitter } from 'node:events';

type Listener = (...args: never[]) => void;

/**
 * Listens to events for as long as somebody else does, and before them: an `upgrade` that nobody listens to is an ordinary
 * request to node:http, so being the only listener would change what a server does.
 * @returns what ends it
 */
export function followListeners(emitter: EventEmitter, listeners: Readonly<Record<string, Listener>>): () => void {
  const events = Object.entries(listeners) as [string, (...args: unknown[]) => void][];
  const ours = new Map(events);
  const isFollowing = (event: string): boolean => emitter.listeners(event).includes(ours.get(event) ?? onAdded);
  function onAdded(event: string, listener: unknown): void {
    const our = ours.get(event);
    if (our !== undefined && listener !== our && !isFollowing(event)) emitter.prependListener(event, our);
  }
  function onRemoved(event: string): void {
    const our = ours.get(event);
    if (our !== undefined && isFollowing(event) && emitter.listenerCount(event) === 1) emitter.off(event, our);
  }
  emitter.on('newListener', onAdded);
  emitter.on('removeListener', onRemoved);
  for (const [event, our] of events) if (emitter.listenerCount(event) > 0) emitter.prependListener(event, our);
  return () => {
    emitter.off('newListener', onAdded);
    emitter.off('removeListener', onRemoved);
    for (const [event, our] of events) emitter.off(event, our);
  };
}

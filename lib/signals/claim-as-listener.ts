import { EventEmitter } from 'node:events';

import { shadow } from '../base/shadow.js';
import { isNameOf } from './names.js';

// Who saves the list and puts it back later makes this a listener: for once.
function claimed(name: string): void {
  process.off(name, claimed);
}

/**
 * Has `process.listeners` and `process.listenerCount` count the claim of a signal as one more listener while its listeners run.
 * Who dies of a signal that nobody else listens to asks these: signal-exit the list, tsx the count.
 */
export function withClaimListed(number: number, run: () => void): void {
  const target: EventEmitter = process;
  // oxlint-disable-next-line typescript/unbound-method -- they are called as methods of the same object
  const { listeners, listenerCount } = target;
  let running = true;
  const concerns = (emitter: EventEmitter, name: string | symbol): boolean =>
    running && emitter === target && isNameOf(name, number);
  const undoList = shadow(target, 'listeners', function (this: EventEmitter, name: string | symbol): unknown[] {
    const list = Reflect.apply(listeners, this, [name]);
    return concerns(this, name) ? [...list, claimed] : list;
  });
  const undoCount = shadow(target, 'listenerCount', function (this: EventEmitter, ...args: CountOf): number {
    const count = Reflect.apply(listenerCount, this, args);
    return count + (concerns(this, args[0]) && isHeard(this, args[0]) ? 1 : 0);
  });
  try {
    run();
  } finally {
    running = false;
    undoCount();
    undoList();
  }
}

type CountOf = Parameters<EventEmitter['listenerCount']>;

// When the last listener goes, Node asks whether it may stop listening: then there is nothing to add to. tsx hides its own
// listener, which is one all the same.
function isHeard(emitter: EventEmitter, name: string | symbol): boolean {
  return EventEmitter.prototype.listenerCount.call(emitter, name) > 0;
}

import type { EventEmitter } from 'node:events';

import { isNameOf } from './names.js';

// Who saves the list and puts it back later makes this a listener: for once.
function claimed(name: string): void {
  process.off(name, claimed);
}

/**
 * Has `process.listeners` count the claim of a signal as one more listener while its listeners run. Who dies of a signal that
 * nobody else listens to, as signal-exit does, asks that list. Nothing else changes: by `listenerCount` Node itself sees
 * whether it may stop listening.
 */
export function withClaimListed(number: number, run: () => void): void {
  const target: EventEmitter = process;
  const own = Reflect.getOwnPropertyDescriptor(target, 'listeners');
  // oxlint-disable-next-line typescript/unbound-method -- it is called as a method of the same object
  const { listeners } = target;
  let running = true;
  const counted = function (this: EventEmitter, name: string | symbol): unknown[] {
    const list = Reflect.apply(listeners, this, [name]);
    return running && this === target && isNameOf(name, number) ? [...list, claimed] : list;
  };
  // Where somebody has frozen it, they are alone as far as they can see.
  Reflect.defineProperty(target, 'listeners', { value: counted, configurable: true, writable: true });
  try {
    run();
  } finally {
    running = false;
    putBack(target, own, counted);
  }
}

// Unless a listener has put another one there meanwhile.
function putBack(target: EventEmitter, own: PropertyDescriptor | undefined, counted: unknown): void {
  if (Reflect.getOwnPropertyDescriptor(target, 'listeners')?.value !== counted) return;
  if (own === undefined) Reflect.deleteProperty(target, 'listeners');
  else Reflect.defineProperty(target, 'listeners', own);
}

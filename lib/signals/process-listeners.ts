import { portable } from '../base/native.js';
import { withClaimListed } from './claim-as-listener.js';
import { isNameOf } from './names.js';

/** What process.on has been given for a signal. One of process.once goes when it is called, and is told from what it wraps. */
export interface ProcessListener {
  /** Under which it has been added: some signals have two. */
  readonly name: string;
  readonly call: Listener;
  readonly original: Listener;
}

export type Listener = (...args: unknown[]) => unknown;

/** The listeners of process.on for a signal. */
export function processListeners(number: number): ProcessListener[] {
  const all = [...process.eventNames(), ...(portable?.silentNames() ?? [])];
  const names = new Set(all.filter((name): name is string => isNameOf(name, number)));
  return [...names].flatMap((name) =>
    listenersOf(name).map((raw) => {
      // A function of somebody's may have anything under that name.
      const call = raw as Listener & { readonly listener?: unknown };
      return { name, call, original: typeof call.listener === 'function' ? (call.listener as Listener) : call };
    }),
  );
}

// Claims of the portable backend are listeners themselves, and have taken others off the list.
function listenersOf(name: string): readonly unknown[] {
  const all: readonly unknown[] = process.rawListeners(name);
  return portable === undefined
    ? all
    : [...all.filter((raw) => !portable?.isClaim(raw)), ...portable.silentListeners(name)];
}

/**
 * Whether a listener asks if it is alone, and leaves the signal to others if it is not: signal-exit's and tsx's. Only its
 * text can tell.
 */
export function asksWhoListens(listener: Listener): boolean {
  return /\.\s*listener(?:s|Count)\s*\(/.test(Function.prototype.toString.call(listener));
}

/** Calls them as process.on would, while the claim counts as a listener. A promise for each, of what it returns. */
export function callListeners(number: number, listeners: readonly ProcessListener[]): Promise<unknown>[] {
  const results: Promise<unknown>[] = [];
  if (listeners.length === 0) return results;
  withClaimListed(number, () => {
    for (const { name, call } of listeners)
      results.push(new Promise((resolve) => resolve(Reflect.apply(call, process, [name, number]))));
  });
  return results;
}

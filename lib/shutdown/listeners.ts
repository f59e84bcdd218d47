import { escapeLine } from '../base/escape.js';
import { native } from '../base/native.js';
import { numbersIn } from '../base/signal-numbers.js';
import { stackBelow } from '../base/stack.js';
import { nameOf, numberNamed, type SignalName } from '../signals/names.js';
import { asksWhoListens, callListeners, type Listener, processListeners } from '../signals/process-listeners.js';
import { hasSignal, type SignalMask } from '../signals/signal-mask.js';
import { settleAlike } from './adapters/settle.js';
import type { HookContext } from './types.js';

/** The name of the hook that listeners of process.on run as. */
export const listenersHook = 'process.on';

const sigchld = numberNamed('SIGCHLD');
const shownLength = 60;
// A listener is named once, whatever it is added to, and however often there is a shutdown.
const named = new WeakSet<Listener>();

/** What process.on listeners of the claimed signals do instead of hearing them. */
export class SilentListeners {
  readonly #mask: SignalMask;
  readonly #origins = new Map<Listener, string>();
  #scheduled = false;
  #watching = false;

  constructor(mask: SignalMask) {
    this.#mask = mask;
  }

  /** Has a warning name those that are there, and those that come. */
  warn(): void {
    this.#watching = true;
    process.on('newListener', this.#onAdded);
    this.#warnLater();
  }

  close(): void {
    this.#watching = false;
    process.off('newListener', this.#onAdded);
  }

  readonly #onAdded = (name: string | symbol, listener: Listener): void => {
    const number = numberNamed(name);
    if (number === undefined || !hasSignal(this.#mask, number) || named.has(listener)) return;
    this.#origins.set(listener, adderOf(this.#onAdded));
    this.#warnLater();
  };

  // Once all that one turn adds is known.
  #warnLater(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      if (this.#watching) this.#warn();
    });
  }

  #warn(): void {
    const signalsOf = new Map<Listener, SignalName[]>();
    for (const number of numbersIn(this.#mask)) {
      for (const { original } of silentOn(number)) {
        if (named.has(original)) continue;
        signalsOf.set(original, [...(signalsOf.get(original) ?? []), nameOf(number)]);
      }
    }
    const found = [...signalsOf].map(([listener, names]) => {
      named.add(listener);
      return `${describe(listener)} of ${names.join(', ')}, added ${this.#origins.get(listener) ?? 'before'}`;
    });
    this.#origins.clear();
    if (found.length === 0) return;
    const which =
      found.length === 1 ? '1 listener of process.on stays' : `${found.length} listeners of process.on stay`;
    process.emitWarning(
      `${which} silent beside createShutdown: ${found.join('; ')}. Its option listeners: 'hook' runs them, 'ignore' keeps this quiet.`,
      'SigkitWarning',
    );
  }
}

/** Calls those that ask who else listens: they may have somebody to tell, and leave the end to the claim. */
export function callAsking(number: number): void {
  const asking = processListeners(number).filter(({ original }) => asksWhoListens(original));
  void callListeners(number, asking);
}

/** The hook that runs all others, for the signal that has begun the shutdown, and awaits what they return. */
export async function runListeners({ info }: HookContext): Promise<void> {
  if (info === null) return;
  try {
    await settleAlike(callListeners(info.number, silentOn(info.number)), (count) => `${count} listeners have failed`);
  } finally {
    // One that is done sends the signal again, to die of it (Nest): it is taken while it is still claimed.
    native().drain();
  }
}

// SIGCHLD is not taken from its listeners in the first place.
function silentOn(number: number): ReturnType<typeof processListeners> {
  return number === sigchld ? [] : processListeners(number).filter(({ original }) => !asksWhoListens(original));
}

function describe(listener: Listener): string {
  const { name } = listener;
  if (typeof name === 'string' && name !== '') return escapeLine(name);
  const text = Function.prototype.toString.call(listener).replaceAll(/\s+/g, ' ');
  return escapeLine(text.length > shownLength ? `${text.slice(0, shownLength)}…` : text);
}

// The caller of process.on, once or prependListener, whoever has put something before process.emit.
function adderOf(callee: (...args: never[]) => unknown): string {
  const frames = stackBelow(callee).split('\n');
  const adding = frames.findIndex((frame) => /\b_addListener\b.*\(node:events:/.test(frame));
  const adder = frames.slice(adding + 1).find((frame) => !/\(node:events:/.test(frame));
  return adder === undefined ? 'since' : escapeLine(adder.trim());
}

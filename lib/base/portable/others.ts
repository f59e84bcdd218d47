import { shadow } from '../shadow.js';

type Listener = (...args: unknown[]) => unknown;

const isThat = (kept: Listener, listener: unknown): boolean =>
  kept === listener || ('listener' in kept && kept.listener === listener);

/**
 * The listeners of others for signals that are claimed exclusively: they are taken off process, which alone keeps them silent in
 * every runtime, and put back.
 */
export class OtherListeners {
  readonly #isOurs: (listener: unknown) => boolean;
  readonly #kept = new Map<string, Listener[]>();
  #undo: (() => void)[] = [];
  #moving = false;

  constructor(isOurs: (listener: unknown) => boolean) {
    this.#isOurs = isOurs;
  }

  /** Those of one name, as process.rawListeners has them. */
  of(name: string): readonly Listener[] {
    return this.#kept.get(name) ?? [];
  }

  names(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /** From here on, until `giveBack`. */
  takeAway(name: string): void {
    if (this.#kept.size === 0) this.#watch();
    if (!this.#kept.has(name)) this.#kept.set(name, []);
    this.#move(name);
  }

  giveBack(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#kept.delete(name);
    if (this.#kept.size === 0) for (const undo of this.#undo.splice(0)) undo();
    for (const listener of kept) process.on(name, listener);
  }

  #move(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#moving = true;
    try {
      for (const listener of process.rawListeners(name) as Listener[]) {
        if (this.#isOurs(listener)) continue;
        kept.push(listener);
        process.removeListener(name, listener);
      }
    } finally {
      this.#moving = false;
    }
  }

  #watch(): void {
    const onAdded = (name: string | symbol): void => {
      // It is added after this has been told.
      if (typeof name === 'string' && this.#kept.has(name)) queueMicrotask(() => this.#move(name));
    };
    process.on('newListener', onAdded);
    this.#undo = [
      () => process.off('newListener', onAdded),
      ...['off', 'removeListener'].map((method) => this.#hear(method)),
    ];
  }

  // Who takes his own away, takes it away here.
  #hear(method: string): () => void {
    const original = Reflect.get(process, method) as (this: unknown, ...args: unknown[]) => unknown;
    const drop = (name: unknown, listener: unknown): void => {
      const kept = typeof name === 'string' ? this.#kept.get(name) : undefined;
      // The latest goes first: one that has not been moved yet.
      if (kept === undefined || process.rawListeners(String(name)).some((one) => isThat(one as Listener, listener)))
        return;
      const at = kept.findLastIndex((one) => isThat(one, listener));
      if (at >= 0) kept.splice(at, 1);
    };
    const isMoving = (): boolean => this.#moving;
    return shadow(process, method, function (this: unknown, ...args: unknown[]): unknown {
      if (!isMoving()) drop(args[0], args[1]);
      return Reflect.apply(original, this, args);
    });
  }
}

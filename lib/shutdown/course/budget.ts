import type { Guard } from '../guard.js';
import { Deadline } from './deadline.js';
import type { Limit } from './run-hook.js';

/** The time that a shutdown has. The guard keeps it; here it is known to hooks, and where nothing exits, kept as well. */
export class Budget implements Limit {
  readonly #deadline: Deadline;
  readonly #guard: Guard;
  readonly #extended: () => void;

  constructor(limitMs: number, guard: Guard, since: number, on: { expire(limitMs: number): void; extended(): void }) {
    this.#guard = guard;
    this.#extended = () => on.extended();
    this.#deadline = new Deadline(limitMs, (extendedMs) => on.expire(extendedMs), since);
  }

  remainingMs(): number {
    return this.#deadline.remainingMs();
  }

  extend(byMs: number): void {
    this.#deadline.extend(byMs);
    this.#guard.extend(byMs);
    this.#extended();
  }

  clear(): void {
    this.#deadline.clear();
  }
}

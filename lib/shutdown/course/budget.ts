import type { Guard } from '../guard.js';
import type { Settings } from '../options.js';
import { Deadline } from './deadline.js';
import type { Limit } from './run-hook.js';

/** The limit of the whole, which says how much of it each part may take. */
export interface Allotting extends Limit {
  /** How long may take what begins now: until the reserve begins, or half of what is left of that. */
  allotMs(): number;
}

/** The time that a shutdown has. The guard keeps it; here it is known to hooks, and where nothing exits, kept as well. */
export class Budget implements Allotting {
  readonly #deadline: Deadline;
  readonly #guard: Guard;
  readonly #reserveMs: number;
  readonly #extended: () => void;

  constructor(
    { budgetMs, reserveMs }: Pick<Settings, 'budgetMs' | 'reserveMs'>,
    guard: Guard,
    since: number,
    on: { expire(limitMs: number): void; extended(): void },
  ) {
    this.#guard = guard;
    this.#reserveMs = reserveMs;
    this.#extended = () => on.extended();
    this.#deadline = new Deadline(budgetMs, (extendedMs) => on.expire(extendedMs), since);
  }

  remainingMs(): number {
    return this.#deadline.remainingMs();
  }

  allotMs(): number {
    // Without a reserve there is only the end, which is another's.
    if (this.#reserveMs === 0) return Infinity;
    const leftMs = this.remainingMs();
    return Math.max(leftMs - this.#reserveMs, Math.min(leftMs, this.#reserveMs) / 2);
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

const maxTimerMs = 2 ** 31 - 1;

/** A point in time that can be moved, and what happens then. Without a limit it needs no timer. */
export class Deadline {
  readonly #since: number;
  #limitMs: number;
  readonly #expire: (limitMs: number) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `since` is on the scale of `performance.now()`; `expire` gets the limit with all that has been added. */
  constructor(limitMs: number, expire: (limitMs: number) => void, since: number = performance.now()) {
    this.#since = since;
    this.#limitMs = limitMs;
    this.#expire = expire;
    this.#arm();
  }

  remainingMs(): number {
    return Math.max(0, this.#since + this.#limitMs - performance.now());
  }

  extend(byMs: number): void {
    // The timer looks when it fires.
    this.#limitMs += byMs;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.clear();
    const leftMs = this.remainingMs();
    if (leftMs !== Infinity) this.#timer = setTimeout(() => this.#look(), Math.min(Math.ceil(leftMs), maxTimerMs));
  }

  #look(): void {
    if (this.remainingMs() > 0) return this.#arm();
    this.#timer = undefined;
    this.#expire(this.#limitMs);
  }
}

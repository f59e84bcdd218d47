const maxTimerMs = 2 ** 31 - 1;

/** A point in time that can be moved, and what happens then. Without a limit it needs no timer. */
export class Deadline {
  #at: number;
  readonly #expire: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `since` is on the scale of `performance.now()`. */
  constructor(limitMs: number, expire: () => void, since: number = performance.now()) {
    this.#at = since + limitMs;
    this.#expire = expire;
    this.#arm();
  }

  remainingMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  extend(byMs: number): void {
    this.#at += byMs;
    if (this.#timer !== undefined) this.#arm();
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
    this.#expire();
  }
}

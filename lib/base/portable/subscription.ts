/** One signal that process.on has told of, and those that were merged into it. */
export interface PortableRecord {
  readonly number: number;
  /** CLOCK_MONOTONIC. */
  readonly timeMs: number;
  /** Whether this process has sent it itself. */
  readonly own: boolean;
  count: number;
}

/** What a claim asks for; `overflow` as native/hub/claim_options.h numbers it. */
export interface PortableClaim {
  readonly numbers: ReadonlySet<number>;
  readonly capacity: number;
  readonly overflow: number;
  readonly exclusive: boolean;
  readonly once: boolean;
}

const dropOldest = 1;
const dropNewest = 2;

/** The queue of one claim: native/hub/subscription.cc decides alike. */
export class Subscription {
  readonly claim: PortableClaim;
  readonly #queue: PortableRecord[] = [];
  #readerWaits = false;
  #spent = false;
  dropped = 0;
  open = true;

  constructor(claim: PortableClaim) {
    this.claim = claim;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Whether it takes this signal now. */
  accepts(number: number): boolean {
    return this.open && !this.#spent && this.claim.numbers.has(number);
  }

  /** @returns whether a reader waits for it */
  push(record: PortableRecord): boolean {
    if (this.claim.once) this.#spent = true;
    this.#store(record);
    const waits = this.#readerWaits;
    this.#readerWaits = false;
    return waits;
  }

  take(limit: number, wait: boolean): PortableRecord[] {
    const taken = this.#queue.splice(0, limit);
    if (wait) this.#readerWaits = taken.length === 0;
    return taken;
  }

  #store(record: PortableRecord): void {
    if (this.#queue.length < this.claim.capacity) return void this.#queue.push(record);
    if (this.claim.overflow === dropOldest) {
      this.dropped += 1;
      this.#queue.shift();
      this.#queue.push(record);
    } else if (this.claim.overflow === dropNewest) {
      this.dropped += 1;
    } else {
      // As the kernel does; the first of each goes in beyond the capacity.
      const newest = this.#queue.findLast(({ number }) => number === record.number);
      if (newest === undefined) this.#queue.push(record);
      else newest.count += record.count;
    }
  }
}

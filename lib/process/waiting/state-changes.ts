import type { WaitResult } from '../wait-status.js';
import type { Changes } from './keeper.js';

interface Reader {
  readonly queue: WaitResult[];
  wake: () => void;
}

/** Tells the iterators of one child of its stops and continuations. Listens only while there are any. */
export class StateChanges {
  readonly #source: Changes;
  readonly #readers = new Set<Reader>();
  readonly #look = (): void => this.look();
  #ended = false;

  constructor(source: Changes) {
    this.#source = source;
  }

  /** `result` is how it ended, if it has. */
  iterate(result: WaitResult | undefined): AsyncIterableIterator<WaitResult, undefined, undefined> {
    const reader: Reader = { queue: result === undefined ? [] : [result], wake: () => {} };
    if (!this.#ended) {
      if (this.#readers.size === 0) this.#source.onChange(this.#look);
      this.#readers.add(reader);
      // What came before had its SIGCHLD before.
      this.look();
    }
    return this.#read(reader);
  }

  /** Null: nobody knows how. */
  end(result: WaitResult | null): void {
    this.#ended = true;
    if (result !== null) this.#tell(result);
    for (const reader of this.#readers) this.#remove(reader);
  }

  async *#read(reader: Reader): AsyncGenerator<WaitResult, undefined, undefined> {
    try {
      for (;;) {
        const change = reader.queue.shift();
        if (change !== undefined) yield change;
        else if (this.#readers.has(reader)) await new Promise<void>((resolve) => (reader.wake = resolve));
        else return undefined;
      }
    } finally {
      this.#remove(reader);
    }
  }

  #remove(reader: Reader): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0) this.#source.offChange(this.#look);
    reader.wake();
  }

  /** Tells what there is to tell. */
  look(): void {
    if (this.#readers.size === 0) return;
    for (let change = this.#source.takeChange(); change !== null; change = this.#source.takeChange())
      this.#tell(change);
  }

  #tell(change: WaitResult): void {
    for (const reader of this.#readers) {
      reader.queue.push(change);
      reader.wake();
    }
  }
}

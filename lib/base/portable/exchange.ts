import type { PortableRecord } from './subscription.js';

// native/addon/environment.h and native/posix/signal_record.h have the same numbers.
const exchangeWords = 64;
const batchRecords = 256;
const recordBytes = 64;
// Nobody tells who has sent it: lib/signals/signal-info.ts has the same number.
const unknownCode = -0x7fffffff;

/** What functions leave for JavaScript to read, laid out as the addon does. */
export class Exchange {
  readonly exchange: ArrayBuffer = new ArrayBuffer(exchangeWords * 4);
  readonly batch: ArrayBuffer = new ArrayBuffer(batchRecords * recordBytes);
  readonly #words = new Uint32Array(this.exchange);
  readonly #view = new DataView(this.batch);

  put(words: readonly number[]): void {
    this.#words.set(words);
  }

  putSet(word: number, numbers: Iterable<number>): void {
    this.#words.fill(0, word, word + 2);
    for (const number of numbers) {
      const half = word + (number > 32 ? 1 : 0);
      this.#words[half] = (this.#words[half] ?? 0) | (1 << ((number - 1) % 32));
    }
  }

  putRecords(records: readonly PortableRecord[]): void {
    for (const [index, { number, timeMs, own, count }] of records.entries()) {
      const at = index * recordBytes;
      new Uint8Array(this.batch, at, recordBytes).fill(0);
      this.#view.setFloat64(at, timeMs, true);
      this.#view.setInt32(at + 32, number, true);
      this.#view.setInt32(at + 36, unknownCode, true);
      this.#view.setInt32(at + 40, own ? process.pid : 0, true);
      this.#view.setUint32(at + 44, own ? (process.getuid?.() ?? 0) : 0, true);
      this.#view.setUint32(at + 56, count, true);
    }
  }
}

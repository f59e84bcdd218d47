import { openAll } from './diagnosed.js';

export type Mode = 'open' | 'closed';

// Each comes first as often as second, so that a process that becomes faster or slower favours none.
const order: readonly Mode[] = ['open', 'closed', 'closed', 'open'];

/**
 * The diagnostics of this process open and closed by turns, so that both have the same compiled code, caches and moment. Who
 * works says where a block of it ends.
 */
export class Alternation {
  /** Microseconds of processor time for each piece of work, a value a block. */
  readonly costs: Readonly<Record<Mode, number[]>> = { open: [], closed: [] };
  readonly #pieces: number;
  readonly #blocks: number;
  #close: (() => void) | undefined;
  #block = 0;
  #done = 0;
  #began: NodeJS.CpuUsage | undefined;

  constructor(pieces: number, pairs: number) {
    this.#pieces = pieces;
    this.#blocks = pairs * 2;
    this.#enter();
  }

  get ended(): boolean {
    return this.#block >= this.#blocks;
  }

  /** A piece of work has been done. */
  count(): void {
    this.#done += 1;
    // By then the threads that come and go with the diagnostics have done so, and V8 calls its hooks.
    if (this.#done === Math.ceil(this.#pieces / 4)) this.#began = process.cpuUsage();
    if (this.#done < this.#pieces) return;
    const { user, system } = process.cpuUsage(this.#began);
    this.costs[this.#mode].push((user + system) / (this.#done - Math.ceil(this.#pieces / 4)));
    this.#block += 1;
    this.#enter();
  }

  get #mode(): Mode {
    return order[this.#block % order.length] ?? 'open';
  }

  #enter(): void {
    this.#done = 0;
    if (this.#mode === 'open') {
      this.#close ??= openAll();
      return;
    }
    this.#close?.();
    this.#close = undefined;
  }
}

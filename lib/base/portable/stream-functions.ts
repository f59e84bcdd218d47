import { numbersIn } from '../signal-numbers.js';
import { unsupported, unsupportedHere } from '../unsupported.js';
import { Claims } from './claims.js';
import { Exchange } from './exchange.js';
import type { PortableRecord } from './subscription.js';

/** Where the functions are. */
export interface Surroundings {
  readonly names: ReadonlyMap<number, NodeJS.Signals>;
  /** Their numbers by name. */
  readonly signals: Readonly<Record<string, number>>;
  readonly isMainThread: boolean;
  /** Says on stderr that this backend works, where nobody has chosen it. */
  readonly announce: () => void;
  readonly onWake: (why: number, ready: number) => void;
}

const forever = 2 ** 30;
// Of native/hub/hub.h's steps of a claim, sigaction.
const listening = 1;

/** The functions of native/addon/stream_bindings.cc, over process.on. */
export class StreamFunctions {
  readonly exchange: ArrayBuffer;
  readonly batch: ArrayBuffer;
  protected readonly claims: Claims;
  protected readonly surroundings: Surroundings;
  readonly #exchange = new Exchange();
  #alive: NodeJS.Timeout | undefined;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.exchange = this.#exchange.exchange;
    this.batch = this.#exchange.batch;
    this.claims = new Claims({
      names: surroundings.names,
      heard: (record) => this.heard(record),
      wake: (ids) => {
        this.#exchange.put(ids);
        surroundings.onWake(0, ids.length);
      },
    });
  }

  /** Leaves words in the exchange. */
  protected put(words: readonly number[]): void {
    this.#exchange.put(words);
  }

  /** Of each claimed signal, before a stream has it. */
  protected heard(_record: PortableRecord): void {}

  // Claims block nothing.
  openThread(): number {
    return 0;
  }

  closeThread(): number {
    return 0;
  }

  // Where it needs not be certain, it is a claim's: no listener is called while JavaScript runs.
  blockSection(_low: number, _high: number, certain: boolean): number {
    if (certain) throw unsupported('blockSignals');
    return 1;
  }

  endSection(): number {
    return 0;
  }

  claim(
    low: number,
    high: number,
    capacity: number,
    overflow: number,
    exclusive: boolean,
    _byLoop: boolean,
    once: boolean,
  ): number {
    const { isMainThread, announce } = this.surroundings;
    if (!isMainThread && (low | high) !== 0)
      throw unsupportedHere('a claim in a Worker', 'claim in the main thread, and tell the Worker');
    announce();
    const id = this.claims.open({ numbers: new Set(numbersIn({ low, high })), capacity, overflow, exclusive, once });
    // No report of masks follows.
    this.#exchange.put([listening, 0, 0, 0, 0, 0]);
    return id;
  }

  claimEarly(): number {
    throw unsupportedHere('sigkit/early', 'claim in the first module');
  }

  giveBackEarly(): number {
    return 0;
  }

  close(id: number): number {
    this.claims.close(id);
    return 0;
  }

  free(id: number): number {
    this.claims.free(id);
    return 0;
  }

  take(id: number, limit: number, wait: boolean): number {
    const subscription = this.claims.get(id);
    const records = subscription?.take(limit, wait) ?? [];
    this.#exchange.putRecords(records);
    return records.length === 0 && subscription?.open !== true ? -1 : records.length;
  }

  state(id: number): number {
    const subscription = this.claims.get(id);
    this.#exchange.put([subscription?.queued ?? 0, subscription?.dropped ?? 0, 0]);
    this.#exchange.putSet(3, subscription?.open === true ? subscription.claim.numbers : []);
    return 0;
  }

  // What has come is known when the event loop has had its turn, and not before.
  drain(): number {
    return 0;
  }

  takeReady(): number {
    return 0;
  }

  // Listeners of process.on are called by the runtime.
  setHandingOn(): number {
    return 0;
  }

  findWatchers(): number {
    return 0;
  }

  tellWatcher(): number {
    return 0;
  }

  wakeLater(): number {
    setImmediate(() => this.surroundings.onWake(0, 0));
    return 0;
  }

  keepAlive(on: boolean): number {
    clearInterval(this.#alive);
    this.#alive = on ? setInterval(() => {}, forever) : undefined;
    return 0;
  }
}

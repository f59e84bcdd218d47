import { unsupportedHere } from '../unsupported.js';
import { OtherListeners } from './others.js';
import { OwnSignals } from './own-signals.js';
import { type PortableClaim, type PortableRecord, Subscription } from './subscription.js';

// Above the numbers of signals, as those of the addon are.
const firstId = 65;
// As many as native/addon/environment.h has words in the exchange.
const idsAtOnce = 32;
const invalid = -22;
// Another copy of sigkit in this process has it, too.
const claimMark = Symbol.for('sigkit.claim');

/** What the claims of this process are made with. */
export interface ClaimsOptions {
  readonly names: ReadonlyMap<number, NodeJS.Signals>;
  /** Streams with these ids have something for a reader who waits. */
  wake(ids: readonly number[]): void;
  /** Before any stream has it. */
  heard(record: PortableRecord): void;
}

/** Claims of signals by listeners of process.on: what native/hub/hub.h is to the addon. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #listeners = new Map<number, () => void>();
  readonly #own = new OwnSignals();
  readonly others: OtherListeners = new OtherListeners(isClaim);
  #nextId = firstId;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** Its number, or a negative errno. @throws ERR_SIGKIT_UNSUPPORTED for a signal that process.on has no name for */
  open(claim: PortableClaim): number {
    for (const number of claim.numbers) if (!this.#options.names.has(number)) throw unnamed(number);
    const id = this.#nextId;
    this.#nextId += 1;
    this.#subscriptions.set(id, new Subscription(claim));
    try {
      this.#settle(claim.numbers);
    } catch (error) {
      this.free(id);
      const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : invalid;
      return -Math.abs(errno) || invalid;
    }
    return id;
  }

  get(id: number): Subscription | undefined {
    return this.#subscriptions.get(id);
  }

  close(id: number): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription?.open !== true) return;
    subscription.open = false;
    this.#settle(subscription.claim.numbers);
  }

  free(id: number): void {
    this.close(id);
    this.#subscriptions.delete(id);
  }

  /** Nothing is heard any more under that name, by anybody: what comes has its default action. */
  releaseAll(number: number): void {
    const name = this.#nameOf(number);
    this.others.giveBack(name);
    process.removeAllListeners(name);
  }

  #nameOf(number: number): NodeJS.Signals {
    return this.#options.names.get(number) ?? 'SIGTERM';
  }

  #numberOf(signal: unknown): number | undefined {
    return [...this.#options.names].find(([number, name]) => signal === number || signal === name)?.[0];
  }

  #settle(numbers: Iterable<number>): void {
    for (const number of numbers) {
      const wanting = [...this.#subscriptions.values()].filter(({ open, claim }) => open && claim.numbers.has(number));
      if (wanting.length > 0) this.#listen(number);
      // Others first, or there would be a moment without a listener, in which the signal ends the process.
      if (wanting.some(({ claim }) => claim.exclusive)) this.others.takeAway(this.#nameOf(number));
      else this.others.giveBack(this.#nameOf(number));
      if (wanting.length === 0) this.#unlisten(number);
    }
  }

  #listen(number: number): void {
    if (this.#listeners.has(number)) return;
    const name = this.#nameOf(number);
    const listener = Object.assign((): void => this.#hear(number), { [claimMark]: true });
    try {
      // One that throws keeps those after it from being called.
      process.prependListener(name, listener);
    } catch (error) {
      // Deno has it on its list by then.
      process.off(name, listener);
      throw error;
    }
    this.#listeners.set(number, listener);
    this.#own.watch((signal) => this.#numberOf(signal));
  }

  #unlisten(number: number): void {
    const listener = this.#listeners.get(number);
    if (listener === undefined) return;
    this.#listeners.delete(number);
    process.off(this.#nameOf(number), listener);
    if (this.#listeners.size === 0) this.#own.close();
  }

  #hear(number: number): void {
    const record = { number, timeMs: Number(process.hrtime.bigint()) / 1e6, own: this.#own.take(number), count: 1 };
    this.#options.heard(record);
    const ready: number[] = [];
    for (const [id, subscription] of this.#subscriptions)
      if (subscription.accepts(number) && subscription.push({ ...record })) ready.push(id);
    for (let at = 0; at < ready.length; at += idsAtOnce) this.#options.wake(ready.slice(at, at + idsAtOnce));
  }
}

/** Whether a listener of process.on is a claim's. */
export function isClaim(listener: unknown): boolean {
  return typeof listener === 'function' && claimMark in listener;
}

function unnamed(number: number): Error {
  return unsupportedHere(`signal ${number}`, 'one of those that os.constants.signals has');
}

import type { PortableRecord } from './subscription.js';

/** Sets of signals by their numbers, as lib/shutdown/course/second-signal.ts has them. */
export interface PortableGuardOptions {
  readonly numbers: ReadonlySet<number>;
  readonly budgetMs: number;
  /** Those that somebody types. */
  readonly forcedByKernel: ReadonlySet<number>;
  readonly forcedByOthers: ReadonlySet<number>;
  readonly nameOf: (number: number) => string;
  readonly say: (line: string) => void;
  /** Ends the process, by the signal or if that is 0 with the code. */
  readonly end: (code: number, signal: number) => void;
}

interface End {
  readonly code: number;
  readonly signal: number;
}

const deadlineCode = 124;
const signalCode = 128;
const deadlineReason = 'the deadline';
// Nobody tells who has sent a signal. Who hands on what has come by itself, too (npm run), does so at once.
const handedOnMs = 1000;
const maxTimerMs = 2 ** 31 - 1;

/** What native/hub/guard.cc is, without a thread: it keeps its promises while the event loop runs. */
export class PortableGuard {
  readonly #options: PortableGuardOptions;
  #armed = false;
  #beganAt: number | undefined;
  #deadline = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #first: PortableRecord | undefined;
  #cause = 'shutdown by hand';
  #description = 'running';
  #concluded: End | undefined;
  #told = false;
  #saidHowToForce = false;

  constructor(options: PortableGuardOptions) {
    this.#options = options;
  }

  close(): void {
    this.#armed = false;
    clearTimeout(this.#timer);
  }

  arm(): void {
    this.#armed = true;
  }

  begin(): void {
    if (!this.#armed || this.#beganAt !== undefined) return;
    this.#beganAt = performance.now();
    this.#deadline = this.#beganAt + this.#options.budgetMs;
    this.#setTimer();
  }

  extend(byMs: number): void {
    this.#deadline += byMs;
    if (this.#beganAt !== undefined) this.#setTimer();
  }

  describe(text: string): void {
    this.#description = text;
  }

  tellDeadline(): void {
    if (this.#beganAt === undefined) return;
    this.#writeLastLine(deadlineCode, deadlineReason);
    this.#told = true;
  }

  conclude(end: End): void {
    this.#concluded = end;
  }

  heard(record: PortableRecord): void {
    const { numbers, nameOf } = this.#options;
    if (!this.#armed || !numbers.has(record.number)) return;
    if (this.#first === undefined) {
      if (this.#beganAt === undefined) this.#cause = nameOf(record.number);
      this.#first = record;
      this.begin();
    } else if (this.#forces(record, this.#first)) {
      this.#cause = `${this.#cause}, then ${nameOf(record.number)}`;
      this.#force(signalCode + record.number, 'a second signal');
    } else if (!record.own && record.timeMs - this.#first.timeMs >= handedOnMs) {
      this.#sayHowToForce(record);
    }
  }

  #forces(record: PortableRecord, first: PortableRecord): boolean {
    const { forcedByKernel, forcedByOthers } = this.#options;
    if (record.own) return false;
    if (forcedByOthers.has(record.number)) return true;
    return forcedByKernel.has(record.number) && !isHandedOn(record, first);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#deadline - performance.now();
    this.#timer = setTimeout(() => this.#onTime(), Math.min(Math.max(leftMs, 0), maxTimerMs));
  }

  #onTime(): void {
    // A timer may be early by less than a millisecond, and has a greatest length.
    if (performance.now() < this.#deadline) return this.#setTimer();
    // What is on its way out, and late as has been told, is nothing new.
    const isTold = this.#told && this.#concluded !== undefined;
    this.#force(deadlineCode, isTold ? undefined : deadlineReason);
  }

  #sayHowToForce({ number }: PortableRecord): void {
    if (this.#options.forcedByKernel.size === 0 || this.#saidHowToForce) return;
    this.#saidHowToForce = true;
    const leftMs = Math.round(this.#deadline - performance.now());
    const name = this.#options.nameOf(number);
    this.#options.say(
      `${name} does not force the end, which is due in ${leftMs} ms, in ${this.#description}; to force it: Ctrl-C`,
    );
  }

  #force(code: number, why: string | undefined): void {
    if (why !== undefined) this.#writeLastLine(code, why);
    const end = this.#concluded ?? { code, signal: 0 };
    this.#options.end(end.code, end.signal);
  }

  #writeLastLine(code: number, why: string): void {
    const end = this.#concluded ?? { code, signal: 0 };
    const status = end.signal === 0 ? String(end.code) : `by ${this.#options.nameOf(end.signal)}`;
    const afterMs = Math.round(performance.now() - (this.#beganAt ?? performance.now()));
    this.#options.say(`${this.#cause}: ${why} after ${afterMs} ms, in ${this.#description}; exit ${status}`);
  }
}

// Whether this is the first signal once more, from somebody who hands on what he gets himself.
function isHandedOn(record: PortableRecord, first: PortableRecord): boolean {
  return record.number === first.number && record.timeMs - first.timeMs < handedOnMs;
}

import { dieOf, exitNow } from './ending.js';
import { numbersIn } from '../signal-numbers.js';
import { PortableGuard } from './guard.js';
import { writeLine } from './line.js';
import { StreamFunctions } from './stream-functions.js';
import type { PortableRecord } from './subscription.js';

const busy = -16;

/** The functions of native/addon/guard_bindings.cc as well. */
export class GuardFunctions extends StreamFunctions {
  #guard: PortableGuard | undefined;

  protected override heard(record: PortableRecord): void {
    this.#guard?.heard(record);
  }

  openGuard(
    low: number,
    high: number,
    budgetMs: number,
    kernelLow: number,
    kernelHigh: number,
    _queueLow: number,
    _queueHigh: number,
    othersLow: number,
    othersHigh: number,
  ): number {
    if (this.#guard !== undefined) return busy;
    const { names, announce } = this.surroundings;
    announce();
    this.#guard = new PortableGuard({
      numbers: new Set(numbersIn({ low, high })),
      budgetMs,
      forcedByKernel: new Set(numbersIn({ low: kernelLow, high: kernelHigh })),
      forcedByOthers: new Set(numbersIn({ low: othersLow, high: othersHigh })),
      nameOf: (number) => names.get(number) ?? `signal ${number}`,
      say: writeLine,
      end: (code, signal) => (signal === 0 ? exitNow(code) : dieOf(signal, this.claims)),
    });
    return 0;
  }

  closeGuard(): number {
    this.#guard?.close();
    this.#guard = undefined;
    return 0;
  }

  armGuard(): number {
    this.#guard?.arm();
    return 0;
  }

  beginGuard(): number {
    this.#guard?.begin();
    return 0;
  }

  extendGuard(byMs: number): number {
    this.#guard?.extend(byMs);
    return 0;
  }

  describeGuard(text: string): number {
    this.#guard?.describe(text);
    return 0;
  }

  tellGuardDeadline(): number {
    this.#guard?.tellDeadline();
    return 0;
  }

  concludeGuard(code: number, signal: number): number {
    this.#guard?.conclude({ code, signal });
    return 0;
  }
}

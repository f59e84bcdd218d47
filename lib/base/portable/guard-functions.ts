import { ChildFunctions } from './child-functions.js';
import { dieOf, exitNow } from './ending.js';
import { numbersIn } from '../signal-numbers.js';
import { PortableGuard } from './guard.js';
import { writeLine } from './line.js';
import type { PortableRecord } from './subscription.js';

const sigkill = 9;
const busy = -16;
const noSpace = -28;
// native/hub/guarded_groups.h has the same number.
const maxGroups = 256;

/** The functions of native/addon/guard_bindings.cc as well. */
export class GuardFunctions extends ChildFunctions {
  #guard: PortableGuard | undefined;
  /** Serials by number: those that end with the process, if that ends by force. */
  readonly #guarded = new Map<number, number>();

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
      end: (code, signal) => this.#end(code, signal),
    });
    return 0;
  }

  closeGuard(): number {
    this.#guard?.close();
    this.#guard = undefined;
    this.#guarded.clear();
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

  addGuardedGroup(pgid: number, _witness: number, serial: number): number {
    if (this.#guarded.size >= maxGroups && !this.#guarded.has(pgid)) return noSpace;
    this.#guarded.set(pgid, serial);
    return 0;
  }

  removeGuardedGroup(pgid: number): number {
    this.#guarded.delete(pgid);
    return 0;
  }

  concludeGuard(code: number, signal: number): number {
    this.#guard?.conclude({ code, signal });
    return 0;
  }

  #end(code: number, signal: number): void {
    for (const [pgid, serial] of this.#guarded) this.groups.signal(pgid, serial, sigkill);
    if (signal === 0) exitNow(code);
    dieOf(signal, this.claims);
  }
}

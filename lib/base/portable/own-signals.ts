import { shadow } from '../shadow.js';

// Later, somebody else has sent what comes.
const usualMs = 1000;

/**
 * What this process has sent itself by process.kill, and has not come yet: nobody else tells who has sent a signal. A listener that
 * is done, and sends its signal once more to die of it (Nest), asks for nothing new.
 */
export class OwnSignals {
  readonly #sent = new Map<number, number[]>();
  #undo: (() => void) | undefined;

  /** `numberOf`: of what process.kill takes as a signal. */
  watch(numberOf: (signal: unknown) => number | undefined): void {
    if (this.#undo !== undefined) return;
    // oxlint-disable-next-line typescript/unbound-method -- it is called as a method of the same object
    const { kill } = process;
    const note = (pid: unknown, signal: unknown): void => {
      const number = pid === process.pid ? numberOf(signal ?? 'SIGTERM') : undefined;
      if (number !== undefined) this.#sent.set(number, [...(this.#sent.get(number) ?? []), performance.now()]);
    };
    this.#undo = shadow(process, 'kill', function (this: unknown, ...args: Parameters<typeof kill>): true {
      note(args[0], args[1]);
      return Reflect.apply(kill, this, args);
    });
  }

  close(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#sent.clear();
  }

  /** Whether one that has come is the process's own. */
  take(number: number): boolean {
    const since = performance.now() - usualMs;
    const recent = (this.#sent.get(number) ?? []).filter((time) => time >= since);
    this.#sent.set(number, recent.slice(1));
    return recent.length > 0;
  }
}

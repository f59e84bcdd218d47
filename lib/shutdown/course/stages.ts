import { outOfRange } from '../../base/errors.js';
import type { StageOptions } from '../types.js';

/** A stage with all its settings. */
export interface Stage {
  readonly name: string;
  readonly timeoutMs: number;
  readonly onTimeout: NonNullable<StageOptions['onTimeout']>;
  readonly parallel: boolean;
  readonly expected: boolean;
}

export type StageSettings = Partial<Omit<Stage, 'name'>>;

const defaults = { timeoutMs: Infinity, onTimeout: 'continue', parallel: true, expected: false } as const;
const usual = ['stop-accepting', 'drain', 'stop-work', 'release', 'flush'];
const firstOfStopping = 'stop-work';
const last = 'flush';

/** The stages in their order, and how far they have come. */
export class Stages {
  #stages: readonly Stage[] = usual.map((name) => ({ ...defaults, name }));
  #begun = 0;

  names(): string[] {
    return this.#stages.map(({ name }) => name);
  }

  /** Configures a stage that is there. */
  configure(name: string, settings: StageSettings): void {
    this.#stages = this.#stages.map((stage) => (stage.name === name ? { ...stage, ...settings } : stage));
  }

  /** Adds a stage after another, or before the last. */
  insert(name: string, settings: StageSettings, after: string | undefined): void {
    const at = this.#placeAfter(after);
    this.#stages = this.#stages.toSpliced(at, 0, { ...defaults, ...settings, name });
  }

  /** Whether a new stage after this one would be passed over. */
  isPast(after: string | undefined): boolean {
    return this.#placeAfter(after) < this.#begun;
  }

  hasBegun(name: string): boolean {
    return this.names().indexOf(name) < this.#begun;
  }

  /** The next one, if there is one. */
  next(): string | null {
    return this.#stages[this.#begun]?.name ?? null;
  }

  /** The next stage, which begins with that; undefined after the last. */
  begin(): Stage | undefined {
    const stage = this.#stages[this.#begun];
    if (stage !== undefined) this.#begun += 1;
    return stage;
  }

  /** None will begin any more. Returns those that have not. */
  end(): Stage[] {
    const left = this.#stages.slice(this.#begun);
    this.#begun = Infinity;
    return left;
  }

  isDraining(name: string): boolean {
    const names = this.names();
    return names.indexOf(name) < names.indexOf(firstOfStopping);
  }

  /** Of all that have a time-out. */
  sumMs(): number {
    const limits = this.#stages.map(({ timeoutMs }) => timeoutMs).filter(Number.isFinite);
    return limits.reduce((sum, limit) => sum + limit, 0);
  }

  #placeAfter(after: string | undefined): number {
    const names = this.names();
    if (after === undefined) return names.indexOf(last);
    const found = names.indexOf(after);
    if (found < 0) throw outOfRange('options.after', `one of ${quoted(names)}`, after);
    return found + 1;
  }
}

/** For messages. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

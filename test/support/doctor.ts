import type { Outcome } from './child.js';
import { command } from './command.js';

/** What `--json` prints. */
export interface Told {
  readonly findings: readonly { readonly rule: string; readonly where: string; readonly text: string }[];
  readonly trials: readonly { readonly scenario: string; readonly untried: string | null }[];
  readonly notes: readonly string[];
}

/** The command line of a doctor, with options in one text. */
export const doctor = (options: string, ...app: readonly string[]): readonly string[] => [
  process.execPath,
  command,
  'doctor',
  '--json',
  ...options.split(' ').filter(Boolean),
  ...(app.length === 0 ? [] : ['--', ...app]),
];

/** Several at once: each spends most of its time waiting. */
export class Queue {
  #free = 4;
  readonly #waiting: (() => void)[] = [];

  async add(task: () => Promise<Outcome>): Promise<Outcome> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

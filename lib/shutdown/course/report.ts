import { util } from '../../base/builtins.js';
import { escapeLines } from '../../base/escape.js';
import type { ShutdownOptions, ShutdownResult } from '../types.js';
import type { Allotting } from './budget.js';
import { Deadline } from './deadline.js';
import { timeoutError } from './run-hook.js';

/** The telling of the result by who has been asked to. What becomes of that changes no result: it is over by then. */
export class Report {
  readonly #deadline: Deadline;
  readonly #givenUp: Promise<never>;
  #reject: (error: Error) => void = () => {};

  constructor(budget: Allotting) {
    this.#givenUp = new Promise((_, reject) => (this.#reject = reject));
    this.#givenUp.catch(() => {});
    this.#deadline = new Deadline(budget.allotMs(), (limitMs) =>
      this.giveUp(timeoutError('report', Math.round(limitMs), ', all that the budget leaves it')),
    );
  }

  giveUp(error: Error): void {
    this.#reject(error);
  }

  /** Never rejects. */
  async run(report: NonNullable<ShutdownOptions['report']>, result: ShutdownResult): Promise<void> {
    try {
      await Promise.race([this.#givenUp, new Promise((resolve) => resolve(report(result)))]);
    } catch (error) {
      process.emitWarning(
        `The report of the shutdown has failed: ${escapeLines(util.inspect(error))}`,
        'SigkitWarning',
      );
    } finally {
      this.#deadline.clear();
    }
  }
}

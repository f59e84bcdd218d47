import type { Settings } from '../options.js';
import type { Plan } from './plan.js';

/** Says it when the stages cannot fit into the budget, once all that one turn configures is known. */
export class BudgetWarning {
  readonly #plan: Plan;
  readonly #settings: Settings;
  #scheduled = false;
  #lastSumMs = 0;

  constructor(plan: Plan, settings: Settings) {
    this.#plan = plan;
    this.#settings = settings;
    this.checkLater();
  }

  checkLater(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => this.#check());
  }

  #check(): void {
    this.#scheduled = false;
    const { budgetMs, reserveMs, drainDelayMs } = this.#settings;
    const sumMs = this.#plan.stages.sumMs() + drainDelayMs;
    if (sumMs <= budgetMs - reserveMs || sumMs === this.#lastSumMs) return;
    this.#lastSumMs = sumMs;
    process.emitWarning(
      `The drain delay and the time-outs of the stages add up to ${sumMs} ms; the budget of the shutdown is ${budgetMs} ms, less a reserve of ${reserveMs} ms.`,
      'SigkitWarning',
    );
  }
}

import { setTimeout as delay } from 'node:timers/promises';

import type { HookResult } from '../types.js';
import type { Allotting } from './budget.js';
import type { Plan } from './plan.js';
import type { Cause } from './run-hook.js';
import { skipped, StageRun } from './run-stage.js';
import type { Stage } from './stages.js';

/** What watches a shutdown on its way. */
export interface Observer {
  stageBegins(stage: string): void;
  changed(running: readonly string[]): void;
  /** What runs is given up, as the time that the budget leaves its stage is over. */
  overruns(): void;
}

/** The way through all stages. */
export class Course {
  readonly results: HookResult[] = [];
  readonly #plan: Plan;
  readonly #cause: Cause;
  readonly #budget: Allotting;
  readonly #observer: Observer;
  readonly #interrupt = new AbortController();
  #current: StageRun | undefined;
  #forced = false;
  #overran = false;

  constructor(plan: Plan, cause: Cause, budget: Allotting, observer: Observer) {
    this.#plan = plan;
    this.#cause = cause;
    this.#budget = budget;
    this.#observer = observer;
  }

  /** Whether it ended before its time. */
  get forced(): boolean {
    return this.#forced;
  }

  /** Whether hooks were given up so that the rest had time. */
  get overran(): boolean {
    return this.#overran;
  }

  /** Never rejects. */
  async run(drainDelayMs: number): Promise<void> {
    if (drainDelayMs > 0) await this.#pause(Math.min(drainDelayMs, this.#budget.allotMs()));
    while (!this.#forced) {
      const stage = this.#plan.stages.begin();
      if (stage === undefined) break;
      if ((await this.#runStage(stage)) === 'abort') this.#forced = true;
    }
    for (const stage of this.#plan.stages.end()) this.#skip(stage);
  }

  /** Gives up what runs, and begins nothing more. */
  force(error: Error): void {
    this.#forced = true;
    this.#interrupt.abort();
    this.#current?.giveUp(error, 'abort', 'force');
  }

  async #pause(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.#interrupt.signal });
    } catch {
      // It was cut short.
    }
  }

  #runStage(stage: Stage): StageRun['ended'] {
    this.#observer.stageBegins(stage.name);
    this.#current = new StageRun(stage, {
      graph: this.#plan.graph,
      cause: this.#cause,
      budget: this.#budget,
      results: this.results,
      changed: (running) => this.#observer.changed(running),
      overruns: () => {
        this.#overran = true;
        this.#observer.overruns();
      },
    });
    return this.#current.ended;
  }

  #skip(stage: Stage): void {
    this.results.push(...this.#plan.graph.inStage(stage.name).map((entry) => skipped(entry, stage)));
  }
}

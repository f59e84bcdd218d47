import { toChoice } from '../../base/arguments.js';
import { util } from '../../base/builtins.js';
import { escapeLine, escapeLines } from '../../base/escape.js';
import type { HookResult } from '../types.js';
import type { Allotting } from './budget.js';
import { Deadline } from './deadline.js';
import type { HookEntry, HookGraph, Schedule } from './hook-graph.js';
import { type Cause, type GivenUp, HookRun, timeoutError } from './run-hook.js';
import type { Stage } from './stages.js';

/** Whether the next stage may follow. */
export type StageEnd = 'continue' | 'abort';

/** What a stage needs of the shutdown that it belongs to. */
export interface StageSurroundings {
  readonly graph: HookGraph;
  readonly cause: Cause;
  readonly budget: Allotting;
  /** Where each hook is added that has ended, or will never begin. */
  readonly results: HookResult[];
  /** Other hooks run than before. */
  changed(running: readonly string[]): void;
  /** Hooks are given up, not as was expected, but because the time that the budget leaves the stage is over. */
  overruns(): void;
}

/** One stage that runs. */
export class StageRun {
  readonly #stage: Stage;
  readonly #around: StageSurroundings;
  readonly #schedule: Schedule;
  readonly #waiting: Set<HookEntry>;
  readonly #running = new Map<HookEntry, HookRun>();
  readonly #deadline: Deadline;
  readonly #allotted: Deadline;
  #over = false;
  #resolve: (end: StageEnd) => void = () => {};
  /** Never rejects. */
  readonly ended: Promise<StageEnd> = new Promise((resolve) => (this.#resolve = resolve));

  constructor(stage: Stage, around: StageSurroundings) {
    this.#stage = stage;
    this.#around = around;
    this.#schedule = around.graph.schedule(stage.name);
    this.#waiting = new Set(around.graph.inStage(stage.name));
    this.#deadline = new Deadline(stage.timeoutMs, (limitMs) => this.#timeOut(limitMs));
    this.#allotted = new Deadline(around.budget.allotMs(), (limitMs) => this.#overrun(limitMs));
    this.#proceed();
  }

  /** Ends without the hooks that run or wait. */
  giveUp(error: Error, end: StageEnd, because: GivenUp): void {
    if (this.#over) return;
    this.#finish(end);
    for (const run of this.#running.values()) run.giveUp(error, because);
    for (const entry of this.#notBegun()) {
      const planned = because === 'time' && this.#isExpected(entry);
      const result = skipped(entry, this.#stage);
      this.#around.results.push(planned ? { ...result, expected: true } : result);
    }
  }

  #proceed(): void {
    while (!this.#over && (this.#stage.parallel || this.#running.size === 0)) {
      const entry = this.#schedule.take();
      if (entry === undefined) break;
      this.#start(entry);
    }
    if (this.#running.size === 0) this.#finish('continue');
  }

  #start(entry: HookEntry): void {
    const { name } = this.#stage;
    const hook = entry.hooks.get(name);
    this.#waiting.delete(entry);
    // It may have been removed since the stage began.
    if (hook === undefined || !this.#around.graph.has(entry)) return this.#schedule.end(entry);
    const limits = [this.#deadline, this.#allotted, this.#around.budget];
    const run = new HookRun(entry, this.#stage, limits, (result) => this.#end(entry, result));
    this.#running.set(entry, run);
    // Before it runs: it may block the event loop for good.
    this.#tellRunning();
    run.start(hook, this.#around.cause, this.#around.results);
  }

  #end(entry: HookEntry, result: HookResult): void {
    this.#running.delete(entry);
    this.#around.results.push(result);
    this.#tellRunning();
    this.#schedule.end(entry);
    this.#proceed();
  }

  #timeOut(limitMs: number): void {
    const { name, onTimeout } = this.#stage;
    const end = typeof onTimeout === 'function' ? this.#ask(onTimeout) : onTimeout;
    this.giveUp(timeoutError(`stage '${name}'`, limitMs), end, 'time');
  }

  // Its `onTimeout` is not for this: the rest of the budget is kept for what follows.
  #overrun(limitMs: number): void {
    const entries = [...this.#running.keys(), ...this.#notBegun()];
    if (!entries.every((entry) => this.#isExpected(entry))) this.#around.overruns();
    const error = timeoutError(`stage '${this.#stage.name}'`, Math.round(limitMs), ', all that the budget leaves it');
    this.giveUp(error, 'continue', 'time');
  }

  // Without those that have been removed since.
  #notBegun(): HookEntry[] {
    return [...this.#waiting].filter((entry) => this.#around.graph.has(entry));
  }

  #isExpected(entry: HookEntry): boolean {
    return entry.expected || this.#stage.expected;
  }

  #ask(onTimeout: (running: readonly string[]) => StageEnd): StageEnd {
    try {
      return toChoice(onTimeout(this.#names()), 'onTimeout()', ['continue', 'abort']) === 0 ? 'continue' : 'abort';
    } catch (error) {
      process.emitWarning(
        `onTimeout of the stage '${escapeLine(this.#stage.name)}' has failed: ${escapeLines(util.inspect(error))}`,
        'SigkitWarning',
      );
      return 'continue';
    }
  }

  #names(): string[] {
    return [...this.#running.keys()].map(({ name }) => name);
  }

  #tellRunning(): void {
    this.#around.changed(this.#names());
  }

  #finish(end: StageEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline.clear();
    this.#allotted.clear();
    this.#resolve(end);
  }
}

/** The result of a hook that never began. */
export function skipped({ name }: HookEntry, stage: Stage): HookResult {
  return { name, stage: stage.name, outcome: 'skipped', durationMs: 0 };
}

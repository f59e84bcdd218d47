import type { Guard } from '../guard.js';
import type { Settings } from '../options.js';
import { type Progress, progressChannel } from '../progress.js';
import type { Shutdown, ShutdownResult } from '../types.js';
import { Budget } from './budget.js';
import { Course } from './course.js';
import { exitStatus, reportForeignExit } from './exit.js';
import type { Plan } from './plan.js';
import { Report } from './report.js';
import { type Cause, timeoutError } from './run-hook.js';

/** What an ending has of the shutdown that it belongs to. */
export interface EndingParts {
  readonly shutdown: Shutdown;
  readonly settings: Settings;
  readonly plan: Plan;
  readonly guard: Guard;
  /** When it was made, on the scale of `performance.now()`: what sigkit/early has held came before. */
  readonly since: number;
  /** `stage`: the one that begins with it. */
  enter(state: 'draining' | 'stopping', stage: string | null): void;
  /** Other hooks run than before. */
  changed(running: readonly string[]): void;
  /** After the last stage. */
  leftOpen(): LeftOpen;
}

/** What nobody has ended. */
export interface LeftOpen {
  readonly listening: readonly string[];
  /** Whether requests are cut off with the process: they are lost, as by a hook that has failed. */
  readonly cutsRequests: boolean;
}

/** A shutdown from its beginning to its result: its time, its states, and what is told on the way. */
export class Ending {
  readonly #parts: EndingParts;
  readonly #cause: Cause;
  readonly #beganAt: number;
  readonly #budget: Budget;
  readonly #course: Course;
  #stage: string | null = null;
  #report: Report | undefined;

  constructor(cause: Cause, parts: EndingParts) {
    const { plan, guard, settings, since } = parts;
    this.#parts = parts;
    this.#cause = cause;
    this.#beganAt = Math.max(since, cause.info?.time ?? performance.now());
    this.#budget = new Budget(settings, guard, this.#beganAt, {
      expire: (limitMs) => this.force(timeoutError('shutdown', limitMs)),
      extended: () => this.#publish(),
    });
    this.#course = new Course(plan, cause, this.#budget, {
      stageBegins: (stage) => this.#stageBegins(stage),
      changed: (running) => parts.changed(running),
      overruns: () => guard.tellDeadline(),
    });
  }

  /** The stage under way, or the last one; null before the first. */
  get stage(): string | null {
    return this.#stage;
  }

  /** How long may take what begins now. */
  allotMs(): number {
    return this.#budget.allotMs();
  }

  /** Goes through the stages, and has the result reported. Never rejects. */
  async run(): Promise<ShutdownResult> {
    const { plan, settings, guard } = this.#parts;
    const { drainDelayMs } = settings;
    this.#parts.enter('draining', drainDelayMs > 0 ? null : plan.stages.next());
    this.#publish();
    const stopReporting = reportForeignExit(() => this.#stage);
    await this.#course.run(drainDelayMs);
    const result = this.#result();
    guard.conclude(result);
    if (settings.report !== undefined) {
      this.#parts.changed(['report']);
      this.#report = new Report(this.#budget);
      await this.#report.run(settings.report, result);
    }
    this.#budget.clear();
    stopReporting();
    return result;
  }

  #result(): ShutdownResult {
    const { forced, overran, results: hooks } = this.#course;
    const { listening, cutsRequests } = this.#parts.leftOpen();
    const failed = cutsRequests || hooks.some(({ outcome, expected }) => outcome !== 'done' && expected !== true);
    const trouble = overran ? 'overran' : failed ? 'failed' : 'none';
    const status = exitStatus(this.#parts.settings.exit, this.#cause.info?.signal ?? null, trouble);
    return {
      ...this.#cause,
      forced: forced || overran,
      durationMs: performance.now() - this.#beganAt,
      hooks,
      listening,
      ...status,
    };
  }

  /** The guard forces a process that is to end, and by itself; else what runs is given up here. */
  force(error: Error): void {
    if (this.#parts.settings.exit !== 'none') return;
    this.#course.force(error);
    this.#report?.giveUp(error);
  }

  #stageBegins(stage: string): void {
    const { shutdown, plan } = this.#parts;
    this.#stage = stage;
    if (shutdown.state === 'draining' && !plan.stages.isDraining(stage)) this.#parts.enter('stopping', stage);
    this.#publish();
  }

  #publish(): void {
    const { shutdown } = this.#parts;
    const progress: Progress = { shutdown, stage: this.#stage, remainingMs: this.#budget.remainingMs() };
    progressChannel.publish(progress);
  }
}

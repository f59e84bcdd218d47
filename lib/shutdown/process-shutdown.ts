import { SigkitError } from '../errors.js';
import { kill } from '../signals/send.js';
import type { SignalInfo } from '../signals/signal-info.js';
import type { SignalStream } from '../signals/stream.js';
import { Attachments } from './attachments.js';
import { Budget } from './budget.js';
import { BudgetWarning } from './budget-warning.js';
import { Course } from './course.js';
import { type ExitStatus, exitStatus, leave, reportForeignExit } from './exit.js';
import { GuardedGroups } from './groups.js';
import type { Guard } from './guard.js';
import type { Settings } from './options.js';
import { Plan } from './plan.js';
import { type Progress, progressChannel } from './progress.js';
import { type Cause, timeoutError } from './run-hook.js';
import { SecondSignal } from './second-signal.js';
import { StateMachine } from './transitions.js';
import type {
  Hook,
  HookOptions,
  Participant,
  Shutdown,
  ShutdownResult,
  ShutdownState,
  StageOptions,
  Transition,
} from './types.js';

/** The shutdown of this process, from the claim to the end. Made by `createShutdown()`. */
export class ProcessShutdown implements Shutdown {
  readonly #settings: Settings;
  readonly #guard: Guard;
  readonly #stream: SignalStream;
  readonly #plan = new Plan();
  readonly #warning: BudgetWarning;
  readonly #machine = new StateMachine();
  readonly #groups: GuardedGroups;
  readonly #attachments: Attachments;
  readonly #signals = new SecondSignal();
  #course: Course | undefined;
  #stage: string | null = null;
  #closed = false;
  #resolve: (result: ShutdownResult) => void = () => {};
  readonly done: Promise<ShutdownResult> = new Promise((resolve) => (this.#resolve = resolve));

  constructor(settings: Settings, guard: Guard, stream: SignalStream) {
    this.#settings = settings;
    this.#guard = guard;
    this.#stream = stream;
    this.#groups = new GuardedGroups(guard);
    this.#attachments = new Attachments(this.#groups);
    this.#warning = new BudgetWarning(this.#plan, settings);
    void this.#listen();
  }

  get state(): ShutdownState {
    return this.#machine.state;
  }

  stage(name: string, options?: StageOptions): this {
    this.#refuseClosed();
    this.#plan.stage(name, options);
    this.#warning.checkLater();
    return this;
  }

  add(name: string, hook: Hook | Participant, options?: HookOptions): this {
    this.#refuseClosed();
    this.#plan.add(name, this.#attachments.follow(hook), options);
    try {
      this.#attachments.add(name, hook);
    } catch (error) {
      this.remove(name);
      throw error;
    }
    if (this.state === 'running') this.#describe(this.#plan.graph.names());
    return this;
  }

  remove(name: string): boolean {
    const removed = this.#plan.graph.remove(name);
    if (removed) this.#attachments.remove(name);
    if (removed && this.state === 'running') this.#describe(this.#plan.graph.names());
    return removed;
  }

  shutdown(reason?: unknown): Promise<ShutdownResult> {
    if (this.#course !== undefined) return this.done;
    if (this.#closed) return Promise.reject(closedError());
    this.#begin({ info: null, reason });
    return this.done;
  }

  transitions(): AsyncIterableIterator<Transition> {
    return this.#machine.read();
  }

  addGroup(pgid: number): void {
    this.#refuseClosed();
    this.#groups.add(pgid);
  }

  removeGroup(pgid: number): void {
    this.#groups.remove(pgid);
  }

  close(): void {
    if (this.#closed || this.#course !== undefined) return;
    this.#release();
    this.#machine.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    if (this.#course !== undefined) await this.done;
  }

  async #listen(): Promise<void> {
    for await (const info of this.#stream) this.#onSignal(info);
  }

  #onSignal(info: SignalInfo): void {
    // It was taken while close() was under way, and does now what it would have done a moment later.
    if (this.#closed) return this.#course === undefined ? kill(process.pid, info.signal) : undefined;
    const isSecond = this.#signals.isSecond(info);
    if (this.#course === undefined) this.#begin({ info, reason: info.signal });
    else if (isSecond && this.#settings.forceOnSecond) this.#force(secondSignal(info));
  }

  #begin(cause: Cause): void {
    const { budgetMs } = this.#settings;
    const beganAt = cause.info?.time ?? performance.now();
    const budget = new Budget(budgetMs, this.#guard, beganAt, {
      expire: () => this.#force(timeoutError('shutdown', budgetMs)),
      extended: () => this.#report(budget),
    });
    this.#course = new Course(this.#plan, cause, budget, {
      stageBegins: (stage) => this.#stageBegins(stage, budget),
      changed: (running) => this.#describe(running),
    });
    this.#guard.begin();
    // A hook may wait for what keeps nothing alive, and no timer of JavaScript lasts as long as the guard.
    this.#stream.ref();
    this.#enter('draining', this.#settings.drainDelayMs > 0 ? null : this.#plan.stages.next());
    this.#report(budget);
    void this.#complete(this.#course, cause, beganAt, budget);
  }

  async #complete(course: Course, cause: Cause, beganAt: number, budget: Budget): Promise<void> {
    const { drainDelayMs, exit } = this.#settings;
    const stopReporting = reportForeignExit(() => this.#stage);
    await course.run(drainDelayMs);
    budget.clear();
    stopReporting();
    const { forced, results: hooks } = course;
    const failed = forced || hooks.some(({ outcome }) => outcome !== 'done');
    const status = exitStatus(exit, cause.info?.signal ?? null, failed);
    if (exit === 'none') this.#release();
    this.#enter(forced ? 'forced' : 'exited', forced ? this.#stage : null);
    this.#resolve({ ...cause, forced, durationMs: performance.now() - beganAt, hooks, ...status });
    // Who awaits the result has a turn of the event loop; the guard sees to it that it is no more.
    if (exit !== 'none') setImmediate(() => this.#leave(status, forced));
  }

  #leave(status: ExitStatus, forced: boolean): void {
    if (forced) this.#groups.kill();
    leave(status);
  }

  #stageBegins(stage: string, budget: Budget): void {
    this.#stage = stage;
    if (this.state === 'draining' && !this.#plan.stages.isDraining(stage)) this.#enter('stopping', stage);
    this.#report(budget);
  }

  #report(budget: Budget): void {
    const progress: Progress = { shutdown: this, stage: this.#stage, remainingMs: budget.remainingMs() };
    progressChannel.publish(progress);
  }

  #enter(state: ShutdownState, stage: string | null): void {
    this.#machine.enter(state, stage);
    this.#describe([]);
  }

  // The guard forces a process that is to end, and by itself.
  #force(error: Error): void {
    if (this.#settings.exit === 'none') this.#course?.force(error);
  }

  #describe(hooks: readonly string[]): void {
    const colon = this.state === 'running' ? ', not begun: ' : ': ';
    this.#guard.describe(hooks.length === 0 ? this.state : `${this.state}${colon}${hooks.join(', ')}`);
  }

  #refuseClosed(): void {
    if (this.#closed && this.#course === undefined) throw closedError();
  }

  #release(): void {
    this.#closed = true;
    this.#attachments.removeAll();
    // First, as what comes meanwhile begins nothing any more.
    this.#guard.close();
    this.#stream.close();
  }
}

function closedError(): SigkitError {
  return new SigkitError('ERR_SIGKIT_CLOSED', 'this shutdown has been closed');
}

function secondSignal({ signal, pid }: SignalInfo): Error {
  return new DOMException(
    `${signal} came${pid === null ? '' : ` from process ${pid}`}, as a second signal`,
    'AbortError',
  );
}

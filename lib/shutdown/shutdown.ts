import { outOfRange, SigkitError } from '../errors.js';
import { getpgrp } from '../process/groups.js';
import { toInteger } from '../signals/arguments.js';
import { kill } from '../signals/send.js';
import type { SignalInfo } from '../signals/signal-info.js';
import { openStream, type SignalStream } from '../signals/stream.js';
import { BudgetWarning } from './budget-warning.js';
import { Course } from './course.js';
import { Deadline } from './deadline.js';
import { exitStatus, leave, reportForeignExit } from './exit.js';
import { type Guard, openGuard } from './guard.js';
import { type Settings, toSettings } from './options.js';
import { Plan } from './plan.js';
import { type Cause, timeoutError } from './run-hook.js';
import { StateMachine } from './transitions.js';
import type {
  Hook,
  HookOptions,
  Participant,
  Shutdown,
  ShutdownOptions,
  ShutdownResult,
  ShutdownState,
  StageOptions,
  Transition,
} from './types.js';

const maxPid = 2 ** 31 - 1;
const capacity = 1024;

class ProcessShutdown implements Shutdown {
  readonly #settings: Settings;
  readonly #guard: Guard;
  readonly #stream: SignalStream;
  readonly #plan = new Plan();
  readonly #warning: BudgetWarning;
  readonly #machine = new StateMachine();
  readonly #groups = new Set<number>();
  #course: Course | undefined;
  #stage: string | null = null;
  #signalled = false;
  #closed = false;
  #resolve: (result: ShutdownResult) => void = () => {};
  readonly done: Promise<ShutdownResult> = new Promise((resolve) => (this.#resolve = resolve));

  constructor(settings: Settings, guard: Guard, stream: SignalStream) {
    this.#settings = settings;
    this.#guard = guard;
    this.#stream = stream;
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
    this.#plan.add(name, hook, options);
    if (this.state === 'running') this.#describe(this.#plan.graph.names());
    return this;
  }

  remove(name: string): boolean {
    const removed = this.#plan.graph.remove(name);
    if (removed && this.state === 'running') this.#describe(this.#plan.graph.names());
    return removed;
  }

  async shutdown(reason?: unknown): Promise<ShutdownResult> {
    if (this.#course === undefined) {
      this.#refuseClosed();
      this.#begin({ info: null, reason });
    }
    return this.done;
  }

  transitions(): AsyncIterableIterator<Transition> {
    return this.#machine.read();
  }

  addGroup(pgid: number): void {
    const group = toInteger(pgid, 'pgid', 2, maxPid);
    if (group === getpgrp()) throw outOfRange('pgid', 'a group that this process is not in', pgid);
    if (this.#groups.has(group)) return;
    this.#guard.addGroup(group);
    this.#groups.add(group);
  }

  removeGroup(pgid: number): void {
    this.#guard.removeGroup(toInteger(pgid, 'pgid', 2, maxPid));
    this.#groups.delete(pgid);
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
    if (this.#course === undefined) this.#begin({ info, reason: info.signal });
    else if (this.#signalled && this.#settings.forceOnSecond) this.#force(secondSignal(info));
    this.#signalled = true;
  }

  #begin(cause: Cause): void {
    const { budgetMs } = this.#settings;
    const beganAt = cause.info?.time ?? performance.now();
    const deadline = new Deadline(budgetMs, () => this.#force(timeoutError('shutdown', budgetMs)), beganAt);
    const budget = {
      remainingMs: () => deadline.remainingMs(),
      extend: (byMs: number) => {
        deadline.extend(byMs);
        this.#guard.extend(byMs);
      },
    };
    this.#course = new Course(this.#plan, cause, budget, {
      stageBegins: (stage) => this.#stageBegins(stage),
      changed: (running) => this.#describe(running),
    });
    this.#guard.begin();
    // A hook may wait for what keeps nothing alive.
    this.#stream.ref();
    this.#enter('draining', this.#settings.drainDelayMs > 0 ? null : this.#plan.stages.next());
    void this.#complete(this.#course, cause, beganAt, deadline);
  }

  async #complete(course: Course, cause: Cause, beganAt: number, deadline: Deadline): Promise<void> {
    const { drainDelayMs, exit } = this.#settings;
    const stopReporting = reportForeignExit(() => this.#stage);
    await course.run(drainDelayMs);
    deadline.clear();
    stopReporting();
    const { forced, results: hooks } = course;
    const failed = forced || hooks.some(({ outcome }) => outcome !== 'done');
    const status = exitStatus(exit, cause.info?.signal ?? null, failed);
    if (exit === 'none') this.#release();
    this.#enter(forced ? 'forced' : 'exited', forced ? this.#stage : null);
    this.#resolve({ ...cause, forced, durationMs: performance.now() - beganAt, hooks, ...status });
    // Who awaits the result has a turn of the event loop; the guard sees to it that it is no more.
    if (exit !== 'none') setImmediate(() => leave(status, forced ? this.#groups : []));
  }

  #stageBegins(stage: string): void {
    this.#stage = stage;
    if (this.state === 'draining' && !this.#plan.stages.isDraining(stage)) this.#enter('stopping', stage);
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
    if (this.#closed && this.#course === undefined)
      throw new SigkitError('ERR_SIGKIT_CLOSED', 'this shutdown has been closed');
  }

  #release(): void {
    this.#closed = true;
    this.#stream.close();
    this.#guard.close();
  }
}

function secondSignal({ signal, pid }: SignalInfo): Error {
  return new DOMException(
    `${signal} came${pid === null ? '' : ` from process ${pid}`}, as a second signal`,
    'AbortError',
  );
}

/**
 * Takes the signals that end this process, and stops what it does in order when one comes: the hooks of five stages, within
 * a budget that a native thread keeps, whatever JavaScript does meanwhile. One in a process. Does not keep it alive.
 * @throws ERR_SIGKIT_SHUTDOWN_OPEN, ERR_SIGKIT_MAIN_THREAD_ONLY, ERR_SIGKIT_UNCLAIMABLE, ERR_SIGKIT_UNREACHABLE_THREADS,
 * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function createShutdown(options?: ShutdownOptions): Shutdown {
  const settings = toSettings(options);
  const guard = openGuard(settings);
  try {
    // Nothing is to end the process natively that is not to end at all.
    if (settings.exit === 'none') guard.end();
    const { mask } = settings;
    const claim = { mask, capacity, overflow: 0, exclusive: true, byLoop: false, once: false, ref: false };
    return new ProcessShutdown(settings, guard, openStream(claim));
  } catch (error) {
    guard.close();
    throw error;
  }
}

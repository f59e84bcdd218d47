import { SigkitError } from '../base/errors.js';
import { tellOf } from '../base/told.js';
import { kill } from '../signals/send.js';
import type { SignalInfo } from '../signals/signal-info.js';
import type { SignalStream } from '../signals/stream.js';
import { Attachments } from './attachments.js';
import { BudgetWarning } from './course/budget-warning.js';
import { Ending } from './course/ending.js';
import { leave } from './course/exit.js';
import { expectNoReaders, outputWritten } from './course/output.js';
import { Plan } from './course/plan.js';
import type { Cause } from './course/run-hook.js';
import { SecondSignal, secondSignalError } from './course/second-signal.js';
import { GuardedGroups } from './groups.js';
import type { Guard } from './guard.js';
import { callAsking, listenersHook, runListeners, SilentListeners } from './listeners.js';
import { OpenServers } from './open-servers.js';
import type { Settings } from './options.js';
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
  readonly #second: SecondSignal;
  readonly #silent: SilentListeners;
  readonly #servers = new OpenServers();
  readonly #since = performance.now();
  readonly #tellNoMore = tellOf('shutdowns', () => ({ state: this.state, waitsFor: this.#described }));
  #described: readonly string[] = [];
  #ending: Ending | undefined;
  #closed = false;
  #resolve: (result: ShutdownResult) => void = () => {};
  readonly done: Promise<ShutdownResult> = new Promise((resolve) => (this.#resolve = resolve));

  constructor(settings: Settings, guard: Guard, stream: SignalStream) {
    this.#settings = settings;
    this.#guard = guard;
    this.#stream = stream;
    this.#second = new SecondSignal(settings.forcing);
    this.#groups = new GuardedGroups(guard);
    this.#attachments = new Attachments(this.#groups);
    this.#warning = new BudgetWarning(this.#plan, settings);
    this.#silent = new SilentListeners(settings.mask);
    if (settings.listeners === 'warn') this.#silent.warn();
    if (settings.listeners === 'hook') this.add(listenersHook, runListeners, { stage: 'stop-accepting' });
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
    if (this.#ending !== undefined) return this.done;
    if (this.#closed) return Promise.reject(closedError());
    this.#begin({ info: null, reason });
    return this.done;
  }

  transitions(): AsyncIterableIterator<Transition> {
    return this.#machine.read();
  }

  addGroup(pgid: number): void {
    if (this.#closed) throw closedError();
    this.#groups.add(pgid, this);
  }

  removeGroup(pgid: number): void {
    this.#groups.remove(pgid);
  }

  close(): void {
    if (this.#closed || this.#ending !== undefined) return;
    this.#release();
    this.#machine.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    if (this.#ending !== undefined) await this.done;
  }

  async #listen(): Promise<void> {
    for await (const info of this.#stream) this.#onSignal(info);
  }

  #onSignal(info: SignalInfo): void {
    // It was taken while close() was under way, and does now what it would have done a moment later.
    if (this.#closed) return this.#ending === undefined ? kill(process.pid, info.signal) : undefined;
    callAsking(info.number);
    const forces = this.#second.forces(info);
    if (this.#ending === undefined) this.#begin({ info, reason: info.signal });
    else if (forces) this.#ending.force(secondSignalError(info));
  }

  #begin(cause: Cause): void {
    const ending = new Ending(cause, {
      shutdown: this,
      settings: this.#settings,
      plan: this.#plan,
      guard: this.#guard,
      since: this.#since,
      enter: (state, stage) => this.#enter(state, stage),
      changed: (running) => this.#describe(running),
      leftOpen: () =>
        this.#settings.exit === 'none' ? { listening: [], cutsRequests: false } : this.#servers.leftOpen(),
    });
    this.#ending = ending;
    this.#guard.begin();
    // A hook may wait for what keeps nothing alive, and no timer of JavaScript lasts as long as the guard.
    this.#stream.ref();
    void this.#complete(ending);
  }

  async #complete(ending: Ending): Promise<void> {
    const { exit } = this.#settings;
    const result = await ending.run();
    const { forced } = result;
    if (exit === 'none') this.#release();
    else expectNoReaders();
    this.#enter(forced ? 'forced' : 'exited', forced ? ending.stage : null);
    this.#resolve(result);
    // Who awaits the result has a turn of the event loop; the guard sees to it that it is no more.
    if (exit !== 'none') setImmediate(() => void this.#leave(result, ending.allotMs()));
  }

  async #leave(result: ShutdownResult, outputMs: number): Promise<void> {
    const unwritten = await outputWritten(outputMs, (streams) => this.#describe(streams));
    if (unwritten.length > 0) this.#guard.tellDeadline();
    if (result.forced) this.#groups.kill();
    leave(result);
  }

  #enter(state: ShutdownState, stage: string | null): void {
    if (state === 'stopping' && this.#settings.exit !== 'none') this.#servers.look();
    this.#machine.enter(state, stage);
    this.#describe([]);
  }

  #describe(hooks: readonly string[]): void {
    this.#described = hooks;
    const colon = this.state === 'running' ? ', not begun: ' : ': ';
    this.#guard.describe(hooks.length === 0 ? this.state : `${this.state}${colon}${hooks.join(', ')}`);
  }

  #refuseClosed(): void {
    if (this.#closed && this.#ending === undefined) throw closedError();
  }

  #release(): void {
    this.#closed = true;
    this.#tellNoMore();
    this.#attachments.removeAll();
    this.#silent.close();
    // First, as what comes meanwhile begins nothing any more.
    this.#guard.close();
    this.#stream.close();
  }
}

function closedError(): SigkitError {
  return new SigkitError('ERR_SIGKIT_CLOSED', 'this shutdown has been closed');
}

import { setTimeout as delay } from 'node:timers/promises';

import { invalidArgType } from '../../base/errors.js';
import { KeepAlive } from '../../base/keep-alive.js';
import { native } from '../../base/native.js';
import { type Signal, signalNumber } from '../../signals/names.js';
import { endGroupOf } from '../ending/end-group-of.js';
import { type GroupRef, openGroup } from '../group-ref.js';
import { isOwnGroup } from '../groups.js';
import type { JobUsage } from '../contain/cgroup.js';
import type { Contained, ContainmentKind, LeftProcess } from '../contain/containment.js';
import type { WaitResult } from '../wait-status.js';
import { sendTo } from '../waiting/handle.js';
import type { Keeper } from '../waiting/keeper.js';
import { StateChanges } from '../waiting/state-changes.js';
import { give, takeBack } from './given-stream.js';
import { childHasEnded, come, type OurEnd } from './our-end.js';
import type { SpawnRequest } from './spawn-request.js';
import type { Stdio, StreamAt, StreamsBy } from './stdio-types.js';
import { openStreams } from './stdio.js';
import { Terminal } from './terminal.js';

const constructing = Symbol('constructing');
const graceMs = 5000;
const retryMs = 20;
const sigterm = 15;

/** How a child of `spawn()` ended. */
export interface SpawnResult extends WaitResult {
  /** Whether `signal` had aborted before. */
  readonly aborted: boolean;
}

/** A child process that `spawn()` has started. It is reaped when it exits, whether anybody waits for it or not. */
export class SpawnedProcess<Given extends Stdio | undefined = Stdio> implements AsyncDisposable {
  readonly pid: number;
  /** The group that it was put into; its own pid if it leads one. */
  readonly processGroup: number;
  readonly stdin: StreamAt<Given, '0'>;
  readonly stdout: StreamAt<Given, '1'>;
  readonly stderr: StreamAt<Given, '2'>;
  /** By descriptor; null where there is no pipe. */
  readonly stdio: StreamsBy<Given>;
  /** Our end of the terminal of its own; null without the option `terminal`. */
  readonly terminal: Terminal | null;
  /**
   * How it ended, once it has. Rejects with what `spawn()` would have thrown, if it was stopped before its program was executed
   * (Ctrl-Z), and that fails when it goes on.
   */
  readonly exited: Promise<SpawnResult>;

  /** By what nothing of it outlives it; null without `contain`. */
  readonly containment: ContainmentKind | null;
  /** Who was still there when the command had ended, or was ended, and how each ended. Nobody without `contain`. */
  readonly left: Promise<readonly LeftProcess[]>;
  /** What all of the job has used, once it has ended: of one in a cgroup, else null. */
  readonly jobUsage: Promise<JobUsage | null>;

  readonly #request: SpawnRequest;
  readonly #keeper: Keeper;
  readonly #pipes: readonly (OurEnd | null)[];
  readonly #changes: StateChanges;
  readonly #alive = new KeepAlive();
  #closed: Promise<SpawnResult> | undefined;
  #result: WaitResult | undefined;
  /** Of its group, if that has outlived it. */
  #group: GroupRef | undefined;
  #ended = false;
  #aborted = false;
  #resolve: (result: SpawnResult) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #detach: () => void = () => {};

  /** @internal */
  constructor(
    key: symbol,
    request: SpawnRequest,
    keeper: Keeper | Contained,
    ends: readonly number[],
    terminal: number,
  ) {
    if (key !== constructing) throw invalidArgType('new SpawnedProcess', 'replaced by a call of spawn()', undefined);
    const { pid } = keeper;
    this.pid = pid;
    this.#request = request;
    this.#keeper = keeper;
    this.containment = 'kind' in keeper ? keeper.kind : null;
    this.left = 'kind' in keeper ? keeper.left : Promise.resolve([]);
    this.jobUsage = 'kind' in keeper ? keeper.jobUsage : Promise.resolve(null);
    this.exited = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who never looks at it must not be ended by it.
    this.exited.catch(() => {});
    this.#changes = new StateChanges(keeper);
    keeper.onEnd(() => this.#onExit());
    keeper.adopt(() => this.#collect());
    this.ref();
    this.processGroup = request.leadsGroup ? pid : Math.max(0, native().getpgid(pid));
    const pipes = openStreams(request.sources, ends);
    this.terminal = request.terminal === undefined ? null : new Terminal(terminal, request.terminal);
    this.#pipes = [...pipes, this.terminal];
    const [stdin, stdout, stderr] = pipes;
    // By what the caller has given: spawn() knows the type.
    this.stdio = (this.terminal === null ? pipes : [null, null, null]) as unknown as StreamsBy<Given>;
    this.stdin = (stdin ?? null) as StreamAt<Given, '0'>;
    this.stdout = (stdout ?? null) as StreamAt<Given, '1'>;
    this.stderr = (stderr ?? null) as StreamAt<Given, '2'>;
    if (request.signal !== undefined) this.#endOnAbort(request.signal);
    // Last: listeners of 'pause' may throw.
    give(request.given);
  }

  /** @internal */
  static start<Given extends Stdio | undefined>(
    request: SpawnRequest,
    keeper: Keeper | Contained,
    ends: readonly number[],
    terminal: number,
  ): SpawnedProcess<Given> {
    return new SpawnedProcess<Given>(constructing, request, keeper, ends, terminal);
  }

  /**
   * How it ended, once it has, and all that has been written to its pipes has come: to their readers, or, where nobody reads,
   * into the buffers of the streams. Others who have them, children of it, are waited for. Rejects as `exited` does.
   */
  get closed(): Promise<SpawnResult> {
    const child = checked(this);
    child.#closed ??= child.#whenClosed();
    child.#closed.catch(() => {});
    return child.#closed;
  }

  /**
   * Sends it a signal, with a value if one is given (SI_QUEUE); 0 only checks.
   * @returns false if it has ended and been reaped
   * @throws EPERM, EAGAIN (its queue is full), ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  kill(sig: Signal = 'SIGTERM', value?: number | bigint): boolean {
    const child = checked(this);
    return sendTo(child.#ended ? null : child.#keeper.ref, sig, value);
  }

  /**
   * Its changes of state from here on: stopped, continued, and at last exited. The kernel keeps only the latest, so a stop
   * that is continued at once may be seen as its continuation alone.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<WaitResult, undefined, undefined> {
    const child = checked(this);
    return child.#changes.iterate(child.#result);
  }

  /** Keeps this process alive while the child runs: the default. */
  ref(): this {
    const child = checked(this);
    child.#alive.set(!child.#ended);
    return this;
  }

  /** Lets this process end although the child runs. Open pipes of it count for themselves. */
  unref(): this {
    checked(this).#alive.set(false);
    return this;
  }

  /**
   * Ends it, and the whole group if it has been given one of its own, also when it has ended before: SIGTERM first and SIGKILL
   * after five seconds. Resolves once it has been reaped.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = checked(this);
    for (const pipe of child.#pipes) pipe?.destroy();
    await child.#terminate();
  }

  async #whenClosed(): Promise<SpawnResult> {
    const result = await this.exited;
    for (const pipe of this.#pipes) if (pipe !== null) await come(pipe);
    return result;
  }

  async #terminate(): Promise<void> {
    if (this.#keeper.endAll !== undefined) {
      this.#keeper.endAll(sigterm, graceMs, this.#alive.on);
      await this.exited;
      return;
    }
    const group = this.#ownGroup();
    if (group !== undefined) await endGroupOf(group, graceMs, this.#ended || this.#alive.on);
    else if (this.#request.leadsGroup && !this.#ended) this.#signalGroupByNumber();
    // Else its descriptor stays until it is collected.
    if (group !== this.#group) group?.close();
    // It may have left its group.
    await this.#terminateAlone();
  }

  #ownGroup(): GroupRef | undefined {
    try {
      return this.#request.leadsGroup ? SpawnedProcess.groupOf(this) : undefined;
    } catch {
      // For want of a descriptor: the child itself needs none.
      return undefined;
    }
  }

  // For want of a descriptor. Its leader has not been reaped, so the number is still that of its group.
  #signalGroupByNumber(): void {
    if (native().getpgid(this.pid) !== this.pid) return;
    native().kill(-this.pid, sigterm);
    native().kill(-this.pid, signalNumber('SIGCONT'));
  }

  async #terminateAlone(): Promise<void> {
    const cancel = new AbortController();
    if (this.kill('SIGTERM')) {
      // What is stopped takes no signal but these two.
      this.kill('SIGCONT');
      const late = delay(graceMs, undefined, { ref: this.#alive.on, signal: cancel.signal });
      await Promise.race([this.exited, late]);
      this.kill('SIGKILL');
    }
    cancel.abort();
    await this.exited;
  }

  #endOnAbort(signal: AbortSignal): void {
    const onAbort = (): void => {
      this.#aborted = !this.#keeper.hasExited();
      this.#terminate().catch(() => {});
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#detach = () => signal.removeEventListener('abort', onAbort);
  }

  #onExit(): void {
    this.#collect();
    if (this.#ended) return;
    // A tracer that has not let go of it yet is told first (ptrace(2)).
    setTimeout(() => this.#keeper.ref.onExit(() => this.#onExit()), retryMs);
  }

  #collect(): WaitResult | null {
    if (this.#ended) return null;
    this.#changes.look();
    this.#group ??= this.#groupAtExit();
    const taken = this.#keeper.take();
    if (taken === null) return null;
    if (this.#group?.isEmpty === true) this.#group = undefined;
    this.#end();
    if (taken instanceof Error) {
      this.#reject(taken);
      this.#changes.end(null);
      return null;
    }
    this.#result = taken;
    this.#resolve({ ...taken, aborted: this.#aborted });
    this.#changes.end(taken);
    return taken;
  }

  // Before it is reaped, as its group's number is certain until then.
  #groupAtExit(): GroupRef | undefined {
    if (isOwnGroup(this.processGroup) || this.processGroup < 2 || native().peekExit(this.pid) <= 0) return undefined;
    try {
      return openGroup(this.processGroup);
    } catch {
      // For want of a descriptor: the group is lost sight of, and nobody is hit in its place.
      return undefined;
    }
  }

  /** @internal Its group, whatever has got that number since; undefined if that has ended. @throws EMFILE and its like */
  static groupOf(child: SpawnedProcess): GroupRef | undefined {
    return child.#ended ? child.#group : openGroup(child.processGroup);
  }

  /** @internal Ends a contained job as a whole; false if it is none. */
  static endJob(child: SpawnedProcess, sig: number, afterMs: number): boolean {
    child.#keeper.endAll?.(sig, afterMs, child.#alive.on);
    return child.#keeper.endAll !== undefined;
  }

  #end(): void {
    this.#ended = true;
    this.#keeper.release();
    this.#detach();
    this.#alive.set(false);
    takeBack(this.#request.given);
    for (const pipe of this.#pipes) if (pipe !== null) childHasEnded(pipe);
  }

  /** @internal */
  static is(value: object): boolean {
    return #keeper in value;
  }
}

function checked(value: SpawnedProcess): SpawnedProcess {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || !SpawnedProcess.is(value))
    throw invalidArgType('this', 'a SpawnedProcess of this copy of sigkit', value);
  return value;
}

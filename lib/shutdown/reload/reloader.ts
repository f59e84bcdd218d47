import diagnosticsChannel from 'node:diagnostics_channel';
import { setImmediate as turn } from 'node:timers/promises';

import { SigkitError } from '../../base/errors.js';
import { kill } from '../../signals/send.js';
import type { SignalInfo } from '../../signals/signal-info.js';
import type { SignalStream } from '../../signals/stream.js';
import { Notifier } from '../../systemd/notify.js';
import type { NotifyState } from '../../systemd/protocol.js';
import { tell } from '../tell.js';
import { type ReloadFailure, type ReloadSteps, statusOf, takeSteps } from './reload-run.js';

/** What a terminal that hangs up does: the same as `kill -HUP`, nothing, or what the function does. */
export type OnHangup = 'reload' | 'ignore' | ((info: SignalInfo) => unknown);

/** How one reload ended. The channel `sigkit:reload` of `node:diagnostics_channel` gets each. */
export interface ReloadOutcome {
  /** The generation in effect after it; it has been raised if the reload has not failed. */
  readonly generation: number;
  /** Null if the new configuration is in effect. */
  readonly failure: ReloadFailure | null;
  /** The signal that asked for it first, with its sender; null if that was done by hand. */
  readonly info: SignalInfo | null;
  readonly reason: unknown;
  /** How many signals and calls it answers, as far as they could be told apart. */
  readonly requests: number;
  /** When it began, on the scale of `performance.now()`, and for how long it lasted. */
  readonly time: number;
  readonly durationMs: number;
}

/** Replaces a configuration by a newer one when it is asked to. Made by `onReload()`. */
export interface Reloader<Config> extends AsyncDisposable {
  /** How many reloads have succeeded. */
  readonly generation: number;
  /** The configuration in effect. */
  readonly config: Config | undefined;
  readonly reloading: boolean;
  /** How the last one ended; null before the first. */
  readonly last: ReloadOutcome | null;
  /** As the signal does, also at the start: joins the reload that is to come, if one is under way. @throws ERR_SIGKIT_CLOSED */
  reload(reason?: unknown): Promise<ReloadOutcome>;
  /** Ends the claim. A reload that is under way gets no further than to its next step. */
  close(): void;
}

interface Request {
  readonly info: SignalInfo | null;
  readonly reason: unknown;
  count: number;
  readonly outcome: Promise<ReloadOutcome>;
  readonly resolve: (outcome: ReloadOutcome) => void;
  readonly reject: (error: Error) => void;
}

interface Settings<Config> {
  readonly steps: ReloadSteps<Config>;
  readonly onHangup: OnHangup;
  readonly notifier: Notifier | undefined;
}

const channel = diagnosticsChannel.channel('sigkit:reload');
const hangupNumber = 1;

/** What `onReload()` makes. */
export class ConfigReloader<Config> implements Reloader<Config> {
  readonly #stream: SignalStream;
  readonly #settings: Settings<Config>;
  readonly #closing = new AbortController();
  #waiting: Request | undefined;
  #running: Promise<void> | undefined;
  #config: Config | undefined;
  #generation = 0;
  #last: ReloadOutcome | null = null;

  constructor(stream: SignalStream, settings: Settings<Config>, initial: Config | undefined) {
    this.#stream = stream;
    this.#settings = settings;
    this.#config = initial;
    void this.#listen();
  }

  get generation(): number {
    return this.#generation;
  }

  get config(): Config | undefined {
    return this.#config;
  }

  get reloading(): boolean {
    return this.#running !== undefined;
  }

  get last(): ReloadOutcome | null {
    return this.#last;
  }

  reload(reason?: unknown): Promise<ReloadOutcome> {
    if (this.#closing.signal.aborted) return Promise.reject(closedError());
    return this.#request(null, reason, 1);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closedError());
    this.#stream.close();
    this.#waiting?.reject(closedError());
    this.#waiting = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#running;
  }

  async #listen(): Promise<void> {
    for await (const info of this.#stream) this.#onSignal(info);
  }

  #onSignal(info: SignalInfo): void {
    // It was taken while close() was under way, and does now what it would have done a moment later.
    if (this.#closing.signal.aborted) return kill(process.pid, info.signal);
    const { onHangup } = this.#settings;
    if (!isHangup(info) || onHangup === 'reload') return void this.#request(info, info.signal, info.count);
    // What it throws is for nobody here to catch.
    if (typeof onHangup === 'function') queueMicrotask(() => onHangup(info));
  }

  // One that comes while a reload is under way may ask for what that one has not seen: so there is one more after it, for all.
  #request(info: SignalInfo | null, reason: unknown, count: number): Promise<ReloadOutcome> {
    this.#waiting ??= newRequest(info, reason);
    this.#waiting.count += count;
    const { outcome } = this.#waiting;
    this.#running ??= this.#runAll();
    return outcome;
  }

  async #runAll(): Promise<void> {
    // Synchronous steps would be through before the second of many signals that came together has been read.
    await turn();
    for (let request = this.#take(); request !== undefined; request = this.#take()) {
      const outcome = await this.#run(request);
      this.#last = outcome;
      channel.publish(outcome);
      request.resolve(outcome);
    }
    this.#running = undefined;
  }

  #take(): Request | undefined {
    const request = this.#waiting;
    this.#waiting = undefined;
    return request;
  }

  async #run({ info, reason, count }: Request): Promise<ReloadOutcome> {
    const time = performance.now();
    const { notifier } = this.#settings;
    // Of a load at the start READY=1 would say that the start is over, and RELOADING=1 needs one.
    const isReload = notifier !== undefined && Notifier.hasToldReady(notifier);
    if (isReload) this.#tell({ reloading: true });
    const { signal } = this.#closing;
    const context = { info, reason, current: this.#config, generation: this.#generation + 1, signal };
    const result = await takeSteps(this.#settings.steps, context);
    const failure = 'failure' in result ? result.failure : null;
    if ('next' in result) {
      this.#config = result.next;
      this.#generation += 1;
    }
    this.#tell({ ready: isReload, status: statusOf(this.#generation, failure) });
    const durationMs = performance.now() - time;
    return { generation: this.#generation, failure, info, reason, requests: count, time, durationMs };
  }

  #tell(state: NotifyState): void {
    const { notifier } = this.#settings;
    if (notifier !== undefined) tell(notifier, state);
  }
}

// kill(1) and kill(2) have a sender; the kernel sends this one when the terminal is gone.
function isHangup({ number, code }: SignalInfo): boolean {
  return number === hangupNumber && code === 'SI_KERNEL';
}

function newRequest(info: SignalInfo | null, reason: unknown): Request {
  let resolve: Request['resolve'] = () => {};
  let reject: Request['reject'] = () => {};
  const outcome = new Promise<ReloadOutcome>((onResolve, onReject) => ([resolve, reject] = [onResolve, onReject]));
  // Who has asked by a signal does not wait for it.
  outcome.catch(() => {});
  return { info, reason, count: 0, outcome, resolve, reject };
}

function closedError(): SigkitError {
  return new SigkitError('ERR_SIGKIT_CLOSED', 'this reloader has been closed');
}

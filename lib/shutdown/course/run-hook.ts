import { toInteger } from '../../base/arguments.js';
import type { SignalInfo } from '../../signals/signal-info.js';
import type { Hook, HookContext, HookResult } from '../types.js';
import { Deadline } from './deadline.js';
import type { HookEntry } from './hook-graph.js';
import type { Stage } from './stages.js';

/** The shutdown, as its hooks see it. */
export interface Cause {
  readonly info: SignalInfo | null;
  readonly reason: unknown;
}

/** A limit around a hook: of its stage, or of the whole shutdown. */
export interface Limit {
  remainingMs(): number;
  extend(byMs: number): void;
}

/** Why a hook is given up: its time or its stage's is over, or there is to be an end now. */
export type GivenUp = 'time' | 'force';

/** One hook that runs. */
export class HookRun {
  readonly #controller = new AbortController();
  readonly #startedAt = performance.now();
  readonly #name: string;
  readonly #stage: string;
  readonly #expected: boolean;
  readonly #deadline: Deadline;
  readonly #limits: readonly Limit[];
  readonly #end: (result: HookResult) => void;
  #ended = false;

  /** `outer`: the limits around it. `end` is called once, never before `start` returns. */
  constructor(
    { name, timeoutMs, expected }: HookEntry,
    stage: Stage,
    outer: readonly Limit[],
    end: (result: HookResult) => void,
  ) {
    this.#name = name;
    this.#stage = stage.name;
    this.#expected = expected || stage.expected;
    this.#end = end;
    this.#deadline = new Deadline(timeoutMs, (limitMs) => this.giveUp(timeoutError(`hook '${name}'`, limitMs), 'time'));
    this.#limits = [this.#deadline, ...outer];
  }

  /** `results`: of the hooks that have ended, as they are added. */
  start(hook: Hook, cause: Cause, results: readonly HookResult[]): void {
    void this.#run(hook, this.#context(cause, results));
  }

  /** Aborts the hook's signal, and ends without it. */
  giveUp(error: Error, because: GivenUp): void {
    if (this.#ended) return;
    const planned = this.#expected && because === 'time';
    this.#finish({ outcome: 'timed-out', error, ...(planned ? { expected: true } : {}) });
    this.#controller.abort(error);
  }

  async #run(hook: Hook, context: HookContext): Promise<void> {
    try {
      // Also what it throws before its first await comes later.
      await new Promise((resolve) => resolve(hook(context)));
      this.#finish({ outcome: 'done' });
    } catch (error) {
      this.#finish({ outcome: 'failed', error });
    }
  }

  #context({ info, reason }: Cause, results: readonly HookResult[]): HookContext {
    return {
      signal: this.#controller.signal,
      info,
      reason,
      stage: this.#stage,
      get results() {
        return [...results];
      },
      remainingMs: () => Math.min(...this.#limits.map((limit) => limit.remainingMs())),
      extend: (ms) => this.#extend(ms),
    };
  }

  #extend(ms: unknown): void {
    // What is computed from remainingMs() is no integer.
    const byMs = toInteger(typeof ms === 'number' ? Math.ceil(ms) : ms, 'ms', 0, 2 ** 31 - 1);
    if (this.#ended) return;
    for (const limit of this.#limits) limit.extend(byMs);
  }

  #finish(end: Pick<HookResult, 'outcome' | 'error' | 'expected'>): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deadline.clear();
    const durationMs = performance.now() - this.#startedAt;
    this.#end({ name: this.#name, stage: this.#stage, durationMs, ...end });
  }
}

/** As AbortSignal.timeout() has it. */
export function timeoutError(what: string, limitMs: number, why: string = ''): Error {
  return new DOMException(`the ${what} has not ended within ${limitMs} ms${why}`, 'TimeoutError');
}

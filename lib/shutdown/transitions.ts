import diagnosticsChannel from 'node:diagnostics_channel';

import type { ShutdownState, Transition } from './types.js';

type Result = IteratorResult<Transition, undefined>;

const channel = diagnosticsChannel.channel('sigkit:shutdown');
const done: Result = { done: true, value: undefined };

/** The state of a shutdown, and who wants to know of its changes. */
export class StateMachine {
  #state: ShutdownState = 'running';
  #ended = false;
  readonly #readers = new Set<TransitionReader>();

  get state(): ShutdownState {
    return this.#state;
  }

  enter(to: ShutdownState, stage: string | null): void {
    const transition: Transition = { from: this.#state, to, time: performance.now(), stage };
    this.#state = to;
    for (const reader of this.#readers) reader.take(transition);
    channel.publish(transition);
    if (to === 'exited' || to === 'forced') this.end();
  }

  /** There will be no more changes. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.close();
  }

  read(): AsyncIterableIterator<Transition> {
    const reader = new TransitionReader(() => this.#readers.delete(reader));
    this.#readers.add(reader);
    if (this.#ended) reader.close();
    return reader;
  }
}

class TransitionReader implements AsyncIterableIterator<Transition, undefined, undefined> {
  readonly #leave: () => void;
  #queue: Transition[] = [];
  #waiting: ((result: Result) => void)[] = [];
  #closed = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  take(transition: Transition): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#queue.push(transition);
    else waiting({ done: false, value: transition });
  }

  close(): void {
    this.#closed = true;
    this.#leave();
    for (const waiting of this.#waiting.splice(0)) waiting(done);
  }

  next(): Promise<Result> {
    const transition = this.#queue.shift();
    if (transition !== undefined) return Promise.resolve({ done: false, value: transition });
    if (this.#closed) return Promise.resolve(done);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<Result> {
    this.#queue = [];
    this.close();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

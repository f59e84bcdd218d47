import type { Writable } from 'node:stream';

// Of one event: to be closed is what is listened for twice.
const listenersAtMost = 2;

// Many commands may write to one stream: Node warns of a leak at more than ten listeners.
function addToMaxListeners(stream: Writable, count: number): void {
  const most = stream.getMaxListeners();
  if (most > 0) stream.setMaxListeners(most + count);
}

function closedError(): Error {
  return new Error('The stream that the output goes to was closed');
}

/** One of several places that output goes to. */
export class Writer {
  readonly #stream: Writable;
  readonly #isOurs: boolean;
  #hasFailed = false;
  #onError: ((error: unknown) => void) | undefined;
  #onDrain: () => void = () => {};

  /** `isOurs`: it is ended with the output. */
  constructor(stream: Writable, isOurs: boolean) {
    this.#stream = stream;
    this.#isOurs = isOurs;
  }

  start(onDrain: () => void, onError: (error: unknown) => void): void {
    this.#onDrain = onDrain;
    this.#onError = onError;
    addToMaxListeners(this.#stream, listenersAtMost);
    // It tells nobody any more.
    if (this.#stream.destroyed) process.nextTick(this.#fail, closedError());
    this.#stream.on('drain', onDrain);
    this.#stream.on('error', this.#fail);
    this.#stream.on('close', this.#close);
  }

  /** Whether it has room for more. */
  take(bytes: Buffer): boolean {
    return this.#hasFailed || this.#stream.write(bytes);
  }

  /** Resolves once all is written; never rejects. */
  async end(): Promise<void> {
    if (!this.#hasFailed) await new Promise<void>((resolve) => this.#flush(resolve));
    addToMaxListeners(this.#stream, -listenersAtMost);
    this.#stream.off('drain', this.#onDrain);
    this.#stream.off('close', this.#close);
    if (!this.#isOurs) this.#stream.off('error', this.#fail);
  }

  /** Nothing was started that could write to it. */
  discard(): void {
    if (this.#isOurs) this.#stream.destroy();
  }

  #flush(done: () => void): void {
    this.#stream.once('close', done);
    if (this.#isOurs) return void this.#stream.end();
    const { writableLength } = this.#stream;
    const finished = (): void => {
      this.#stream.off('close', done);
      done();
    };
    if (writableLength === 0) finished();
    else this.#stream.write('', finished);
  }

  readonly #fail = (error: unknown): void => {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#onError?.(error);
    this.#onDrain();
  };

  readonly #close = (): void => {
    if (!this.#stream.writableFinished) this.#fail(closedError());
  };
}

import { Duplex } from 'node:stream';

import { LateOutput } from './late-output.js';

/** What a runtime has at our end of a pipe. */
interface Inner {
  ref?(): unknown;
  unref?(): unknown;
  pause?(): unknown;
  resume?(): unknown;
  write?(chunk: unknown, encoding: BufferEncoding, callback: (error?: Error | null) => void): unknown;
  end?(callback: () => void): unknown;
  readonly writableEnded?: boolean;
  readonly destroyed?: boolean;
  destroy(): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
}

// More than a pipe or a socket holds.
const roomAfterEnd = 2 ** 18;

/** As PipeEnd, where the pipe is a stream of child_process: that would throw away what nobody has read when the child ends. */
export class StreamEnd extends Duplex {
  readonly #inner: Inner;
  readonly #isRead: boolean;
  readonly #late: LateOutput;
  readonly #come: Promise<void>;
  #settle: () => void = () => {};
  #isGiven = false;
  #isAtEnd = false;

  constructor(inner: Inner, readable: boolean, writable: boolean) {
    const options = { readable, writable, allowHalfOpen: false };
    super(options);
    this.#inner = inner;
    this.#isRead = readable;
    this.#late = new LateOutput(this);
    this.#come = new Promise((resolve) => (this.#settle = resolve));
    inner.on('error', (error) => this.destroy(error as Error));
    if (!readable) return;
    inner.on('data', (chunk) => {
      if (!this.#take(chunk as Buffer)) inner.pause?.();
    });
    inner.on('end', () => this.#end());
    inner.on('close', () => this.#end());
  }

  static is(value: object): value is StreamEnd {
    return #come in value;
  }

  /** What child_process knows it by. */
  static innerOf(end: StreamEnd): object {
    return end.#inner;
  }

  /** As of PipeEnd. */
  static come(end: StreamEnd): Promise<void> {
    return end.#isRead ? end.#come : Promise.resolve();
  }

  static childHasEnded(end: StreamEnd): void {
    if (!end.#isRead) return void end.destroy();
    end.#late.childEnded = true;
    end.#takeIn();
  }

  static setGiven(end: StreamEnd, isGiven: boolean): void {
    end.#isGiven = isGiven;
    end.#late.wasGiven = true;
    if (isGiven) end.pause();
    end.#takeIn();
    if (!isGiven && end.#isRead) end.#inner.resume?.();
  }

  /** As of a net.Socket. */
  ref(): this {
    this.#inner.ref?.();
    return this;
  }

  /** As of a net.Socket. */
  unref(): this {
    this.#inner.unref?.();
    return this;
  }

  #take(chunk: Buffer): boolean {
    const fate = this.#late.fateOf(chunk.length);
    if (fate === 'usual') return this.push(chunk);
    if (fate === 'kept') this.push(chunk);
    if (fate === 'end') this.#end();
    return true;
  }

  #end(): void {
    if (this.#isAtEnd || this.destroyed) return;
    this.#isAtEnd = true;
    this.push(null);
    // Where there is nothing to read, nobody needs to come for it to end.
    this.read(0);
    this.#settleUnread();
  }

  #takeIn(): void {
    if (!this.#late.childEnded || this.destroyed) return;
    if (this.#isGiven) return this.#settle();
    this.#settleUnread();
    this.#late.room = roomAfterEnd;
    this.#inner.resume?.();
  }

  #settleUnread(): void {
    if (this.#late.childEnded && this.#isAtEnd && !this.#late.hasReader) this.#settle();
  }

  /** @internal */
  override _read(): void {
    if (!this.#isGiven) this.#inner.resume?.();
  }

  /** @internal */
  override _write(chunk: unknown, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // It is lost, as in a pipe whose reader has ended.
    if (this.#late.childEnded && this.#isAtEnd) callback();
    else this.#inner.write?.(chunk, encoding, callback);
  }

  /** @internal */
  override _final(callback: () => void): void {
    const { destroyed, writableEnded } = this.#inner;
    if (destroyed === true || writableEnded === true) callback();
    else this.#inner.end?.(() => callback());
  }

  /** @internal */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#inner.destroy();
    this.#settle();
    callback(error);
  }
}

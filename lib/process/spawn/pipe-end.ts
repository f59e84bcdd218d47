import { Socket } from 'node:net';

import { native } from '../../base/native.js';
import { LateOutput } from './late-output.js';

// What stands behind a stream of Node's.
interface Handle {
  readonly fd?: number;
  readonly bytesRead?: number;
  onread?: () => void;
  close(): void;
}

type Written = (error?: Error | null) => void;
export type Chunks = { chunk: unknown; encoding: BufferEncoding }[];

function handleOf(socket: Socket): Handle | null {
  return (socket as unknown as { readonly _handle: Handle | null })._handle;
}

/**
 * Our end of a pipe to a child, which outlives neither the child nor the pipe for want of a reader: when the child has ended,
 * what the pipe holds is taken in, and when nobody can write to it any more it is closed, although what was taken in can
 * still be read.
 */
export class PipeEnd extends Socket {
  readonly #isRead: boolean;
  readonly #come: Promise<void>;
  #settle: () => void = () => {};
  #isAtEnd = false;
  #isGiven = false;
  readonly #late = new LateOutput(this);
  /** Nobody is left at the other end: what is written is lost, as it is in a pipe whose reader ends, and no error. */
  #isReleased = false;

  /** Of a descriptor, or of what Node has made of one that is no pipe. */
  constructor(end: number | object, readable: boolean, writable: boolean) {
    super(typeof end === 'number' ? { fd: end, readable, writable } : ({ handle: end, readable, writable } as object));
    this.#isRead = readable;
    this.#come = new Promise((resolve) => (this.#settle = resolve));
  }

  static is(value: object): value is PipeEnd {
    return #come in value;
  }

  /**
   * Resolves once the child has ended and what it, and who else had the pipe, has written is with its reader; without a reader,
   * in the buffer. At once for one that has been given to another child.
   */
  static come(end: PipeEnd): Promise<void> {
    return end.#isRead ? end.#come : Promise.resolve();
  }

  static childHasEnded(end: PipeEnd): void {
    if (!end.#isRead) {
      end.destroy();
      return;
    }
    end.#late.childEnded = true;
    end.#takeIn();
  }

  static setGiven(end: PipeEnd, isGiven: boolean): void {
    end.#isGiven = isGiven;
    end.#late.wasGiven = true;
    end.#takeIn();
  }

  #takeIn(): void {
    if (!this.#late.childEnded || this.destroyed) return;
    if (this.#isGiven || isStandardIoOfNode(this)) {
      this.#settle();
    } else if (this.#isAtEnd) {
      this.#release();
    } else {
      this.#late.room = Math.max(this.held(handleOf(this)?.fd ?? -1), this.readableHighWaterMark - this.readableLength);
      this._read(0);
    }
  }

  /** @internal Called by Node with what it has read; false stops the reading. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk === null) return this.#pushEnd();
    const fate = this.#late.fateOf(chunk.length);
    if (fate === 'usual') return super.push(chunk, encoding);
    if (fate === 'kept') super.push(chunk, encoding);
    if (fate === 'end') super.push(null);
    return true;
  }

  #pushEnd(): boolean {
    const result = super.push(null);
    this.#isAtEnd = true;
    // Node has still something to do with the handle.
    if (this.#late.childEnded) process.nextTick(() => this.#release());
    return result;
  }

  /** @internal How much the kernel may hold for us. */
  protected held(fd: number): number {
    return native().unread(fd);
  }

  #release(): void {
    // Without anything unread it ends by itself. A write that is under way fails, and ends it.
    if (this.destroyed || this.readableLength === 0 || this.writableLength > 0) return;
    if (!this.#late.hasReader) this.#settle();
    const handle = handleOf(this);
    if (handle === null) return;
    Object.defineProperty(this, 'bytesRead', { value: handle.bytesRead, configurable: true });
    this.#isReleased = true;
    handle.onread = () => {};
    handle.close();
    Object.assign(this, { _handle: null });
  }

  /** @internal */
  override _write(chunk: unknown, encoding: BufferEncoding, callback: Written): void {
    if (this.#isReleased) callback();
    else super._write(chunk, encoding, callback);
  }

  /** @internal */
  override _writev(chunks: Chunks, callback: Written): void {
    if (this.#isReleased) callback();
    else super._writev?.(chunks, callback);
  }

  /** @internal */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    super._destroy(error, callback);
    // Not yet, if the reading could not be started.
    if (#come in this) this.#settle();
  }
}

// Node marks what it has given to a child of its own.
function isStandardIoOfNode(stream: object): boolean {
  return Object.getOwnPropertySymbols(stream).some(({ description }) => description === 'kIsUsedAsStdio');
}

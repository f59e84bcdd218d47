import { Socket } from 'node:net';

import { native } from '../../base/native.js';

// What stands behind a stream of Node's.
interface Handle {
  readonly fd?: number;
  readonly bytesRead?: number;
  onread?: () => void;
  close(): void;
}

type Written = (error?: Error | null) => void;
type Chunks = { chunk: unknown; encoding: BufferEncoding }[];

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
  #childEnded = false;
  #isAtEnd = false;
  #isGiven = false;
  #wasGiven = false;
  /** How much more is taken in after the child's end, whether anybody reads or not. */
  #room = 0;
  /** Nobody has read, and there was no room any more: the rest goes to nobody, so that who writes it can end. */
  #isCut = false;
  /** Nobody is left at the other end: what is written is lost, as it is in a pipe whose reader ends, and no error. */
  #isReleased = false;

  constructor(fd: number, readable: boolean, writable: boolean) {
    super({ fd, readable, writable });
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
    end.#childEnded = true;
    end.#takeIn();
  }

  static setGiven(end: PipeEnd, isGiven: boolean): void {
    end.#isGiven = isGiven;
    end.#wasGiven = true;
    end.#takeIn();
  }

  #takeIn(): void {
    if (!this.#childEnded || this.destroyed) return;
    if (this.#isGiven || isStandardIoOfNode(this)) {
      this.#settle();
    } else if (this.#isAtEnd) {
      this.#release();
    } else {
      const held = native().unread(handleOf(this)?.fd ?? -1);
      this.#room = Math.max(held, this.readableHighWaterMark - this.readableLength);
      this._read(0);
    }
  }

  // Who pauses a stream means to come back to it. One that another child had was paused by us.
  get #hasReader(): boolean {
    if (this.readableFlowing === true || this.listenerCount('readable') > 0 || this.listenerCount('data') > 0)
      return true;
    return this.readableFlowing === false && !this.#wasGiven;
  }

  /** @internal Called by Node with what it has read; false stops the reading. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk === null) return this.#pushEnd();
    if (this.#isCut) return true;
    if (!this.#childEnded || this.readableFlowing === true) return super.push(chunk, encoding);
    if (this.#room > 0) {
      this.#room -= chunk.length;
      super.push(chunk, encoding);
      return true;
    }
    if (this.#hasReader) return super.push(chunk, encoding);
    this.#isCut = true;
    super.push(null);
    return true;
  }

  #pushEnd(): boolean {
    const result = super.push(null);
    this.#isAtEnd = true;
    // Node has still something to do with the handle.
    if (this.#childEnded) process.nextTick(() => this.#release());
    return result;
  }

  #release(): void {
    // Without anything unread it ends by itself. A write that is under way fails, and ends it.
    if (this.destroyed || this.readableLength === 0 || this.writableLength > 0) return;
    if (!this.#hasReader) this.#settle();
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

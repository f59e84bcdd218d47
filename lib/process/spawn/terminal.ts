import { ReadStream } from 'node:tty';

import { toBoolean, toInteger } from '../../base/arguments.js';
import { fs } from '../../base/builtins.js';
import { systemError } from '../../base/errors.js';
import { exchanged, native } from '../../base/native.js';
import { type Chunks, PipeEnd } from './pipe-end.js';
import { maxSize, type TerminalRequest } from './terminal-options.js';

const ioError = -5;
// What such a terminal and its other end can hold.
const roomAtEnd = 2 ** 17;
const lineEnds = [10, 13];
// As Node's streams call it that bytes are given.
const bufferEncoding = 'buffer' as BufferEncoding;

/** Our end of a new terminal. @throws ENOSPC (there are too many), EMFILE, ENOENT (without /dev/ptmx) */
export function openTerminal({ columns, rows, raw }: TerminalRequest): number {
  const fd = native().openTerminal();
  if (fd < 0) throw systemError('open', fd, '/dev/ptmx');
  native().resizeTerminal(fd, columns, rows);
  if (raw) native().setTerminalRaw(fd, true);
  return fd;
}

/** Of one that no child has got. */
export function closeTerminal(fd: number): void {
  native().settle(fd);
  fs.closeSync(fd);
}

interface Handle {
  readonly fd: number;
}

// Of Node's own, for what is a terminal; the stream around it is not needed, and has read nothing yet.
function handleFor(fd: number): Handle {
  const stream = new ReadStream(fd, { manualStart: true } as object) as unknown as { _handle: Handle | null };
  const handle = stream._handle;
  stream._handle = null;
  if (handle === null) throw systemError('open', ioError);
  return handle;
}

/**
 * Our end of the terminal of a child: what it shows can be read, what is written has been typed. `end()` types the key that means end
 * of file; `destroy()` hangs up, which sends SIGHUP to the child. Ends when nobody has the other end any more.
 */
export class Terminal extends PipeEnd {
  readonly #handle: Handle;
  #last = 10;
  #size: readonly [columns: number, rows: number];
  #hasHungUp = false;

  /** @internal */
  constructor(fd: number, { columns, rows }: TerminalRequest) {
    const handle = handleFor(fd);
    super(handle, true, true);
    this.#handle = handle;
    this.#size = [columns, rows];
    native().settle(fd);
  }

  /** As it is now: the child may have changed it. */
  get columns(): number {
    return this.#look()[0];
  }

  /** As `columns`. */
  get rows(): number {
    return this.#look()[1];
  }

  /** Its foreground group gets SIGWINCH, if the size changes. Does nothing after the end. @throws ERR_OUT_OF_RANGE */
  resize(columns: number, rows: number): void {
    this.#size = [toInteger(columns, 'columns', 1, maxSize), toInteger(rows, 'rows', 1, maxSize)];
    if (this.#fd >= 0) native().resizeTerminal(this.#fd, columns, rows);
  }

  /**
   * true: what is typed reaches the child key by key, without echo, and no key sends a signal; false: as at the start. The child can
   * change it, too. Does nothing after the end.
   */
  setRawMode(raw: boolean): this {
    toBoolean(raw, 'raw', false);
    if (this.#fd >= 0) native().setTerminalRaw(this.#fd, raw);
    return this;
  }

  // -1 once it is closed.
  get #fd(): number {
    return this.destroyed || this.#hasHungUp ? -1 : this.#handle.fd;
  }

  #look(): readonly [columns: number, rows: number] {
    if (this.#fd >= 0 && native().terminalSize(this.#fd) >= 0) this.#size = [exchanged(0), exchanged(1)];
    return this.#size;
  }

  /** @internal The kernel tells of a part only. */
  protected override held(): number {
    return roomAtEnd;
  }

  /** @internal libuv tells of the end while the kernel holds more than one read has taken. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk !== null) return super.push(chunk, encoding);
    if (!this.#hasHungUp) {
      for (const late of this.#rest()) super.push(late);
      this.#hasHungUp = true;
    }
    return super.push(null);
  }

  *#rest(): Iterable<Buffer> {
    const buffer = Buffer.allocUnsafe(roomAtEnd);
    try {
      for (let read = 1; read > 0;) {
        read = fs.readSync(this.#handle.fd, buffer);
        if (read > 0) yield Buffer.from(buffer.subarray(0, read));
      }
    } catch {
      // EIO: that was all.
    }
  }

  /** @internal That nobody has the other end any more is an error to the kernel. */
  override destroy(error?: Error, told?: (error?: Error) => void): this {
    if ((error as NodeJS.ErrnoException | undefined)?.code !== 'EIO') return super.destroy(error);
    told?.();
    if (this.#hasHungUp) return this;
    this.push(null);
    // As Node does: where there is nothing to read, nobody needs to come for it to end.
    this.read(0);
    return this;
  }

  /** @internal */
  override _write(chunk: unknown, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const bytes = bytesOf(chunk, encoding);
    this.#last = bytes.at(-1) ?? this.#last;
    if (this.#hasHungUp) return callback();
    super._write(bytes, bufferEncoding, (error) => callback(isHangUp(error) ? null : error));
  }

  /** @internal */
  override _writev(chunks: Chunks, callback: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk, encoding }) => bytesOf(chunk, encoding))), bufferEncoding, callback);
  }

  /** @internal */
  override _final(callback: (error?: Error | null) => void): void {
    const key = this.#fd < 0 ? 0 : native().endOfFileKey(this.#fd);
    if (key <= 0) return callback();
    // The first one ends a line that has been begun.
    this._write(Buffer.alloc(lineEnds.includes(this.#last) ? 1 : 2, key), bufferEncoding, callback);
  }
}

function bytesOf(chunk: unknown, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Buffer);
}

function isHangUp(error: NodeJS.ErrnoException | null | undefined): boolean {
  return error?.code === 'EIO';
}

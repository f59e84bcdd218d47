import { StringDecoder } from 'node:string_decoder';

import type { From } from './options.js';
import type { Settings } from './settings.js';

interface Piece {
  readonly from: From;
  readonly bytes: Buffer;
}

type Limits = Pick<Settings, 'maxBuffer' | 'encoding' | 'stripFinalNewline'>;

const newline = 10;

function bytesOf(pieces: readonly Piece[]): Buffer {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first.bytes;
  return Buffer.concat(pieces.map(({ bytes }) => bytes));
}

/** What a command has written, in the order in which it came. */
export class Kept {
  readonly #limits: Limits;
  readonly #sizes = { stdout: 0, stderr: 0 };
  readonly #whole: Kept | undefined;
  #pieces: Piece[] = [];

  /** `whole`: that of several commands, of which this is one. */
  constructor(limits: Limits, whole?: Kept) {
    this.#limits = limits;
    this.#whole = whole;
  }

  /** Whether there was room for all of it. */
  add(from: From, bytes: Buffer): boolean {
    this.#whole?.add(from, bytes);
    const room = this.#limits.maxBuffer - this.#sizes[from];
    const fits = bytes.length <= room;
    if (room > 0) this.#pieces.push({ from, bytes: fits ? bytes : bytes.subarray(0, room) });
    this.#sizes[from] += bytes.length;
    return fits;
  }

  /** Gives it away. */
  takeOut(from: From): Buffer[] {
    this.#whole?.takeOut(from);
    const taken = this.#pieces.filter((piece) => piece.from === from);
    this.#pieces = this.#pieces.filter((piece) => piece.from !== from);
    this.#sizes[from] = 0;
    return taken.map(({ bytes }) => bytes);
  }

  of(from: From): string | Buffer {
    return this.#decoded(this.#pieces.filter((piece) => piece.from === from));
  }

  get all(): string | Buffer {
    return this.#decoded(this.#pieces);
  }

  /** The end of what it has said, as text. */
  tail(from: From, length: number): string {
    const last: Buffer[] = [];
    let size = 0;
    for (const { bytes } of this.#pieces.filter((piece) => piece.from === from).reverse()) {
      if (size >= length) break;
      size += last.unshift(bytes.subarray(-length));
    }
    return Buffer.concat(last).toString('utf8');
  }

  /** Whether there was more. */
  isCut(from: From): boolean {
    return this.#sizes[from] > this.#limits.maxBuffer;
  }

  #decoded(pieces: readonly Piece[]): string | Buffer {
    const { encoding, stripFinalNewline } = this.#limits;
    if (encoding === 'bytes') {
      const bytes = bytesOf(pieces);
      return stripFinalNewline && bytes.at(-1) === newline ? bytes.subarray(0, -1) : bytes;
    }
    const text = textOf(pieces, encoding, this.isCut('stdout') || this.isCut('stderr'));
    return stripFinalNewline && text.endsWith('\n') ? text.slice(0, -1) : text;
  }
}

// Each stream by itself, as one can be cut in the middle of a character by the other. Of what is cut for good, what is left of a
// character is left out.
function textOf(pieces: readonly Piece[], encoding: BufferEncoding, isCut: boolean): string {
  const isMixed = pieces.some(({ from }) => from !== pieces[0]?.from);
  if (!isMixed && !isCut) return bytesOf(pieces).toString(encoding);
  const decoders = { stdout: new StringDecoder(encoding), stderr: new StringDecoder(encoding) };
  const text = pieces.map(({ from, bytes }) => decoders[from].write(bytes)).join('');
  return isCut ? text : text + decoders.stdout.end() + decoders.stderr.end();
}

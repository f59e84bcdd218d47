import { StringDecoder } from 'node:string_decoder';

import type { From } from './options.js';
import type { Output, Reader } from './output.js';
import type { OpenOutput } from './running.js';

/** A line, and where it comes from. */
export interface SourcedLine {
  readonly text: string;
  readonly from: From;
}

// Far below the longest string that V8 can make.
const longestPiece = 2 ** 28;

/** Takes one stream apart. */
class Splitter implements Reader {
  readonly #decoder: StringDecoder;
  readonly #maxLength: number;
  readonly #sink: (text: string | null) => boolean;
  #rest = '';
  #isAfterPiece = false;

  /** `sink`: null at the end; returns whether there may be more. */
  constructor(encoding: BufferEncoding, maxLength: number, sink: (text: string | null) => boolean) {
    this.#decoder = new StringDecoder(encoding);
    this.#maxLength = Math.min(maxLength, longestPiece);
    this.#sink = sink;
  }

  take(bytes: Buffer): boolean {
    const text = this.#decoder.write(bytes);
    let hasRoom = true;
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = this.#rest + text.slice(start, end);
      // What ends a line whose last piece is given already is no line of its own.
      if (line !== '' || !this.#isAfterPiece) hasRoom = this.#sink(line);
      this.#isAfterPiece = false;
      this.#rest = '';
      start = end + 1;
    }
    this.#rest += text.slice(start);
    if (this.#rest.length < this.#maxLength) return hasRoom;
    hasRoom = this.#sink(this.#rest);
    this.#isAfterPiece = true;
    this.#rest = '';
    return hasRoom;
  }

  end(): void {
    const rest = this.#rest + this.#decoder.end();
    if (rest !== '') this.#sink(rest);
    this.#sink(null);
  }
}

/** Lines of one or both outputs as they come; what is not fetched yet holds up who writes. */
export class LineQueue {
  readonly #lines: SourcedLine[] = [];
  readonly #readers = new Map<Reader, Output>();
  #next = 0;
  #open = 0;
  #wake: () => void = () => {};

  constructor(outputs: readonly OpenOutput[], encoding: BufferEncoding, maxLength: number) {
    this.#open = outputs.length;
    for (const { from, output } of outputs) {
      const splitter = new Splitter(encoding, maxLength, (text) => this.#add(text, from));
      this.#readers.set(splitter, output);
      output.readBy(splitter);
    }
  }

  /** Null at the end of all. */
  async next(): Promise<SourcedLine | null> {
    while (this.#next === this.#lines.length) {
      this.#refill();
      if (this.#open === 0) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const line = this.#lines[this.#next];
    this.#next += 1;
    return line ?? null;
  }

  /** What comes from now on is lost. */
  close(): void {
    for (const [reader, output] of this.#readers) {
      output.readBy({ take: () => true, end: () => {} });
      output.goOn(reader);
    }
  }

  #refill(): void {
    this.#lines.length = 0;
    this.#next = 0;
    for (const [reader, output] of this.#readers) output.goOn(reader);
  }

  #add(text: string | null, from: From): boolean {
    if (text === null) this.#open -= 1;
    else this.#lines.push({ text, from });
    this.#wake();
    return false;
  }
}

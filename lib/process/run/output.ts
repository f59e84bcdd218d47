import { after } from '../../base/after.js';
import type { Readable } from 'node:stream';

import type { Kept } from './kept.js';
import type { From } from './options.js';
import type { Writer } from './writer.js';

/** Who takes what comes, in place of the result. */
export interface Reader {
  /** False: it asks for more by `Output.goOn`. */
  take(bytes: Buffer): boolean;
  end(): void;
}

export interface OutputOptions {
  readonly from: From;
  readonly stream: Readable;
  /** Undefined if it is not kept. */
  readonly kept: Kept | undefined;
  readonly writers: readonly Writer[];
  /** There is more than is kept. */
  readonly onOverflow: () => void;
  readonly onError: (error: unknown) => void;
}

/** A pipe that a command writes to, and where that goes. */
export class Output {
  /** Resolves once all of it is where it goes. */
  readonly over: Promise<void>;
  truncated = false;
  heldOpen = false;
  readonly #options: OutputOptions;
  readonly #behind = new Set<object>();
  #reader: Reader | undefined;
  #hasEnded = false;
  #settle: () => void = () => {};

  constructor(options: OutputOptions) {
    this.#options = options;
    const { stream, writers, onError } = options;
    this.over = new Promise((resolve) => (this.#settle = resolve));
    stream.on('data', (bytes: Buffer) => this.#take(bytes));
    stream.once('end', () => this.#end());
    stream.once('close', () => this.#end());
    stream.on('error', () => {});
    for (const writer of writers) writer.start(() => this.goOn(writer), onError);
  }

  get isRead(): boolean {
    return this.#reader !== undefined;
  }

  get isOver(): boolean {
    return this.#hasEnded;
  }

  /** Who is behind is not to be waited for: it is the reader who is slow. */
  get isBehind(): boolean {
    return this.#behind.size > 0;
  }

  /** What has come already is taken first. */
  readBy(reader: Reader): void {
    const earlier = this.#options.kept?.takeOut(this.#options.from) ?? [];
    this.#reader = reader;
    for (const bytes of earlier) this.#offer(reader, reader.take(bytes));
    if (this.#hasEnded) reader.end();
  }

  goOn(who: object): void {
    this.#behind.delete(who);
    if (this.#behind.size === 0) this.#options.stream.resume();
  }

  /** Nobody fetches what is there any more. */
  dropReader(): void {
    const reader = this.#reader;
    if (reader === undefined || this.#hasEnded) return;
    this.#reader = { take: () => true, end: () => {} };
    reader.end();
    this.goOn(reader);
  }

  /** Others hold it open, or do not take what is there, and it is of no interest any more. */
  abandon(): void {
    this.heldOpen ||= !this.#hasEnded && !this.isBehind;
    this.#end();
    this.#settle();
    for (const writer of this.#options.writers) writer.discard();
    this.#options.stream.destroy();
  }

  #take(bytes: Buffer): void {
    const { kept, from, writers, onOverflow } = this.#options;
    for (const writer of writers) this.#offer(writer, writer.take(bytes));
    if (this.#reader !== undefined) this.#offer(this.#reader, this.#reader.take(bytes));
    else if (kept?.add(from, bytes) === false && !this.truncated) {
      this.truncated = true;
      onOverflow();
    }
  }

  #offer(who: object, hasRoom: boolean): void {
    if (hasRoom) return;
    this.#behind.add(who);
    this.#options.stream.pause();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#reader?.end();
    const { writers } = this.#options;
    if (writers.length === 0) this.#settle();
    else void Promise.all(writers.map((writer) => writer.end())).then(this.#settle);
  }
}

/** Once all of it is where it goes: others who hold a pipe open are waited for as long as that, a slow reader for ever. */
export async function whenOver(outputs: readonly Output[], lateOutputMs: number): Promise<void> {
  if (outputs.every(({ isOver }) => isOver)) return void (await Promise.all(outputs.map(({ over }) => over)));
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = after(lateOutputMs, () => {
      for (const output of outputs) if (!output.isOver && !output.isBehind) output.abandon();
      if (outputs.some(({ isOver }) => !isOver)) arm();
    });
  };
  arm();
  for (const { over } of outputs) await over;
  cancel();
}

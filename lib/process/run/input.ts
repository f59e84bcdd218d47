import type { Writable } from 'node:stream';

import { invalidArgType } from '../../base/errors.js';
import type { Input } from './options.js';

const expected = 'text, bytes, a stream, or something that can be iterated';

function isBytes(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || ArrayBuffer.isView(value);
}

type Source = Iterator<unknown> | AsyncIterator<unknown>;

function iteratorOf(input: object): Source | undefined {
  const of = (symbol: symbol): unknown => Reflect.get(input, symbol);
  const made = of(Symbol.asyncIterator) ?? of(Symbol.iterator);
  return typeof made === 'function' ? (Reflect.apply(made, input, []) as Source) : undefined;
}

export function toInput(value: unknown): Input {
  if (isBytes(value)) return value;
  const isIterable =
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
  if (!isIterable) throw invalidArgType('options.input', expected, value);
  return value as Input;
}

function untilDrained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    stdin.once('drain', resolve);
    stdin.once('close', resolve);
  });
}

async function letGo(source: Source): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // The command has ended: nobody is left whom it could fail.
  }
}

async function pump(input: object, stdin: Writable): Promise<void> {
  const source = iteratorOf(input);
  if (source === undefined) return;
  // Who waits for more of its source would wait on when the command has ended.
  stdin.once('close', () => void letGo(source));
  for (;;) {
    const { done, value } = await source.next();
    if (stdin.destroyed) return;
    if (done === true) break;
    const chunk: unknown = await value;
    if (!isBytes(chunk)) throw invalidArgType('options.input', 'of text or bytes', chunk);
    if (!stdin.write(chunk)) await untilDrained(stdin);
  }
  stdin.end();
}

/** Writes it all, and ends the stream; that a command does not read on is no error. `onError` is told what the input throws. */
export function feed(input: Input, stdin: Writable, onError: (error: unknown) => void): void {
  stdin.on('error', () => {});
  if (isBytes(input)) {
    stdin.end(input);
    return;
  }
  pump(input, stdin).catch((error: unknown) => {
    const isOver = stdin.destroyed;
    stdin.destroy();
    if (!isOver) onError(error);
  });
}

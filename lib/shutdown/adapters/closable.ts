import { Server } from 'node:net';

import { toBoolean } from '../../base/arguments.js';
import { invalidArgType } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { Hook } from '../types.js';
import { claim } from './listening.js';
import { endStream, isStream } from './streams.js';
import { endWebStream, isWebStream, type WebStream } from './web-streams.js';

/** What can be closed. A promise that one of these returns is awaited. */
export type Closable =
  | NodeJS.ReadableStream
  | NodeJS.WritableStream
  | WebStream
  | { [Symbol.asyncDispose](): unknown }
  | { close(...none: never[]): unknown }
  | { [Symbol.dispose](): unknown };

export interface CloseOptions {
  /**
   * Whether `close` takes a callback, and calls it when it has closed. A promise that it returns counts all the same.
   * @default false: it is called without an argument
   */
  readonly callback?: boolean | undefined;
}

const optionNames: OptionNames<CloseOptions> = { callback: true };

type Method = (...args: unknown[]) => unknown;

function methodOf(resource: unknown, key: PropertyKey): Method | undefined {
  if ((typeof resource !== 'object' && typeof resource !== 'function') || resource === null) return undefined;
  const method: unknown = Reflect.get(resource, key);
  return typeof method === 'function' ? (method as Method) : undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return methodOf(value, 'then') !== undefined;
}

// Errors first, as everywhere in Node, where a listener of 'close' may be the callback: a socket gives false, a MessagePort an
// event. A promise, if one is returned after all, knows better.
function callBack(resource: unknown, close: Method): Promise<void> {
  return new Promise((resolve, reject) => {
    const returned = close.call(resource, (error: unknown) => {
      if (Boolean(error) && !(error instanceof Event)) reject(error as Error);
      else resolve();
    });
    if (isThenable(returned)) returned.then(() => resolve(), reject);
  });
}

/**
 * Closes a pool, a client, a file, a watcher: by `Symbol.asyncDispose` if it has that, else by `close()`, else by
 * `Symbol.dispose`. A stream of Node or of the Web it ends, so that nothing is lost of what was written to it.
 * @throws ERR_INVALID_ARG_TYPE
 */
export function closeResource(resource: Closable, options?: CloseOptions): Hook {
  const given = readOptions(options, optionNames);
  const close = methodOf(resource, 'close');
  // It may listen until then.
  if (resource instanceof Server) claim(resource);
  if (toBoolean(given.callback, 'options.callback', false)) {
    if (close === undefined) throw invalidArgType('resource', 'an object with close(callback)', resource);
    return () => callBack(resource, close);
  }
  if (isStream(resource)) return ({ signal }) => endStream(resource, signal);
  if (isWebStream(resource)) return ({ signal }) => endWebStream(resource, signal);
  const simple = methodOf(resource, Symbol.asyncDispose) ?? close ?? methodOf(resource, Symbol.dispose);
  if (simple === undefined)
    throw invalidArgType(
      'resource',
      'a stream, or an object with close(), Symbol.asyncDispose or Symbol.dispose',
      resource,
    );
  return () => simple.call(resource);
}

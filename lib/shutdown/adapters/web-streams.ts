import { onAbort } from './settle.js';

type Writer = Pick<WritableStreamDefaultWriter<unknown>, 'close' | 'closed' | 'abort'>;

export type WebStream = Pick<WritableStream, 'getWriter'> | Writer | Pick<ReadableStream, 'getReader' | 'cancel'>;

function has(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

/** Of whatever realm, or package. */
export function isWebStream(value: unknown): value is WebStream {
  return has(value, 'getWriter', 'close') || has(value, 'releaseLock', 'close') || has(value, 'getReader', 'cancel');
}

/** Closes a stream of the Web once all that was written has been taken, or cancels one that is read. */
export async function endWebStream(stream: WebStream, signal: AbortSignal): Promise<void> {
  if ('cancel' in stream) return stream.cancel();
  const writer = 'getWriter' in stream ? stream.getWriter() : stream;
  const release = onAbort(signal, () => void writer.abort(signal.reason).catch(() => {}));
  // It refuses where somebody has closed it already; how that ends, the other promise says.
  writer.close().catch(() => {});
  try {
    await writer.closed;
  } finally {
    release();
  }
}

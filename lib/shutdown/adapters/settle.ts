/** Awaits all of them, whatever becomes of the others; then fails if any has. */
export async function settle(promises: readonly Promise<unknown>[], message: string): Promise<void> {
  const results = await Promise.allSettled(promises);
  const errors = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, message);
}

/** Calls it when the signal aborts, at once if it has. @returns what takes that back */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) run();
  else signal.addEventListener('abort', run, { once: true });
  return () => signal.removeEventListener('abort', run);
}

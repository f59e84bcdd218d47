/** Awaits all of them, whatever becomes of the others; then fails if any has. */
export async function settle(promises: readonly Promise<unknown>[], message: string): Promise<void> {
  const errors = await failuresOf(promises);
  if (errors.length > 0) throw new AggregateError(errors, message);
}

/** As `settle`, but where one has failed alone, as that has. */
export async function settleAlike(
  promises: readonly Promise<unknown>[],
  message: (count: number) => string,
): Promise<void> {
  const errors = await failuresOf(promises);
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, message(errors.length));
}

async function failuresOf(promises: readonly Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(promises);
  return results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
}

/** Calls it when the signal aborts, at once if it has. @returns what takes that back */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) run();
  else signal.addEventListener('abort', run, { once: true });
  return () => signal.removeEventListener('abort', run);
}

// libuv's: something failed, and nobody tells what.
export const unknownErrno = -4094;

/** A name of an errno as a negative number of this platform; undefined if it is none. */
export function errnoNamed(code: unknown): number | undefined {
  const { errno } = process.getBuiltinModule('node:os').constants;
  const number = Object.entries(errno).find(([name]) => name === code)?.[1];
  return number === undefined ? undefined : -number;
}

/** What an error of a system call says. Bun has it positive, and Windows numbers of libuv's. @throws what is no such error */
export function errnoOf(error: unknown): number {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  const named = errnoNamed(error.code);
  if (named !== undefined) return named;
  if (!('errno' in error) || typeof error.errno !== 'number') throw error;
  return -Math.abs(error.errno);
}

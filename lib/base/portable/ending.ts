import type { Claims } from './claims.js';

const signalCode = 128;
const patienceMs = 500;

/** Ends the process at once: no listener of 'exit' runs. */
export function exitNow(code: number): never {
  const { reallyExit } = process as { reallyExit?(this: void, code: number): never };
  return reallyExit === undefined ? process.exit(code) : reallyExit(code);
}

/** Ends the process by a signal; where that does not end it, with 128 + its number. */
export function dieOf(number: number, claims: Claims): never {
  claims.releaseAll(number);
  // There it would be an exit code of 1.
  if (process.platform !== 'win32') {
    process.kill(process.pid, number);
    // In Deno another thread takes it, and dies of it for all.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, patienceMs);
  }
  return exitNow(signalCode + number);
}

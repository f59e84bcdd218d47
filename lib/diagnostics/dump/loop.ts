/** How busy the event loop is that has written the dump. */
export interface LoopState {
  /** From the start of the process, 0 to 1; 0 before the loop has begun. */
  readonly utilization: number;
  /** In milliseconds. */
  readonly active: number;
  readonly idle: number;
  /** From the signal to the first turn of the loop that could answer it, in milliseconds. */
  readonly delayMs: number;
}

/** `askedAt` is on the scale of performance.now(). */
export function loopState(askedAt: number): LoopState {
  return { ...performance.eventLoopUtilization(), delayMs: performance.now() - askedAt };
}

// The 64 bits of a queued value: the upper 24 count, the lower 40 tell when it was sent, in nanoseconds of CLOCK_MONOTONIC.

export function valueOf(number: number, sentNs: bigint): bigint {
  return (BigInt(number) << 40n) | BigInt.asUintN(40, sentNs);
}

export function numberIn(value: bigint): number {
  return Number(value >> 40n);
}

/** When it was sent, in milliseconds from a moment that is less than nine minutes away. */
export function sentSince(value: bigint, monotonicNs: bigint): number {
  return Number(BigInt.asIntN(40, value - monotonicNs)) / 1e6;
}

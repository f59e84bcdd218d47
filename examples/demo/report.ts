import type { SignalInfo, ThreadInfo } from 'sigkit';

/** What the daemon tells the demo. */
export type Report =
  | { readonly kind: 'threads'; readonly list: readonly ThreadInfo[] }
  | {
      readonly kind: 'signal';
      readonly info: SignalInfo;
      /** The sender's name, or undefined if it had ended by then. */
      readonly command: string | undefined;
      /** When the body of `for await` ran, on the scale of `info.time`. */
      readonly seenAt: number;
    }
  | {
      readonly kind: 'unblocked';
      readonly blockedAt: number;
      readonly unblockedAt: number;
      /** One moment on both clocks: `performance.now()` of the daemon, and CLOCK_MONOTONIC, which all processes share. */
      readonly performanceMs: number;
      readonly monotonicNs: bigint;
    };

export type SignalReport = Extract<Report, { kind: 'signal' }>;

/** The masks of all threads, to be compared. */
export function masksOf(list: readonly ThreadInfo[]): string {
  return list.map(({ tid, blocked }) => `${tid}: ${[...blocked].join(' ')}`).join('\n');
}

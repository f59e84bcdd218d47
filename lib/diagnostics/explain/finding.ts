/**
 * What comes of the signal by what has been found:
 * - `delivered`: somebody gets it, or it has its default action.
 * - `altered`: it comes, but not with all that it was sent with.
 * - `held`: it waits.
 * - `refused`: the call that sends it fails.
 * - `lost`: nobody gets it, or not who should.
 * - `note`: nothing by itself.
 */
export type SignalOutcome = 'delivered' | 'altered' | 'held' | 'refused' | 'lost' | 'note';

/** What has been found; docs/api.md says what each means. */
export type FindingCode =
  | 'hidden'
  | 'not-permitted'
  | 'other-namespace'
  | 'zombie'
  | 'ending'
  | 'kernel-thread'
  | 'init'
  | 'ignored'
  | 'ignored-by-default'
  | 'orphaned-group'
  | 'pending'
  | 'queue-full'
  | 'frozen'
  | 'stopped'
  | 'traced'
  | 'uninterruptible'
  | 'claimed'
  | 'signalfd'
  | 'blocked-by-all'
  | 'blocked-by-some'
  | 'waiting'
  | 'continues'
  | 'caught'
  | 'default'
  | 'node-starting'
  | 'launcher'
  | 'behind-launcher';

/** One thing that decides what comes of a signal. */
export interface Finding {
  readonly code: FindingCode;
  readonly outcome: SignalOutcome;
  /** In a sentence, without control characters. */
  readonly text: string;
  /** The lines of /proc and the results of calls on which it rests. */
  readonly evidence: readonly string[];
}

import { native } from '../../base/native.js';
import type { SignalName } from '../../signals/names.js';
import { namesIn } from '../../signals/signal-mask.js';

/** An open claim: a stream, or what else of sigkit takes signals. */
export interface ToldClaim {
  readonly signals: ReadonlySet<SignalName>;
  readonly queued: number;
  readonly dropped: number;
  /** The thread whose it is. */
  readonly tid: number;
  readonly exclusive: boolean;
}

export interface NativeState {
  readonly guard: { readonly open: boolean; readonly endsInMs: number | null };
  readonly watchdog: boolean;
  /** How many have asked for diagnostics and were not answered. */
  readonly refused: number;
  readonly claims: readonly ToldClaim[];
  /** What each `blockSignals` holds back. */
  readonly sections: readonly ReadonlySet<SignalName>[];
}

const claimLength = 6;
const signalsAt = (numbers: readonly number[], at: number): Set<SignalName> =>
  namesIn({ low: numbers[at] ?? 0, high: numbers[at + 1] ?? 0 });

function claimAt(numbers: readonly number[], at: number): ToldClaim {
  const [queued = 0, dropped = 0, tid = 0, exclusive = 0] = numbers.slice(at + 2);
  return { signals: signalsAt(numbers, at), queued, dropped, tid, exclusive: exclusive === 1 };
}

/** As native/hub/telling.cc has it. */
export function nativeState(): NativeState {
  const [guard = 0, endsInMs = -1, watchdog = 0, refused = 0, count = 0, ...rest] = native().tellState();
  const sections = rest.slice(count * claimLength);
  return {
    guard: { open: guard === 1, endsInMs: endsInMs < 0 ? null : endsInMs },
    watchdog: watchdog === 1,
    refused,
    claims: Array.from({ length: count }, (_, index) => claimAt(rest, index * claimLength)),
    sections: Array.from({ length: sections.length / 2 }, (_, index) => signalsAt(sections, index * 2)),
  };
}

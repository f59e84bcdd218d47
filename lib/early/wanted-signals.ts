import { toClaim } from '../signals/claimable.js';
import { emptyMask, type SignalMask } from '../signals/signal-mask.js';

// Those that createShutdown and onReload take by themselves.
const usualSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const variable = 'SIGKIT_EARLY';

/** What to claim before the program does: as the environment says, names with commas between; none if that is empty. */
export function wantedSignals(): SignalMask {
  const text = process.env[variable];
  if (text === undefined) return toClaim(usualSignals, variable);
  if (text.trim() === '') return emptyMask;
  const names = text.split(',').map((name) => name.trim());
  return toClaim(names, variable);
}

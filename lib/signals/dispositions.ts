import { systemError } from '../base/errors.js';
import { native } from '../base/native.js';
import type { Signals } from './arguments.js';
import { everyChangeable, toChangeable } from './claimable.js';
import { parseSignal, type Signal } from './names.js';

/** What the process does with a signal: the kernel's default, nothing, or run a handler (a stream counts as one). */
export type Disposition = 'default' | 'ignore' | 'handler';

const dispositions: readonly Disposition[] = ['default', 'ignore', 'handler'];

/**
 * Makes the process ignore signals (sigaction(2), SIG_IGN), whoever else handles them: streams lose them in every thread,
 * process.on listeners fall silent. Children of `child_process` start with the default again.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNCLAIMABLE
 */
export function ignoreSignals(signals: Signals): void {
  const { low, high } = toChangeable(signals, 'signals');
  const result = native().ignore(low, high);
  if (result < 0) throw systemError('sigaction', result);
}

/**
 * Undoes `ignoreSignals` and ends every claim of these signals: they have again the action from before. Without
 * arguments, all signals.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNCLAIMABLE
 */
export function resetSignals(signals?: Signals): void {
  const { low, high } = signals === undefined ? everyChangeable() : toChangeable(signals, 'signals');
  const result = native().reset(low, high);
  if (result < 0) throw systemError('sigaction', result);
}

/**
 * What happens when the signal arrives. 'handler' for SIGINT and SIGTERM in a bare Node too: it resets the terminal.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function disposition(signal: Signal): Disposition {
  const number = parseSignal(signal, 'signal');
  const result = native().disposition(number);
  if (result < 0) throw systemError('sigaction', result);
  return dispositions[result] as Disposition;
}

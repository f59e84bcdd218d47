import { toChoice, toFunction, toInteger } from '../base/arguments.js';
import { invalidArgType, outOfRange } from '../base/errors.js';
import { isMainThread } from '../base/native.js';
import { type OptionNames, readOptions } from '../base/options.js';
import { toSignalNumbers } from '../signals/arguments.js';
import { toClaim } from '../signals/claimable.js';
import type { SignalMask } from '../signals/signal-mask.js';
import { type Notifier, toNotifier } from '../systemd/notify.js';
import { type Forcing, seconds, toForcing } from './course/second-signal.js';
import { quoted } from './course/stages.js';
import type { ShutdownOptions } from './types.js';

/** The options of a shutdown, checked, with their defaults. */
export interface Settings {
  readonly mask: SignalMask;
  readonly budgetMs: number;
  readonly reserveMs: number;
  readonly drainDelayMs: number;
  readonly forcing: Forcing;
  readonly listeners: NonNullable<ShutdownOptions['listeners']>;
  readonly exit: NonNullable<ShutdownOptions['exit']>;
  readonly notifier: Notifier | undefined;
  readonly report: ShutdownOptions['report'];
}

const optionNames: OptionNames<ShutdownOptions> = {
  sigs: true,
  budgetMs: true,
  reserveMs: true,
  drainDelayMs: true,
  second: true,
  listeners: true,
  exit: true,
  notifier: true,
  report: true,
};
// In a Worker none: as with process.on, they belong to the main thread. A claim would keep a test runner from its Ctrl-C.
const usualSignals = isMainThread ? (['SIGTERM', 'SIGINT'] as const) : [];
const usualBudgetMs = 25_000;
const leastReserveMs = 1000;
const maxMs = 2 ** 31 - 1;
const maxCode = 255;
const listenerUses: readonly Settings['listeners'][] = ['warn', 'hook', 'ignore'];
const exits = ['signal', 'zero', 'none'];

export function toSettings(options: ShutdownOptions | undefined): Settings {
  const given = readOptions(options, optionNames);
  const {
    sigs = usualSignals,
    budgetMs = usualBudgetMs,
    drainDelayMs = 0,
    second = 'force',
    listeners = 'warn',
    exit = 'signal',
  } = given;
  // 'all' would have the process end when a child does, or when a terminal changes its size.
  const mask = toClaim(toSignalNumbers(sigs, 'options.sigs'), 'options.sigs');
  return {
    mask,
    budgetMs: toInteger(budgetMs, 'options.budgetMs', 1, maxMs),
    reserveMs: toReserveMs(given.reserveMs, budgetMs),
    drainDelayMs: toInteger(drainDelayMs, 'options.drainDelayMs', 0, maxMs),
    forcing: toForcing(seconds[toChoice(second, 'options.second', seconds)] ?? 'force', mask),
    listeners: listenerUses[toChoice(listeners, 'options.listeners', listenerUses)] ?? 'warn',
    exit: toExit(exit),
    notifier: given.notifier === undefined ? undefined : toNotifier(given.notifier, 'options.notifier'),
    report: given.report === undefined ? undefined : toFunction(given.report, 'options.report'),
  };
}

function toReserveMs(value: unknown, budgetMs: number): number {
  if (value !== undefined) return toInteger(value, 'options.reserveMs', 0, Math.floor(budgetMs / 2));
  // Of a short budget the second would be most.
  return Math.floor(Math.min(Math.max(budgetMs / 10, leastReserveMs), budgetMs / 4));
}

function toExit(value: NonNullable<ShutdownOptions['exit']>): Settings['exit'] {
  if (typeof value === 'number') return toInteger(value, 'options.exit', 0, maxCode);
  if (exits.includes(value)) return value;
  const allowed = `one of ${quoted(exits)}, or an exit code`;
  throw typeof value === 'string'
    ? outOfRange('options.exit', allowed, value)
    : invalidArgType('options.exit', allowed, value);
}

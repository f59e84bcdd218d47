import { util } from '../../base/builtins.js';
import { isError } from '../../base/errors.js';

import type { SignalInfo } from '../../signals/signal-info.js';

/** What the steps of a reload are told. */
export interface ReloadContext<Config> {
  /** The signal that asked for it, with its sender; null if it was asked for by hand. */
  readonly info: SignalInfo | null;
  /** What `reload(reason)` was given; else the name of the signal. */
  readonly reason: unknown;
  /** The configuration in effect, which stays if the reload fails. */
  readonly current: Config | undefined;
  /** The number that the new configuration gets. */
  readonly generation: number;
  /** Aborts when the reloader is closed. */
  readonly signal: AbortSignal;
}

/** How to get from one configuration to the next. Each may return a promise; to fail is to throw. */
export interface ReloadSteps<Config> {
  /** Reads the new configuration. */
  readonly load: (context: ReloadContext<Config>) => Config | Promise<Config>;
  /** Refuses it by throwing, or by false. @default everything is accepted */
  readonly validate?: ((next: Config, context: ReloadContext<Config>) => unknown) | undefined;
  /** Puts it into effect. */
  readonly apply: (next: Config, context: ReloadContext<Config>) => unknown;
  /** Takes back what `apply` had done when it failed. @default nothing is to be taken back */
  readonly rollback?: ((next: Config, error: unknown, context: ReloadContext<Config>) => unknown) | undefined;
}

/** The step in which a reload has failed, and with what. */
export interface ReloadFailure {
  readonly step: 'load' | 'validate' | 'apply';
  readonly error: unknown;
  /** Whether `rollback` has failed as well: nobody knows what is in effect. */
  readonly rollbackFailed: boolean;
  /** With what it has. */
  readonly rollbackError?: unknown;
}

/** The new configuration, or why there is none. */
export type StepsResult<Config> = { readonly next: Config } | { readonly failure: ReloadFailure };

/** Takes the steps. Never rejects. */
export async function takeSteps<Config>(
  steps: ReloadSteps<Config>,
  context: ReloadContext<Config>,
): Promise<StepsResult<Config>> {
  let step: ReloadFailure['step'] = 'load';
  let next: { readonly loaded: Config } | undefined;
  try {
    next = { loaded: await steps.load(context) };
    step = 'validate';
    context.signal.throwIfAborted();
    if ((await steps.validate?.(next.loaded, context)) === false) throw new Error('the configuration is not valid');
    context.signal.throwIfAborted();
    step = 'apply';
    await steps.apply(next.loaded, context);
    return { next: next.loaded };
  } catch (error) {
    const toTakeBack = step === 'apply' ? next : undefined;
    return { failure: { step, error, ...(await takeBack(steps, toTakeBack, error, context)) } };
  }
}

async function takeBack<Config>(
  { rollback }: ReloadSteps<Config>,
  next: { readonly loaded: Config } | undefined,
  error: unknown,
  context: ReloadContext<Config>,
): Promise<Pick<ReloadFailure, 'rollbackFailed' | 'rollbackError'>> {
  try {
    if (next !== undefined) await rollback?.(next.loaded, error, context);
    return { rollbackFailed: false };
  } catch (rollbackError) {
    return { rollbackFailed: true, rollbackError };
  }
}

/** How it ended, for people. */
export function statusOf(generation: number, failure: ReloadFailure | null): string {
  if (failure === null) return `Reloaded: generation ${generation}`;
  const { step, error, rollbackFailed } = failure;
  const why = isError(error) ? error.message : util.inspect(error);
  const stays = rollbackFailed ? 'and was not taken back' : `generation ${generation} stays`;
  return `Reload failed in ${step}, ${stays}: ${why}`;
}

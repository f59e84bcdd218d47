import { toChoice, toFunction } from '../../base/arguments.js';
import { invalidArgType } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { Signals } from '../../signals/arguments.js';
import { toClaim } from '../../signals/claimable.js';
import { openStream } from '../../signals/stream.js';
import { type Notifier, toNotifier } from '../../systemd/notify.js';
import type { ReloadSteps } from './reload-run.js';
import { ConfigReloader, type OnHangup, type Reloader } from './reloader.js';

export interface ReloadOptions<Config> extends ReloadSteps<Config> {
  /** What asks for a reload. @default 'SIGHUP' */
  readonly sigs?: Signals | undefined;
  /** The configuration in effect at the start. @default undefined */
  readonly initial?: Config | undefined;
  /**
   * What a SIGHUP of the kernel does: it tells that the terminal is gone, not that somebody wants a reload. @default 'ignore': a
   * daemon outlives the terminal that it was started from, and its configuration is the same as before
   */
  readonly onHangup?: OnHangup | undefined;
  /** Is told when a reload begins and ends; before its manager has been told `ready()`, only how it ended. */
  readonly notifier?: Notifier | undefined;
}

const optionNames: OptionNames<ReloadOptions<unknown>> = {
  sigs: true,
  initial: true,
  onHangup: true,
  notifier: true,
  load: true,
  validate: true,
  apply: true,
  rollback: true,
};
const capacity = 1024;

/**
 * Reloads the configuration at each SIGHUP: one reload at a time, and one more for all that ask while it is under way. Whichever
 * step fails, the old configuration stays in effect. Does not keep the process alive.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNCLAIMABLE
 */
export function onReload<Config>(options: ReloadOptions<Config>): Reloader<Config> {
  if (options === undefined) throw invalidArgType('options', 'of type object', options);
  const given = readOptions(options, optionNames);
  const mask = toClaim(given.sigs ?? 'SIGHUP', 'options.sigs');
  const settings = {
    steps: toSteps(given),
    onHangup: toOnHangup(given.onHangup ?? 'ignore'),
    notifier: given.notifier === undefined ? undefined : toNotifier(given.notifier, 'options.notifier'),
  };
  const claim = { mask, capacity, overflow: 0, exclusive: true, byLoop: false, once: false, ref: false };
  return new ConfigReloader(openStream(claim), settings, given.initial);
}

function toSteps<Config>({ load, validate, apply, rollback }: ReloadSteps<Config>): ReloadSteps<Config> {
  return {
    load: toFunction(load, 'options.load'),
    validate: validate === undefined ? undefined : toFunction(validate, 'options.validate'),
    apply: toFunction(apply, 'options.apply'),
    rollback: rollback === undefined ? undefined : toFunction(rollback, 'options.rollback'),
  };
}

function toOnHangup(value: OnHangup): OnHangup {
  if (typeof value !== 'function') toChoice(value, 'options.onHangup', ['reload', 'ignore']);
  return value;
}

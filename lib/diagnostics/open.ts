import { toBoolean, toInteger, toText } from '../base/arguments.js';
import { outOfRange, SigkitError, systemError } from '../base/errors.js';
import { native } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { type OptionNames, readOptions } from '../base/options.js';
import { numbersIn } from '../base/signal-numbers.js';
import type { Signals } from '../signals/arguments.js';
import { toClaim } from '../signals/claimable.js';
import { nameOf } from '../signals/names.js';
import type { SignalMask } from '../signals/signal-mask.js';
import { openStream, type SignalStream } from '../signals/stream.js';
import { type AllowedSenders, toAllowed } from './allow.js';
import { answerRequests } from './answering.js';
import { answererOf } from './answers.js';
import { type Providers, toProviders } from './dump/providers.js';
import { type DumpFolder, openDumpFolder, usualLimits } from './files.js';
import { actionsByName, actionTable, type SignalActions, toActions } from './requestable.js';

export interface DiagnosticsOptions {
  /** Which signals ask for the stacks on stderr. @default 'SIGQUIT', which Ctrl-\ sends */
  readonly sigs?: Signals | undefined;
  /** Where dumps go: a path from the root, of a folder of this user's that is made if it is not there. @default none */
  readonly directory?: string | undefined;
  /** What signals ask for that needs the directory. @default { 'SIGRTMIN+12': 'byValue' } */
  readonly actions?: SignalActions | undefined;
  /** Who is answered. @default whoever the kernel lets send */
  readonly allow?: AllowedSenders | undefined;
  /** At least so long from one answer to the next of its kind, in milliseconds: those that ask meanwhile get one together. @default 100 */
  readonly minIntervalMs?: number | undefined;
  /** Of all dumps in the directory together. @default 1 GiB */
  readonly maxBytes?: number | undefined;
  /** @default 20 */
  readonly maxFiles?: number | undefined;
  /** What dumps tell of the program, by names: each is called for one, and has a second for its answer. `provide` adds more. */
  readonly providers?: Providers | undefined;
  /** Whether dumps have the arguments of the process, which may be secrets. @default false */
  readonly arguments?: boolean | undefined;
}

/** The dumps by signal of this process, while they are open. */
export interface Diagnostics extends Disposable {
  readonly closed: boolean;
  /** The signals have their effect again. Closing twice is no error. */
  close(): void;
}

const optionNames: OptionNames<DiagnosticsOptions> = {
  sigs: true,
  directory: true,
  actions: true,
  allow: true,
  minIntervalMs: true,
  maxBytes: true,
  maxFiles: true,
  providers: true,
  arguments: true,
};
const usualIntervalMs = 100;
// It fits into nanoseconds.
const maxIntervalMs = 2 ** 31 - 1;
const busy = -16;

interface Settings {
  readonly printed: readonly number[];
  readonly actions: ReadonlyMap<number, number>;
  readonly mask: SignalMask;
  readonly allowed: Uint32Array;
  readonly directory: string | undefined;
  readonly minIntervalMs: number;
  readonly maxBytes: number;
  readonly maxFiles: number;
  readonly providers: Providers;
  readonly withArguments: boolean;
}

function toDirectory(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const directory = toText(value, 'options.directory');
  if (!directory.startsWith('/')) throw outOfRange('options.directory', 'a path from the root', value);
  return directory;
}

const limitOf = (value: unknown, name: string, usual: number): number =>
  value === undefined ? usual : toInteger(value, `options.${name}`, 0, Number.MAX_SAFE_INTEGER);

function settingsOf(options: DiagnosticsOptions | undefined): Settings {
  const given = readOptions(options, optionNames);
  const directory = toDirectory(given.directory);
  const printed = numbersIn(toClaim(given.sigs === undefined ? 'SIGQUIT' : given.sigs, 'options.sigs'));
  const actions = toActions(given.actions, directory !== undefined);
  const { minIntervalMs = usualIntervalMs } = given;
  return {
    printed,
    actions,
    mask: toClaim([...printed, ...actions.keys()], 'options.actions'),
    allowed: toAllowed(given.allow),
    directory,
    minIntervalMs: toInteger(minIntervalMs, 'options.minIntervalMs', 0, maxIntervalMs),
    maxBytes: limitOf(given.maxBytes, 'maxBytes', usualLimits.maxBytes),
    maxFiles: limitOf(given.maxFiles, 'maxFiles', usualLimits.maxFiles),
    providers: toProviders(given.providers),
    withArguments: toBoolean(given.arguments, 'options.arguments', false),
  };
}

// For who looks for these diagnostics from outside; the native side adds what has been asked for, and the end.
function aboutOf({ printed, actions, directory }: Settings): string {
  const sigs = printed.map((number) => nameOf(number));
  const about = { version: 1, pid: process.pid, sigs, actions: actionsByName(actions), directory: directory ?? null };
  return JSON.stringify(about).slice(0, -1);
}

function openNative(settings: Settings, folder: DumpFolder | undefined): void {
  const { printed, actions, allowed, minIntervalMs, directory = '', maxBytes, maxFiles } = settings;
  const result = native().openDiagnostics(
    actionTable(printed, actions),
    allowed,
    minIntervalMs,
    folder?.fd ?? -1,
    directory,
    maxBytes,
    maxFiles,
    aboutOf(settings),
  );
  if (result === busy)
    throw new SigkitError(
      'ERR_SIGKIT_DIAGNOSTICS_OPEN',
      'this process has diagnostics open already: close these first',
    );
  if (result < 0) throw systemError('pthread_create', result);
}

function openAll(settings: Settings, folder: DumpFolder | undefined): SignalStream {
  openNative(settings, folder);
  try {
    const { mask } = settings;
    return openStream({ mask, capacity: 1, overflow: 1, exclusive: false, byLoop: false, once: false, ref: false });
  } catch (error) {
    native().closeDiagnostics();
    throw error;
  }
}

/**
 * Has a native thread print the stacks of all threads of JavaScript to stderr, as `captureStacks` has them, whenever one of the
 * signals comes; the process goes on. It answers for an event loop that hangs, too. With a directory it also writes dumps, and what else
 * an operator may ask for by a signal. Claims the signals, and does not keep the process alive.
 * @throws ERR_SIGKIT_DIAGNOSTICS_OPEN, ERR_SIGKIT_DIAGNOSTICS_DIRECTORY, ERR_SIGKIT_UNCLAIMABLE, ERR_SIGKIT_UNSUPPORTED,
 * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function openDiagnostics(options?: DiagnosticsOptions): Diagnostics {
  const settings = settingsOf(options);
  requireNative('openDiagnostics');
  const { directory } = settings;
  const folder = directory === undefined ? undefined : openDumpFolder(directory, settings);
  try {
    return new OpenDiagnostics(openAll(settings, folder), settings, folder);
  } catch (error) {
    folder?.close();
    throw error;
  }
}

class OpenDiagnostics implements Diagnostics {
  readonly #stream: SignalStream;
  readonly #folder: DumpFolder | undefined;
  // Who has asked shortly before the end is answered, by the native thread; the signals stay claimed.
  readonly #atExit = (): void => void native().closeDiagnostics();

  constructor(stream: SignalStream, { providers, withArguments }: Settings, folder: DumpFolder | undefined) {
    this.#stream = stream;
    this.#folder = folder;
    process.once('exit', this.#atExit);
    void answerRequests(stream, answererOf({ folder, providers, withArguments }));
  }

  get closed(): boolean {
    return this.#stream.closed;
  }

  close(): void {
    if (this.closed) return;
    process.off('exit', this.#atExit);
    // The record first: whoever reads it sends a signal that ends the process once nobody claims it.
    native().closeDiagnostics();
    this.#stream.close();
    this.#folder?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

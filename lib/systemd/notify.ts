import { toBoolean, toDescriptor, toObject, toPositivePid, toTimeoutMs } from '../base/arguments.js';
import { invalidArgType, outOfRange, systemError, type SystemError } from '../base/errors.js';
import { native } from '../base/native.js';
import { type OptionNames, readOptions } from '../base/options.js';
import { type Address, parseAddress } from './address.js';
import { awaitRelease } from './barrier.js';
import { environmentNames, type EnvironmentOptions, takeVariables } from './environment.js';
import { encodeRemoval, encodeState, encodeStore, type NotifyState, toDescriptorName } from './protocol.js';

/**
 * What has become of a message. `'disabled'`: there is no manager, `'full'`: it has not read the earlier ones yet,
 * `'unreachable'`: nobody listens at its address.
 */
export type NotifyOutcome = 'sent' | 'disabled' | 'full' | 'unreachable';

/** What has become of a barrier; the last three as of any message. */
export type BarrierOutcome = 'passed' | 'timed-out' | 'disabled' | 'full' | 'unreachable';

export interface NotifierOptions extends EnvironmentOptions {
  /** In whose name to send, as `systemd-notify --pid`: needs CAP_SYS_ADMIN. @default this process */
  readonly pid?: number | undefined;
}

export interface BarrierOptions {
  /** How long to wait for the manager. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

export interface StoreOptions {
  /** Whether the manager drops them when they hang up or fail, as a pipe does whose other end is closed. @default true */
  readonly poll?: boolean | undefined;
}

const notifierNames: OptionNames<NotifierOptions> = { ...environmentNames, pid: true };
const barrierNames: OptionNames<BarrierOptions> = { timeoutMs: true };
const storeNames: OptionNames<StoreOptions> = { poll: true };
const stateNames: OptionNames<NotifyState> = {
  ready: true,
  reloading: true,
  stopping: true,
  status: true,
  errno: true,
  mainPid: true,
  extendTimeoutMs: true,
  watchdog: true,
  fields: true,
};
const constructing = Symbol('constructing');
const full = new Set(['EAGAIN', 'ENOBUFS', 'ETOOMANYREFS']);
const unreachable = new Set('ECONNREFUSED ECONNRESET ENOTCONN EPIPE EPROTOTYPE ENOENT ENOTDIR ELOOP EACCES'.split(' '));
// SCM_MAX_FD; native/posix/notify_socket.cc has the same number.
const maxDescriptors = 253;
const usualBarrierMs = 5000;
const none = new Int32Array();
// By address: who says that the service is ready may have another notifier than who reloads it.
const toldReady = new Set<string>();

/** Tells the service manager how the service is. Made by `openNotifier()`. */
export class Notifier implements Disposable {
  #socket: object | undefined;
  #disabledBecause: string | null;
  #lastError: SystemError | null = null;
  readonly #address: string;

  /** @internal */
  constructor(key: symbol, socket: object | undefined, address: Address) {
    if (key !== constructing) throw invalidArgType('new Notifier', 'replaced by a call of openNotifier()', undefined);
    this.#socket = socket;
    this.#address = 'address' in address ? address.address : '';
    this.#disabledBecause = 'problem' in address ? address.problem : null;
  }

  /** Whether there is a manager to be told. If not, all calls do nothing, and say `'disabled'`. */
  get enabled(): boolean {
    return checked(this).#socket !== undefined;
  }

  /** Why not, for people; null while it is enabled. */
  get disabledBecause(): string | null {
    return checked(this).#disabledBecause;
  }

  /** Why the last message that was `'full'` or `'unreachable'` was so. */
  get lastError(): SystemError | null {
    return checked(this).#lastError;
  }

  /**
   * Sends one message. Never waits.
   * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNKNOWN_OPTION, EPERM and ESRCH with `pid`
   */
  notify(state: NotifyState): NotifyOutcome {
    const notifier = checked(this);
    const given = readOptions(toObject(state, 'state'), stateNames, undefined, 'state');
    const message = encodeState(given, process.hrtime.bigint() / 1000n);
    // Also if the manager does not take it: that the service is ready stays true.
    if (given.ready === true) toldReady.add(notifier.#address);
    return notifier.#send(message);
  }

  /** READY=1: the start, or a reload, is finished. */
  ready(status?: string): NotifyOutcome {
    return this.notify({ ready: true, status });
  }

  /** RELOADING=1 with MONOTONIC_USEC. `ready()` is to follow, also when the reload has failed. */
  reloading(status?: string): NotifyOutcome {
    return this.notify({ reloading: true, status });
  }

  /** STOPPING=1 */
  stopping(status?: string): NotifyOutcome {
    return this.notify({ stopping: true, status });
  }

  /** STATUS=... */
  status(status: string): NotifyOutcome {
    if (status === undefined) throw invalidArgType('status', 'of type string', status);
    return this.notify({ status });
  }

  /** EXTEND_TIMEOUT_USEC=...: what goes on, a start, a stop, may last so much longer, from now. */
  extendTimeout(ms: number): NotifyOutcome {
    if (ms === undefined) throw invalidArgType('ms', 'of type number', ms);
    return this.notify({ extendTimeoutMs: ms });
  }

  /**
   * FDSTORE=1: the manager keeps copies over a restart (`FileDescriptorStoreMax=` in the unit), and hands them to the next
   * start with LISTEN_FDS. @throws EBADF, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  storeDescriptors(descriptors: readonly number[], name?: string, options?: StoreOptions): NotifyOutcome {
    const notifier = checked(this);
    const polls = toBoolean(readOptions(options, storeNames).poll, 'options.poll', true);
    const message = encodeStore(name === undefined ? undefined : toDescriptorName(name, 'name'), polls);
    return notifier.#send(message, toDescriptors(descriptors, 'descriptors'));
  }

  /** FDSTOREREMOVE=1: the manager closes those of that name. */
  removeDescriptors(name: string): NotifyOutcome {
    return checked(this).#send(encodeRemoval(toDescriptorName(name, 'name')));
  }

  /** BARRIER=1: resolves when the manager has looked at all that was sent before, or is gone. */
  async barrier(options?: BarrierOptions): Promise<BarrierOutcome> {
    const notifier = checked(this);
    const given = readOptions(options, barrierNames).timeoutMs;
    const timeoutMs = given === undefined ? usualBarrierMs : toTimeoutMs(given, 'options.timeoutMs');
    if (notifier.#socket === undefined) return 'disabled';
    const result = native().notifyBarrier(notifier.#socket);
    const outcome = notifier.#outcomeOf(result);
    return outcome === 'sent' ? await awaitRelease(result, timeoutMs) : outcome;
  }

  /** Gives the socket back; from here on it is disabled. Closing twice is no error. */
  close(): void {
    const notifier = checked(this);
    if (notifier.#socket === undefined) return;
    native().closeNotifySocket(notifier.#socket);
    notifier.#socket = undefined;
    notifier.#disabledBecause = 'it has been closed';
  }

  [Symbol.dispose](): void {
    checked(this).close();
  }

  #send(message: string, descriptors: Int32Array = none): NotifyOutcome {
    if (this.#socket === undefined) return 'disabled';
    return this.#outcomeOf(native().notify(this.#socket, message, descriptors));
  }

  #outcomeOf(result: number): Exclude<NotifyOutcome, 'disabled'> {
    if (result >= 0) return 'sent';
    const error = systemError('sendmsg', result);
    if (!full.has(error.code) && !unreachable.has(error.code)) throw error;
    this.#lastError = error;
    return full.has(error.code) ? 'full' : 'unreachable';
  }

  /** @internal Undefined if it is disabled. */
  static socketOf(notifier: Notifier): object | undefined {
    return notifier.#socket;
  }

  /** @internal Whether its manager has been told READY=1 once: before, that waits for the end of the start. */
  static hasToldReady(notifier: Notifier): boolean {
    return toldReady.has(notifier.#address);
  }

  /** @internal */
  static is(value: object): boolean {
    return #socket in value;
  }
}

/** A Notifier, as it is. */
export function toNotifier(value: unknown, argument: string): Notifier {
  if (typeof value !== 'object' || value === null || !Notifier.is(value))
    throw invalidArgType(argument, 'a Notifier of this copy of sigkit', value);
  return value as Notifier;
}

function checked(value: Notifier): Notifier {
  return toNotifier(value, 'this');
}

function toDescriptors(value: unknown, argument: string): Int32Array {
  if (!Array.isArray(value)) throw invalidArgType(argument, 'an array of descriptors', value);
  if (value.length === 0 || value.length > maxDescriptors)
    throw outOfRange(`${argument}.length`, `an integer from 1 to ${maxDescriptors}`, value.length);
  return Int32Array.from(value, (fd: unknown, index) => toDescriptor(fd, `${argument}[${index}]`));
}

/**
 * The service manager that NOTIFY_SOCKET names, without libsystemd. Where there is none, or one that cannot be told anything,
 * the notifier is not `enabled` and does nothing; an address that sigkit cannot use is also warned of.
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, EMFILE
 */
export function openNotifier(options?: NotifierOptions): Notifier {
  const given = readOptions(options, notifierNames);
  const pid = given.pid === undefined ? 0 : toPositivePid(given.pid, 'options.pid');
  const { NOTIFY_SOCKET: value } = takeVariables(given, ['NOTIFY_SOCKET']);
  const parsed = parseAddress(value);
  if ('problem' in parsed) {
    if (value !== undefined && value !== '') process.emitWarning(parsed.problem, 'SigkitWarning');
    return new Notifier(constructing, undefined, parsed);
  }
  const socket = native().openNotifySocket(parsed.address, pid);
  if (typeof socket === 'number') throw systemError('socket', socket);
  return new Notifier(constructing, socket, parsed);
}

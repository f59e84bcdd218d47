import { toAbortSignal, toPositivePid } from '../../base/arguments.js';
import { abortError, invalidArgType, SigkitError, systemError } from '../../base/errors.js';
import { KeepAlive } from '../../base/keep-alive.js';
import { native } from '../../base/native.js';
import { requireNative } from '../../base/native-only.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { toSignalOrProbe, toSignalValue } from '../../signals/arguments.js';
import type { Signal } from '../../signals/names.js';
import { openRef, type ProcessRef } from '../process-ref.js';
import type { WaitResult } from '../wait-status.js';

const noSuchProcess = -3;
const constructing = Symbol('constructing');

const collected = new FinalizationRegistry<ProcessRef>((ref) => ref.close());

/** Sends by a reference; false if there is none any more, or nobody it refers to. @throws EPERM, EAGAIN */
export function sendTo(ref: ProcessRef | null, sig: unknown, value: unknown): boolean {
  const number = toSignalOrProbe(sig, 'sig');
  const sent = value === undefined ? undefined : toSignalValue(value, 'value');
  const result = ref === null ? noSuchProcess : ref.signal(number, sent);
  if (result < 0 && result !== noSuchProcess) throw systemError('pidfd_send_signal', result);
  return result === 0;
}

/**
 * One process, by a pidfd (pidfd_open(2)): whatever happens to its number, it is never another one. Made by `openProcess()`.
 */
export class ProcessHandle implements Disposable {
  readonly pid: number;
  readonly #ref: ProcessRef;
  #closed = false;
  #exited: Promise<WaitResult | null> | undefined;
  #abandon: (error: Error) => void = () => {};

  /** @internal */
  constructor(key: symbol, ref: ProcessRef) {
    if (key !== constructing)
      throw invalidArgType('new ProcessHandle', 'replaced by a call of openProcess()', undefined);
    this.pid = ref.pid;
    this.#ref = ref;
    collected.register(this, ref, this);
  }

  /** Whether `close()` has been called. */
  get closed(): boolean {
    return checked(this).#closed;
  }

  /**
   * How it ended, once it has; null where the kernel tells only its parent (before 6.15). Reaps nothing. From the first
   * look at it, it keeps the process alive, as a pending operation does, until the other one has exited or `close()`.
   */
  get exited(): Promise<WaitResult | null> {
    const handle = checked(this);
    handle.#exited ??= handle.#awaitExit();
    return handle.#exited;
  }

  /**
   * Sends a signal, with a value if one is given (SI_QUEUE); 0 only checks.
   * @returns false if the process has ended and been reaped
   * @throws EPERM, EAGAIN (its queue is full), ERR_SIGKIT_CLOSED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  kill(sig: Signal = 'SIGTERM', value?: number | bigint): boolean {
    const handle = checked(this);
    if (handle.#closed) throw closedError();
    return sendTo(handle.#ref, sig, value);
  }

  /** Gives the handle back. `exited` rejects if it still waits. Closing twice is no error. */
  close(): void {
    const handle = checked(this);
    if (handle.#closed) return;
    handle.#closed = true;
    collected.unregister(handle);
    handle.#ref.close();
    handle.#abandon(closedError());
  }

  [Symbol.dispose](): void {
    checked(this).close();
  }

  #awaitExit(): Promise<WaitResult | null> {
    if (this.#closed) return Promise.reject(closedError());
    const alive = new KeepAlive();
    const exited = new Promise<WaitResult | null>((resolve, reject) => {
      this.#ref.onExit(() => {
        alive.set(false);
        this.#abandon = () => {};
        resolve(this.#ref.exitResult());
      });
      alive.set(true);
      this.#abandon = (error) => {
        alive.set(false);
        reject(error);
      };
    });
    // Whoever closes it before its end need not look at this.
    exited.catch(() => {});
    return exited;
  }

  /** @internal */
  static is(value: object): boolean {
    return #ref in value;
  }
}

function closedError(): SigkitError {
  return new SigkitError('ERR_SIGKIT_CLOSED', 'this ProcessHandle has been closed');
}

function checked(value: ProcessHandle): ProcessHandle {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || !ProcessHandle.is(value))
    throw invalidArgType('this', 'a ProcessHandle of this copy of sigkit', value);
  return value;
}

/**
 * A handle on a process, child or not, that no recycled pid can confuse (pidfd_open(2), kernel 5.3; before, pid and start
 * time stand in, which leaves a moment: docs/processes.md).
 * @throws ESRCH (no such process, or a thread's id), EMFILE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function openProcess(pid: number): ProcessHandle {
  const target = toPositivePid(pid, 'pid');
  native();
  requireNative('openProcess');
  return new ProcessHandle(constructing, openRef(target));
}

export interface WaitForExitOptions {
  /** Gives up when it aborts; the promise then rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

const optionNames: OptionNames<WaitForExitOptions> = { signal: true };

/**
 * Waits until a process has exited, child or not. Reaps nothing: a zombie has exited.
 * @returns how it ended; null where the kernel tells only its parent (before 6.15)
 * @throws ESRCH, EMFILE, AbortError, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export async function waitForExit(pid: number, options?: WaitForExitOptions): Promise<WaitResult | null> {
  const target = toPositivePid(pid, 'pid');
  const signal = toAbortSignal(readOptions(options, optionNames).signal, 'options.signal');
  if (signal?.aborted === true) throw abortError(signal.reason);
  requireNative('waitForExit');
  using handle = openProcess(target);
  return await untilAborted(handle.exited, signal);
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(abortError(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stop();
  }
}

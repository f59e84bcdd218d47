import { util } from './builtins.js';

/** Every code of sigkit's own errors; docs/errors.md has a heading for each. */
export const sigkitErrorCodes = [
  'ERR_SIGKIT_ADDONS_DISABLED',
  'ERR_SIGKIT_CLOSED',
  'ERR_SIGKIT_DIAGNOSTICS_DIRECTORY',
  'ERR_SIGKIT_DIAGNOSTICS_OPEN',
  'ERR_SIGKIT_FOREIGN_CHILD',
  'ERR_SIGKIT_FOREIGN_PROC',
  'ERR_SIGKIT_MAIN_THREAD_ONLY',
  'ERR_SIGKIT_NOEXEC',
  'ERR_SIGKIT_NOT_BUILT',
  'ERR_SIGKIT_NOT_CONTAINED',
  'ERR_SIGKIT_NOT_LOADED',
  'ERR_SIGKIT_OLD_LIBRARY',
  'ERR_SIGKIT_READ_AHEAD',
  'ERR_SIGKIT_RUN_FAILED',
  'ERR_SIGKIT_SECOND_COPY',
  'ERR_SIGKIT_SHUTDOWN_OPEN',
  'ERR_SIGKIT_SHUTTING_DOWN',
  'ERR_SIGKIT_SNAPSHOT',
  'ERR_SIGKIT_UNCLAIMABLE',
  'ERR_SIGKIT_UNKNOWN_OPTION',
  'ERR_SIGKIT_UNREACHABLE_THREADS',
  'ERR_SIGKIT_UNSUPPORTED',
  'ERR_SIGKIT_UNSUPPORTED_PLATFORM',
  'ERR_SIGKIT_WATCHDOG_OPEN',
  'ERR_SIGKIT_WRONG_ARCHITECTURE',
  'ERR_SIGKIT_WRONG_LIBC',
] as const;

/** One of them. */
export type SigkitErrorCode = (typeof sigkitErrorCodes)[number];

/** What a change of every thread's mask did: numbers of threads, and who could not be reached. */
export interface MaskReport {
  /** Threads whose mask was set. */
  readonly updated: number;
  /** Threads that cannot be signalled, but block the wanted signals anyway (Node's inspector thread). */
  readonly alreadyBlocked: number;
  /** Thread ids of those that could not be reached and do not block them. Behind a claim stands a handler for those. */
  readonly unreachable: readonly number[];
  /** Whether all threads are known: not where /proc tells of another pid namespace, or is not there. */
  readonly complete: boolean;
}

interface SigkitErrorOptions {
  readonly cause?: unknown;
  readonly report?: MaskReport;
}

/** An error of sigkit's own making. To be recognised by `code`. */
export class SigkitError extends Error {
  readonly code: SigkitErrorCode;
  /** With ERR_SIGKIT_UNREACHABLE_THREADS: what the change reached before it was taken back. */
  declare readonly report?: MaskReport;

  constructor(code: SigkitErrorCode, message: string, options: SigkitErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.report !== undefined) this.report = options.report;
  }

  /** The same error with the stack of here: for one that is found at load and thrown at each call. */
  again(): SigkitError {
    return copyOf(this);
  }
}

// Outside, as a class that mentions itself gets another name from the bundler.
function copyOf({ code, message, cause }: SigkitError): SigkitError {
  return new SigkitError(code, message, cause === undefined ? {} : { cause });
}

Object.defineProperty(SigkitError.prototype, 'name', {
  value: 'SigkitError',
  configurable: true,
  writable: true,
});

/** The shape of Node's own errors of system calls. */
export interface SystemError extends Error {
  /** The name of the errno: 'ESRCH'. */
  readonly code: string;
  /** Negative, as in Node: -3. */
  readonly errno: number;
  /** The call that failed: 'kill'. */
  readonly syscall: string;
  /** The file or folder that it was about, if it was about one. */
  readonly path?: string;
}

// libuv has no name for some that only wait(2) and execve(2) know: ECHILD, ENOEXEC.
function errnoName(errno: number): string {
  const { constants } = process.getBuiltinModule('node:os');
  const known = Object.entries(constants.errno).find(([, number]) => number === -errno);
  return known?.[0] ?? util.getSystemErrorName(errno);
}

/** An error as Node shapes those of system calls, e.g. `kill ESRCH`. `errno` is negative. */
export function systemError(syscall: string, errno: number, path?: string): SystemError {
  const code = errnoName(errno);
  const where = path === undefined ? '' : ` '${path}'`;
  return Object.assign(
    new Error(`${syscall} ${code}${where}`),
    { code, errno, syscall },
    path === undefined ? {} : { path },
  );
}

/** A native result of 0 or more, as it is. @throws SystemError for a negative errno */
export function checkResult(syscall: string, result: number): number {
  if (result < 0) throw systemError(syscall, result);
  return result;
}

/** Whether it is an error of any realm: in a `vm` context, as in Jest, those of Node are no instances of its own Error. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || util.types.isNativeError(value);
}

/** Whether reading /proc failed because the process or thread has ended meanwhile. */
export function isGone(error: unknown): boolean {
  return isError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

function received(value: unknown): string {
  if (value === null || value === undefined) return `Received ${value}`;
  if (typeof value === 'function') return `Received function ${value.name}`;
  if (typeof value === 'object') return `Received ${kindOf(value)}`;
  return `Received type ${typeof value} (${util.inspect(value)})`;
}

// The object itself has no say in how it is shown: what it throws must not take the place of the error.
function kindOf(value: object): string {
  try {
    const { name } = value.constructor;
    if (typeof name === 'string' && name !== '') return `an instance of ${name}`;
  } catch {
    // A proxy that refuses, or an object without a prototype: shown below.
  }
  return util.inspect(value, { depth: -1, customInspect: false });
}

/** A TypeError in Node's words: the argument, what it must be, what it was. */
export function invalidArgType(argument: string, expected: string, actual: unknown): TypeError {
  return Object.assign(new TypeError(`The "${argument}" argument must be ${expected}. ${received(actual)}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/** A RangeError in Node's words: the argument, what is allowed, what it was. */
export function outOfRange(argument: string, allowed: string, actual: unknown): RangeError {
  return Object.assign(
    new RangeError(
      `The value of "${argument}" is out of range. It must be ${allowed}. Received ${util.inspect(actual)}`,
    ),
    {
      code: 'ERR_OUT_OF_RANGE',
    },
  );
}

/** What an aborted `signal` option makes of a call: an AbortError as Node's own, with the reason as its cause. */
export function abortError(reason: unknown): Error {
  const error = Object.assign(new Error('The operation was aborted', { cause: reason }), {
    code: 'ABORT_ERR',
  });
  return Object.defineProperty(error, 'name', { value: 'AbortError', configurable: true, writable: true });
}

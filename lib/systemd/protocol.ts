import { toBoolean, toChoice, toInteger, toPositivePid, toTimeoutMs } from '../base/arguments.js';
import { invalidArgType, outOfRange } from '../base/errors.js';
import { fieldLines } from './fields.js';

/** What a service tells of itself in one message (sd_notify(3)). What is left out is not told. */
export interface NotifyState {
  /** Its start, or a reload, is finished. */
  readonly ready?: boolean | undefined;
  /** A reload begins, now: MONOTONIC_USEC goes with it. */
  readonly reloading?: boolean | undefined;
  readonly stopping?: boolean | undefined;
  /** A line for people. Control characters become spaces; what does not fit into a message is cut off. */
  readonly status?: string | undefined;
  /** Why it fails: a positive errno. */
  readonly errno?: number | undefined;
  /** Which process the manager is to look after. */
  readonly mainPid?: number | undefined;
  /** The manager's time-out of what goes on ends no earlier than so many milliseconds from now. */
  readonly extendTimeoutMs?: number | undefined;
  /** A sign of life, or the wish to be treated as a service that has given none. */
  readonly watchdog?: 'ping' | 'trigger' | undefined;
  /** What has no name here, such as NOTIFYACCESS or RESTART_RESET; what is for other programs than systemd begins with X_. */
  readonly fields?: Readonly<Record<string, string | undefined>> | undefined;
}

// A manager reads no more of a message than PIPE_BUF bytes.
const maxMessageBytes = 4096;
const maxErrno = 4095;
// Microseconds are to stay exact.
const maxTimeoutMs = Number.MAX_SAFE_INTEGER / 1000;

/** The text of a message; `monotonicUsec` is CLOCK_MONOTONIC. The status comes last, where it can be cut. */
export function encodeState(state: NotifyState, monotonicUsec: bigint): string {
  const lines = [...flagLines(state, monotonicUsec), ...valueLines(state), ...fieldLines(state.fields)];
  const uncut = lines.join('\n');
  if (Buffer.byteLength(uncut) > maxMessageBytes)
    throw outOfRange('state.fields', `of ${maxMessageBytes} bytes at most, with all else that is told`, state.fields);
  if (state.status === undefined) return uncut;
  const message = cutToBytes([...lines, `STATUS=${toLine(state.status)}`].join('\n'), maxMessageBytes);
  // A part of its name is no status.
  return message.includes('STATUS=', uncut.length) ? message : uncut;
}

function flagLines({ ready, reloading, stopping }: NotifyState, monotonicUsec: bigint): string[] {
  const lines: string[] = [];
  if (toBoolean(ready, 'state.ready', false)) lines.push('READY=1');
  if (toBoolean(reloading, 'state.reloading', false)) lines.push('RELOADING=1', `MONOTONIC_USEC=${monotonicUsec}`);
  if (toBoolean(stopping, 'state.stopping', false)) lines.push('STOPPING=1');
  return lines;
}

function valueLines({ errno, mainPid, extendTimeoutMs, watchdog }: NotifyState): string[] {
  const lines: string[] = [];
  if (errno !== undefined) lines.push(`ERRNO=${toInteger(errno, 'state.errno', 1, maxErrno)}`);
  if (mainPid !== undefined) lines.push(`MAINPID=${toPositivePid(mainPid, 'state.mainPid')}`);
  if (extendTimeoutMs !== undefined) lines.push(`EXTEND_TIMEOUT_USEC=${toMicroseconds(extendTimeoutMs)}`);
  if (watchdog !== undefined) {
    const asks = toChoice(watchdog, 'state.watchdog', ['ping', 'trigger']) === 1;
    lines.push(asks ? 'WATCHDOG=trigger' : 'WATCHDOG=1');
  }
  return lines;
}

function toMicroseconds(value: unknown): number {
  const milliseconds = toTimeoutMs(value, 'state.extendTimeoutMs');
  if (milliseconds > maxTimeoutMs)
    throw outOfRange('state.extendTimeoutMs', `a number of milliseconds up to ${Math.floor(maxTimeoutMs)}`, value);
  return Math.round(milliseconds * 1000);
}

function toLine(value: unknown): string {
  if (typeof value !== 'string') throw invalidArgType('state.status', 'of type string', value);
  return value.replace(/\p{Cc}+/gu, ' ').trim();
}

function cutToBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  // A stream holds back what the cut has left of a character.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, limit), { stream: true });
}

/** The message that goes with descriptors for the manager to keep, also when they hang up if it does not poll them. */
export function encodeStore(name: string | undefined, polls: boolean): string {
  return `FDSTORE=1${name === undefined ? '' : `\nFDNAME=${name}`}${polls ? '' : '\nFDPOLL=0'}`;
}

/** The message by which the manager closes what it keeps under that name. */
export function encodeRemoval(name: string): string {
  return `FDSTOREREMOVE=1\nFDNAME=${name}`;
}

/** A name as a manager takes it for a descriptor, and gives it back in LISTEN_FDNAMES. */
export function toDescriptorName(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw invalidArgType(argument, 'of type string', value);
  if (!/^[ -9;-~]{1,255}$/.test(value))
    throw outOfRange(argument, '1 to 255 printable ASCII characters other than a colon', value);
  return value;
}

import { toAbortSignal, toChoice, toTimeoutMs } from '../../base/arguments.js';
import { outOfRange } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { parseSignal, type Signal, signalNumber } from '../../signals/names.js';

export interface TerminateOptions {
  /** What asks them to end. @default 'SIGTERM' */
  readonly sig?: Signal | undefined;
  /** How long they have before SIGKILL. @default 5000 */
  readonly graceMs?: number | undefined;
  /**
   * Who is asked: 'all', or with 'mixed' the leader of the group or the root of the tree alone, and the others get SIGKILL once
   * it has ended, or after `graceMs`, as by KillMode=mixed of systemd.kill(5). @default 'all'
   */
  readonly mode?: 'all' | 'mixed' | undefined;
  /** Gives up when it aborts: nothing more is sent, and the promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/** The same, checked. */
export interface Wish {
  readonly number: number;
  readonly graceMs: number;
  readonly isMixed: boolean;
  readonly signal: AbortSignal | undefined;
  /** Whether the grace keeps this process alive. */
  readonly ref: boolean;
}

const optionNames: OptionNames<TerminateOptions> = { sig: true, graceMs: true, mode: true, signal: true };
const modes = ['all', 'mixed'] as const;
const usualGraceMs = 5000;

/** What the `sig` of these is called elsewhere. */
export function killSignalHint(name: string): string | undefined {
  return name === 'killSignal' ? 'Did you mean "sig"?' : undefined;
}

export function toWish(given: TerminateOptions): Wish {
  const number = given.sig === undefined ? 15 : parseSignal(given.sig, 'options.sig');
  if (number === signalNumber('SIGSTOP')) throw outOfRange('options.sig', 'a signal that can end a process', given.sig);
  return {
    number,
    graceMs: given.graceMs === undefined ? usualGraceMs : toTimeoutMs(given.graceMs, 'options.graceMs'),
    isMixed: given.mode !== undefined && toChoice(given.mode, 'options.mode', modes) === 1,
    signal: toAbortSignal(given.signal, 'options.signal'),
    ref: true,
  };
}

/** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_SIGKIT_UNKNOWN_OPTION */
export function readWish(options: TerminateOptions | undefined): Wish {
  return toWish(readOptions(options, optionNames, killSignalHint));
}

import { SigkitError } from '../base/errors.js';
import { portable, realtimeMin } from '../base/native.js';
import { toSignalNumbers } from './arguments.js';
import { lastSignal, nameOf } from './names.js';
import { maskOf, type SignalMask } from './signal-mask.js';

const faults: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS']);
const onlyByName: ReadonlySet<string> = new Set(['SIGUSR1', 'SIGPROF']);

function isLibcsOwn(number: number): boolean {
  return number >= 32 && number < realtimeMin;
}

function isBlockable(number: number): boolean {
  const name = nameOf(number);
  return name !== 'SIGKILL' && name !== 'SIGSTOP' && !isLibcsOwn(number);
}

/** What no thread can or may block. */
export const unblockable: SignalMask = maskOf(
  Array.from({ length: lastSignal }, (_, index) => index + 1).filter((number) => !isBlockable(number)),
);

/** Why a signal cannot be taken away from the process, or null. */
export function refusalOf(number: number): string | null {
  const name = nameOf(number);
  if (name === 'SIGKILL' || name === 'SIGSTOP') return 'the kernel lets no program catch it';
  if (isLibcsOwn(number)) return 'libc needs it for itself';
  if (faults.has(name))
    return 'it reports a fault of one thread, which must get it at once; sigkit itself uses one of these';
  return null;
}

function refuse(number: number, use: string, reason: string): never {
  throw new SigkitError('ERR_SIGKIT_UNCLAIMABLE', `${nameOf(number)} cannot be ${use}: ${reason}`);
}

function allClaimable(): number[] {
  const numbers = Array.from({ length: lastSignal }, (_, index) => index + 1);
  return numbers.filter(
    (number) =>
      refusalOf(number) === null &&
      !onlyByName.has(nameOf(number)) &&
      (portable === undefined || portable.canListen(number)),
  );
}

/** The signals of a claim: given ones, or 'all' that can be claimed but SIGUSR1 (the debugger) and SIGPROF (the profiler). */
export function toClaim(signals: unknown, argument: string): SignalMask {
  if (signals === 'all') return maskOf(allClaimable());
  const numbers = toSignalNumbers(signals, argument);
  for (const number of numbers) {
    const reason = refusalOf(number);
    if (reason !== null) refuse(number, 'claimed', reason);
  }
  return maskOf(numbers);
}

/** The signals of ignoreSignals and resetSignals. */
export function toChangeable(signals: unknown, argument: string): SignalMask {
  const numbers = toSignalNumbers(signals, argument);
  for (const number of numbers) {
    const reason =
      nameOf(number) === 'SIGCHLD' ? 'child_process would never learn that a child has ended' : refusalOf(number);
    if (reason !== null) refuse(number, 'ignored or reset', reason);
  }
  return maskOf(numbers);
}

/** All signals whose disposition sigkit may have changed. */
export function everyChangeable(): SignalMask {
  const numbers = Array.from({ length: lastSignal }, (_, index) => index + 1);
  return maskOf(numbers.filter((number) => refusalOf(number) === null));
}

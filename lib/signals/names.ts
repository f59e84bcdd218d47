import { invalidArgType, outOfRange } from '../base/errors.js';
import { portable, realtimeMin, requireAddon } from '../base/native.js';
import { type DefaultAction, libcsOwn, linuxTable, type StandardName, tableOf } from './signal-table.js';

export type { DefaultAction };

/** The name under which sigkit reports a signal. Real-time ones count from SIGRTMIN; the last is SIGRTMAX. */
export type SignalName = StandardName | 'SIGRTMIN' | `SIGRTMIN+${number}` | 'SIGRTMAX';

/** A signal as an argument: a name, an alias of one, or a number from 1 to 64. */
export type Signal = SignalName | `SIGRTMAX-${number}` | 'SIGIOT' | 'SIGCLD' | 'SIGPOLL' | 'SIGUNUSED' | number;

/** What `describeSignal` tells of a signal. */
export interface SignalDescription {
  readonly signal: SignalName;
  readonly number: number;
  /** As strsignal(3) puts it, in English. */
  readonly description: string;
  readonly defaultAction: DefaultAction;
  /** False for SIGKILL and SIGSTOP, which no program can block, handle or ignore. */
  readonly catchable: boolean;
  readonly realtime: boolean;
  /** What Node, V8, libuv or libc itself does with it; null if nothing. */
  readonly usedByNode: string | null;
}

/** SIGRTMAX, the highest number (signal(7)). */
export const lastSignal = 64;
const allowed = `a signal name such as 'SIGTERM' or 'SIGRTMIN+1', or an integer from 1 to ${lastSignal}`;
const textAllowed = `a signal such as 'SIGTERM', 'term', '15' or 'rtmin+1'`;

const table = portable?.signals === undefined ? linuxTable : tableOf(portable.signals);

function canonicalName(number: number): SignalName {
  const standard = table.entries.get(number);
  if (number < realtimeMin && standard !== undefined) return standard.name;
  if (number === lastSignal && number > realtimeMin) return 'SIGRTMAX';
  // Only musl has such a one: 34 is libc's there too.
  if (number < realtimeMin) return `SIG${number}` as SignalName;
  return number === realtimeMin ? 'SIGRTMIN' : `SIGRTMIN+${number - realtimeMin}`;
}

// Of Linux all are, also those that libc keeps.
function isThere(number: number): boolean {
  return portable?.signals === undefined || table.entries.has(number);
}

const namesByNumber: readonly SignalName[] = Array.from({ length: lastSignal }, (_, index) => canonicalName(index + 1));
const numbersByName: ReadonlyMap<string, number> = new Map([
  ...namesByNumber.map((name, index) => [name, index + 1] as const).filter(([, number]) => isThere(number)),
  ...Object.entries(table.aliases),
]);

function numberOfName(name: string): number | undefined {
  const known = numbersByName.get(name);
  if (known !== undefined) return known;
  const relative = /^SIGRT(?:MIN\+|MAX-)(\d{1,2})$/.exec(name);
  if (relative === null) return undefined;
  const distance = Number(relative[1]);
  const number = name.startsWith('SIGRTMIN') ? realtimeMin + distance : lastSignal - distance;
  return number >= realtimeMin && number <= lastSignal ? number : undefined;
}

function isSignalNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= lastSignal && isThere(value);
}

function meantName(text: string): string | undefined {
  const upper = text.toUpperCase();
  return [upper, `SIG${upper}`].find((tried) => numberOfName(tried) !== undefined);
}

function numberOfText(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[1-9]\d?$/.test(trimmed)) return isSignalNumber(Number(trimmed)) ? Number(trimmed) : undefined;
  // Other scripts have letters that become ours in upper case.
  const name = /^[A-Z\d+-]+$/i.test(trimmed) ? meantName(trimmed) : undefined;
  return name === undefined ? undefined : numberOfName(name);
}

/** Whether it is a name, or an alias, of that signal. */
export function isNameOf(name: unknown, number: number): boolean {
  return numberNamed(name) === number;
}

/** The number of the signal that has this name; undefined if none has. */
export function numberNamed(name: unknown): number | undefined {
  return typeof name === 'string' ? numberOfName(name) : undefined;
}

function suggestion(name: string): string {
  const candidate = meantName(name);
  return candidate === undefined ? allowed : `${allowed} (did you mean '${candidate}'?)`;
}

/** The number of a signal given as name or number; `argument` names it in the error. */
export function parseSignal(signal: unknown, argument: string): number {
  if (typeof signal === 'string') {
    const number = numberOfName(signal);
    if (number === undefined) throw outOfRange(argument, suggestion(signal), signal);
    return number;
  }
  if (typeof signal !== 'number') throw invalidArgType(argument, allowed, signal);
  if (!isSignalNumber(signal)) throw outOfRange(argument, allowed, signal);
  return signal;
}

/** The canonical name of a number that is known to be a signal's. */
export function nameOf(number: number): SignalName {
  return namesByNumber[number - 1] as SignalName;
}

/**
 * The number of a signal, 1 to 64 (signal(7)).
 * @throws RangeError ERR_OUT_OF_RANGE for an unknown name or number, TypeError ERR_INVALID_ARG_TYPE for anything else
 */
export function signalNumber(signal: Signal): number {
  requireAddon();
  return parseSignal(signal, 'signal');
}

/**
 * The canonical name of a signal: aliases resolved, real-time ones counted from SIGRTMIN.
 * @throws RangeError ERR_OUT_OF_RANGE for an unknown name or number, TypeError ERR_INVALID_ARG_TYPE for anything else
 */
export function signalName(signal: Signal): SignalName {
  requireAddon();
  return nameOf(parseSignal(signal, 'signal'));
}

/** Whether every function takes it for a signal: a name, an alias or a number from 1 to 64. `'term'` and `'15'` are none. */
export function isSignal(value: unknown): value is Signal {
  requireAddon();
  if (typeof value === 'string') return numberOfName(value) !== undefined;
  return isSignalNumber(value);
}

/**
 * The signal that people mean by a text, of a configuration file or a command line: `'SIGTERM'`, `'term'`, `'15'`,
 * `'rtmin+3'`, as kill(1) and `sigkit-init` understand them; a number, too.
 * @throws RangeError ERR_OUT_OF_RANGE for one that means no signal, TypeError ERR_INVALID_ARG_TYPE for anything else
 */
export function signalFromText(text: string | number): SignalName {
  requireAddon();
  if (typeof text === 'number') return nameOf(parseSignal(text, 'text'));
  if (typeof text !== 'string') throw invalidArgType('text', 'of type string or number', text);
  const number = numberOfText(text);
  if (number === undefined) throw outOfRange('text', textAllowed, text);
  return nameOf(number);
}

/** All signals that a program may send or wait for, ordered by number: every one but libc's own. */
export function validSignals(): Set<SignalName> {
  requireAddon();
  return new Set(namesByNumber.filter((_, index) => isThere(index + 1) && (index < 31 || index + 1 >= realtimeMin)));
}

/**
 * What a signal is and does.
 * @throws RangeError ERR_OUT_OF_RANGE for an unknown name or number, TypeError ERR_INVALID_ARG_TYPE for anything else
 */
export function describeSignal(signal: Signal): SignalDescription {
  requireAddon();
  const number = parseSignal(signal, 'signal');
  const name = nameOf(number);
  const standard = number < realtimeMin ? (table.entries.get(number) ?? libcsOwn) : undefined;
  return {
    signal: name,
    number,
    description: standard?.description ?? `Real-time signal ${number - realtimeMin}`,
    defaultAction: standard?.defaultAction ?? 'terminate',
    catchable: name !== 'SIGKILL' && name !== 'SIGSTOP',
    realtime: number >= realtimeMin,
    usedByNode: standard?.usedByNode ?? null,
  };
}

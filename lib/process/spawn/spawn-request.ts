import { fileURLToPath } from 'node:url';

import {
  maxPid,
  toAbortSignal,
  toBoolean,
  toDescriptor,
  toInteger,
  toObject,
  toText,
  toTexts,
} from '../../base/arguments.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { givenNames, type OptionNames, readOptions } from '../../base/options.js';
import { type Signals, toSignalMask } from '../../signals/arguments.js';
import { lastSignal, parseSignal, type Signal } from '../../signals/names.js';
import { emptyMask, isEmpty, maskOf, type SignalMask } from '../../signals/signal-mask.js';
import { type Containment, type ContainmentKind, type ContainOptions, toContainment } from '../contain/containment.js';
import { childProcessHint } from './child-process-options.js';
import { type ChildSettings, settingNames, type SettingsRequest, toSettings } from './child-settings.js';
import type { GivenStream } from './given-stream.js';
import { refuseNativeOnly } from './native-only-options.js';
import type { Stdio } from './stdio-types.js';
import { toStandardIo } from './stdio.js';
import {
  refuseBesideTerminal,
  termOf,
  type TerminalOptions,
  type TerminalRequest,
  toTerminalOptions,
} from './terminal-options.js';

export interface SpawnOptions<Given extends Stdio | undefined = Stdio | undefined> extends ChildSettings {
  /** true: a new group, led by the child; a number: that group of this session. @default false: the caller's */
  readonly processGroup?: boolean | number | undefined;
  /** A new session, led by the child, without a terminal (setsid(2)). @default false */
  readonly session?: boolean | undefined;
  /**
   * true: the child's group becomes the foreground of the controlling terminal before its program starts, in a group of its
   * own unless `processGroup` says otherwise. With `session`, its stdin becomes its controlling terminal. A number: a
   * descriptor of the terminal. @default false
   */
  readonly foreground?: boolean | number | undefined;
  /** What the child blocks. @default nothing */
  readonly signalMask?: Signals | undefined;
  /** Which signals are set to their default action, if this process ignores them; 'all' is all. @default 'all' */
  readonly defaultSignals?: Signals | 'all' | undefined;
  /** Which signals the child ignores. @default none */
  readonly ignoreSignals?: Signals | undefined;
  /** What the child gets when this process ends, in whatever way (PR_SET_PDEATHSIG, prctl(2)). @default none */
  readonly parentDeathSignal?: Signal | undefined;
  /** As for `child_process.spawn`; further descriptors follow the three. @default 'pipe' */
  readonly stdio?: Given | undefined;
  /**
   * A pseudo terminal of its own, which becomes its stdin, stdout and stderr: the child leads a session on it, and `child.terminal` is our
   * end. `stdio` is left out. @default none
   */
  readonly terminal?: boolean | TerminalOptions | undefined;
  readonly cwd?: string | URL | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What the child sees as its own name. @default file */
  readonly argv0?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Supplementary groups. @default none where uid or gid is given, else the caller's */
  readonly groups?: readonly number[] | undefined;
  /**
   * Ends the child when it aborts, and the whole group if it leads one by `processGroup: true`, `session` or `foreground`:
   * SIGTERM, and SIGKILL after five seconds.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Nothing that the child starts outlives it, nor this process, in whatever way either ends: docs/contain.md. Its kind, or
   * true for the first that can be had of a cgroup and a supervisor. @default false
   */
  readonly contain?: boolean | ContainmentKind | ContainOptions | undefined;
}

/** Everything checked, as the addon takes it. */
export interface SpawnRequest {
  readonly file: string;
  readonly files: readonly string[];
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string | undefined;
  readonly sources: readonly number[];
  readonly given: readonly GivenStream[];
  readonly groups: readonly number[] | undefined;
  readonly numbers: readonly number[];
  readonly settings: SettingsRequest;
  readonly terminal: TerminalRequest | undefined;
  /** A descriptor of the folder of a cgroup of v2, in which the child is born, if not that of the settings. */
  readonly cgroup: number;
  readonly leadsGroup: boolean;
  readonly signal: AbortSignal | undefined;
  readonly contain: Containment | undefined;
}

/** All that spawn() takes. */
export const optionNames: OptionNames<SpawnOptions> = {
  processGroup: true,
  session: true,
  foreground: true,
  signalMask: true,
  defaultSignals: true,
  ignoreSignals: true,
  parentDeathSignal: true,
  stdio: true,
  terminal: true,
  cwd: true,
  env: true,
  argv0: true,
  uid: true,
  gid: true,
  groups: true,
  signal: true,
  ...settingNames,
  contain: true,
};

// native/posix/spawn_request.h has the same numbers.
const sameGroup = -1;
const ownGroup = 0;
const noTerminal = -1;
const standardInput = -2;
const controllingTerminal = -3;
const unchanged = -1;
const sameCgroup = -1;

// As execvp(3) without PATH.
const usualPath = '/bin:/usr/bin';
const allSignals = maskOf(Array.from({ length: lastSignal }, (_, index) => index + 1));

function toGroup(value: unknown, foreground: boolean): number {
  if (value === undefined) return foreground ? ownGroup : sameGroup;
  if (value === false) return sameGroup;
  if (value === true) return ownGroup;
  if (typeof value !== 'number') throw invalidArgType('options.processGroup', 'of type boolean or number', value);
  return toInteger(value, 'options.processGroup', 0, maxPid);
}

function toTerminal(value: unknown, session: boolean): number {
  if (value === undefined || value === false) return noTerminal;
  if (value === true) return session ? standardInput : controllingTerminal;
  if (typeof value !== 'number') throw invalidArgType('options.foreground', 'of type boolean or number', value);
  return toDescriptor(value, 'options.foreground');
}

/** A uid or gid, or undefined if not given; 2^32 - 1 would mean "leave it" to the kernel. */
function toUserId(value: unknown, argument: string): number | undefined {
  return value === undefined ? undefined : toInteger(value, argument, 0, 0xfffffffe);
}

// By what it has, as for Node: those of another realm are no instances of ours.
function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null) return false;
  const { href, protocol, auth, path } = value as Readonly<Record<string, unknown>>;
  // What url.parse() makes has the last two.
  return Boolean(href) && Boolean(protocol) && auth === undefined && path === undefined;
}

/** A path, as text or as a URL. */
export function toPath(value: unknown, argument: string): string {
  return toText(isUrl(value) ? fileURLToPath(String(value.href)) : value, argument);
}

function toDirectory(value: unknown): string | undefined {
  return value === undefined ? undefined : toPath(value, 'options.cwd');
}

function toEnvironment(value: object = process.env): Map<string, string> {
  const given = toObject(value, 'options.env');
  const environment = new Map<string, string>();
  for (const name of givenNames(given)) {
    const text: unknown = Reflect.get(given, name);
    if (text === undefined) continue;
    const argument = `options.env.${name}`;
    if (name === '' || /[=\0]/.test(name)) throw outOfRange(argument, "named without '=' and null characters", name);
    environment.set(name, toText(text, argument));
  }
  return environment;
}

function toGroups(value: unknown): number[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw invalidArgType('options.groups', 'an array of group ids', value);
  return Array.from(value, (group: unknown, index) => toInteger(group, `options.groups[${index}]`, 0, 0xfffffffe));
}

function toDefaults(value: Signals | 'all' | undefined): SignalMask {
  return value === undefined || value === 'all' ? allSignals : toSignalMask(value, 'options.defaultSignals');
}

function toIgnored(value: Signals | undefined): SignalMask {
  if (value === undefined) return emptyMask;
  const ignored = toSignalMask(value, 'options.ignoreSignals');
  const refused = maskOf([9, 19]);
  if ((ignored.low & refused.low) !== 0)
    throw outOfRange('options.ignoreSignals', 'without SIGKILL and SIGSTOP, which nobody can ignore', value);
  return ignored;
}

/** Where execve(2) is to look, in order. A name with a slash is a path. */
function candidates(file: string, path: string): string[] {
  if (file.includes('/') || process.platform === 'win32') return [file];
  return path.split(':').map((folder) => `${folder === '' ? '.' : folder}/${file}`);
}

// spawn(file, options), as child_process has it. What can be iterated was meant as arguments.
export function isInPlaceOfArgs(args: unknown, options: unknown): args is object {
  return options === undefined && typeof args === 'object' && args !== null && !(Symbol.iterator in args);
}

/** Checks everything that spawn() is given. */
export function toRequest(file: unknown, args: unknown, options: SpawnOptions | undefined): SpawnRequest {
  const name = toText(file, 'file');
  if (name === '') throw outOfRange('file', 'not empty', file);
  const isOptions = isInPlaceOfArgs(args, options);
  const list = isOptions ? [] : toTexts(args, 'args');
  const given = readOptions(isOptions ? (args as SpawnOptions) : options, optionNames, childProcessHint);
  const ownTerminal = toTerminalOptions(given.terminal);
  if (ownTerminal !== undefined) refuseBesideTerminal(given);
  const session = toBoolean(given.session, 'options.session', false) || ownTerminal !== undefined;
  const terminal = ownTerminal === undefined ? toTerminal(given.foreground, session) : standardInput;
  const group = toGroup(given.processGroup, terminal !== noTerminal);
  const mask = given.signalMask === undefined ? emptyMask : toSignalMask(given.signalMask, 'options.signalMask');
  const defaults = toDefaults(given.defaultSignals);
  const ignored = toIgnored(given.ignoreSignals);
  const deathSignal =
    given.parentDeathSignal === undefined ? 0 : parseSignal(given.parentDeathSignal, 'options.parentDeathSignal');
  const { sources, given: givenStreams } =
    ownTerminal === undefined ? toStandardIo(given.stdio, 'options.stdio') : { sources: [], given: [] };
  const cwd = toDirectory(given.cwd);
  const env = toEnvironment(given.env);
  if (ownTerminal !== undefined) env.set('TERM', termOf(ownTerminal, given.env));
  const argv0 = given.argv0 === undefined ? name : toText(given.argv0, 'options.argv0');
  const uid = toUserId(given.uid, 'options.uid') ?? unchanged;
  const gid = toUserId(given.gid, 'options.gid') ?? unchanged;
  const groups = toGroups(given.groups);
  const settings = toSettings(given);
  const contain = toContainment(given.contain);
  if (contain !== undefined && deathSignal !== 0)
    throw outOfRange('options.parentDeathSignal', 'not given with contain, which ends all', given.parentDeathSignal);
  if (contain !== undefined && settings.cgroup !== undefined)
    throw outOfRange('options.cgroup', 'not given with contain, which takes it itself', settings.cgroup);
  refuseNativeOnly({
    processGroup: group > 0,
    foreground: given.foreground !== undefined && given.foreground !== false,
    terminal: ownTerminal !== undefined,
    signalMask: !isEmpty(mask),
    defaultSignals: defaults !== allSignals,
    ignoreSignals: !isEmpty(ignored),
    parentDeathSignal: deathSignal !== 0,
    groups: groups !== undefined,
    ...settings.given,
    contain: contain !== undefined,
  });
  return {
    file: name,
    files: candidates(name, env.get('PATH') ?? usualPath),
    argv: [argv0, ...list],
    env: Array.from(env, ([key, value]) => `${key}=${value}`),
    cwd,
    sources,
    given: givenStreams,
    groups,
    numbers: [
      session ? 1 : 0,
      group,
      terminal,
      deathSignal,
      uid,
      gid,
      ...[mask, defaults, ignored].flatMap(({ low, high }) => [low, high]),
    ],
    settings,
    terminal: ownTerminal,
    cgroup: sameCgroup,
    leadsGroup: session || group === ownGroup,
    signal: toAbortSignal(given.signal, 'options.signal'),
    contain,
  };
}

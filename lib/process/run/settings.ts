import { toAbortSignal, toBoolean, toChoice, toInteger, toText, toTexts, toTimeoutMs } from '../../base/arguments.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { portable } from '../../base/native.js';
import { readOptions } from '../../base/options.js';
import { unsupportedHere } from '../../base/unsupported.js';
import { isInPlaceOfArgs, type SpawnRequest, toPath, toRequest } from '../spawn/spawn-request.js';
import { descriptorOf } from '../spawn/given-stream.js';
import { toStandardIo } from '../spawn/stdio.js';
import type { StdioEntry } from '../spawn/stdio-types.js';
import { readWish, type Wish } from '../ending/wish.js';
import { commandLine } from './display.js';
import { toInput } from './input.js';
import { withLocal } from './local-path.js';
import { handedOnNames, type Input, optionNames, runHint, type RunOptions, type RunScope } from './options.js';
import { isFile, type Place, shareFiles, toPlaces } from './sinks.js';
import { isInForeground } from './terminal.js';

/** Everything that run() is given, checked. */
export interface Settings {
  readonly command: string;
  /** Its `sources` are put in when it starts. */
  readonly request: SpawnRequest;
  readonly stdin: StdioEntry;
  readonly input: Input | undefined;
  readonly stdout: readonly Place[];
  readonly stderr: readonly Place[];
  readonly timeoutMs: number;
  readonly wish: Wish;
  readonly scope: RunScope;
  readonly maxBuffer: number;
  readonly endsAtMaxBuffer: boolean;
  readonly encoding: BufferEncoding | 'bytes';
  readonly stripFinalNewline: boolean;
  readonly lateOutputMs: number;
  readonly reject: boolean;
  readonly signal: AbortSignal | undefined;
  readonly verbose: boolean;
  /** Its group is made the foreground of the terminal. */
  readonly hasTerminal: boolean;
  /** Whether nothing that it is given could be gone if it is started later. */
  readonly mayWait: boolean;
}

export const stdioNames: readonly string[] = ['options.stdin', 'options.stdout', 'options.stderr'];

const usualMaxBuffer = 100 * 2 ** 20;
const scopes: readonly RunScope[] = ['process', 'group', 'tree', 'contained'];
const [overflows] = [['truncate', 'end']] as const;

function toScope(given: RunOptions): RunScope {
  const { processGroup, session } = given;
  const hasGroup =
    session === true || (processGroup === undefined ? true : processGroup === true || processGroup === 0);
  const isContained = given.contain !== undefined && given.contain !== false;
  if (given.scope === undefined) return isContained ? 'contained' : hasGroup ? 'group' : 'process';
  const scope = scopes[toChoice(given.scope, 'options.scope', scopes)] ?? 'group';
  if (isContained && scope !== 'contained') throw outOfRange('options.scope', "'contained' with contain", scope);
  if (scope === 'contained' && given.contain === false)
    throw outOfRange('options.contain', "not false with scope: 'contained'", given.contain);
  if (scope === 'group' && !hasGroup)
    throw outOfRange('options.scope', "'process' or 'tree' with that processGroup", scope);
  if (scope === 'tree' && portable !== undefined) throw unsupportedHere("scope: 'tree'", "scope: 'group'");
  return scope;
}

// What the request of spawn() is made from. Without a group of its own, what is not asked for is left to that.
function spawnOptionsOf(given: RunOptions, scope: RunScope, hasTerminal: boolean): Record<string, unknown> {
  const handed: Record<string, unknown> = { stdio: 'ignore' };
  for (const name of handedOnNames) if (name in given) handed[name] = Reflect.get(given, name);
  if (scope !== 'process' && given.processGroup === undefined && given.session !== true) handed['processGroup'] = true;
  if (hasTerminal) handed['foreground'] = true;
  const { parentDeathSignal } = given;
  // It ends in any case.
  if (scope === 'contained') handed['contain'] = given.contain ?? true;
  else if (parentDeathSignal !== null && (parentDeathSignal !== undefined || portable === undefined))
    handed['parentDeathSignal'] = parentDeathSignal ?? 'SIGTERM';
  if (given.preferLocal !== undefined && given.preferLocal !== false) handed['env'] = localEnv(given);
  return handed;
}

function localEnv({ preferLocal, cwd, env = process.env }: RunOptions): object {
  const from = preferLocal === true ? (cwd ?? '.') : preferLocal;
  const argument = preferLocal === true ? 'options.cwd' : 'options.preferLocal';
  return { ...env, PATH: withLocal(toPath(from, argument), env['PATH']) };
}

function toShell(value: unknown): string | undefined {
  if (value === undefined || value === false) return undefined;
  if (process.platform === 'win32') throw unsupportedHere('the option "shell" of run()', 'the shell as the program');
  if (value === true) return '/bin/sh';
  if (typeof value !== 'string') throw invalidArgType('options.shell', 'of type boolean or string', value);
  if (value === '') throw outOfRange('options.shell', 'not empty', value);
  return toText(value, 'options.shell');
}

function toEncoding(value: unknown): BufferEncoding | 'bytes' {
  if (value === undefined) return 'utf8';
  if (typeof value !== 'string') throw invalidArgType('options.encoding', "an encoding of Buffer's, or 'bytes'", value);
  if (value === 'bytes' || Buffer.isEncoding(value)) return value;
  throw outOfRange('options.encoding', "an encoding of Buffer's, or 'bytes'", value);
}

function takesTerminal({ stdin, foreground, session, processGroup }: RunOptions, scope: RunScope): boolean {
  if (session === true || foreground === false) return false;
  if (foreground === true) return true;
  const isGiven = typeof stdin === 'object' && stdin !== null && descriptorOf(stdin) === 0;
  const reads = stdin === 'inherit' || stdin === 0 || isGiven;
  return foreground === undefined && reads && scope !== 'process' && processGroup === undefined && isInForeground();
}

// What has a descriptor may be closed by then.
function isThereLater(place: unknown): boolean {
  return (
    typeof place !== 'number' &&
    (typeof place !== 'object' || place === null || isFile(place) || descriptorOf(place) === undefined)
  );
}

function toStdin(given: RunOptions): StdioEntry {
  const { stdin, input } = given;
  if (input !== undefined && stdin !== undefined && stdin !== 'pipe')
    throw outOfRange('options.stdin', "'pipe' where there is an input", stdin);
  const entry = stdin ?? (input === undefined ? 'ignore' : 'pipe');
  toStandardIo([entry, 'ignore', 'ignore'], stdioNames);
  return entry;
}

function toOutput(
  given: RunOptions,
): Pick<Settings, 'maxBuffer' | 'endsAtMaxBuffer' | 'encoding' | 'stripFinalNewline' | 'lateOutputMs'> {
  const { maxBuffer, onMaxBuffer } = given;
  return {
    maxBuffer:
      maxBuffer === undefined ? usualMaxBuffer : toInteger(maxBuffer, 'options.maxBuffer', 1, Number.MAX_SAFE_INTEGER),
    endsAtMaxBuffer: onMaxBuffer !== undefined && toChoice(onMaxBuffer, 'options.onMaxBuffer', overflows) === 1,
    encoding: toEncoding(given.encoding),
    stripFinalNewline: toBoolean(given.stripFinalNewline, 'options.stripFinalNewline', true),
    lateOutputMs: given.lateOutputMs === undefined ? 1000 : toTimeoutMs(given.lateOutputMs, 'options.lateOutputMs'),
  };
}

/** @throws as spawn() does of its arguments */
export function toSettings(
  file: string,
  args: readonly string[] | RunOptions | undefined,
  options: RunOptions | undefined,
): Settings {
  const isOptions = isInPlaceOfArgs(args, options);
  const list = isOptions ? [] : toTexts(args, 'args');
  const given = readOptions<RunOptions>(isOptions ? (args as RunOptions) : options, optionNames, runHint);
  const scope = toScope(given);
  const shell = toShell(given.shell);
  const text = toText(file, 'file');
  const [program, words] = shell === undefined ? [text, list] : [shell, ['-c', text, shell, ...list]];
  const stdin = toStdin(given);
  const places = [toPlaces(given.stdout, 'options.stdout'), toPlaces(given.stderr, 'options.stderr')];
  const [stdout = [], stderr = []] = shareFiles(places);
  const hasTerminal = takesTerminal(given, scope);
  return {
    command: shell === undefined ? commandLine([text, ...list]) : text,
    request: toRequest(program, words, spawnOptionsOf(given, scope, hasTerminal)),
    stdin,
    input: given.input === undefined ? undefined : toInput(given.input),
    stdout,
    stderr,
    timeoutMs: toTimeoutMs(given.timeoutMs, 'options.timeoutMs'),
    wish: readWish({ sig: given.sig, graceMs: given.graceMs }),
    scope,
    ...toOutput(given),
    reject: toBoolean(given.reject, 'options.reject', true),
    signal: toAbortSignal(given.signal, 'options.signal'),
    verbose: toBoolean(given.verbose, 'options.verbose', process.env['SIGKIT_VERBOSE'] === '1'),
    hasTerminal,
    mayWait:
      !hasTerminal &&
      [stdin, ...stdout, ...stderr].every(isThereLater) &&
      (stdin !== 'pipe' || given.input !== undefined),
  };
}

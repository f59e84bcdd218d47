import { toBoolean, toInteger, toText } from '../../base/arguments.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';

export interface TerminalOptions {
  /** @default 80 */
  readonly columns?: number | undefined;
  /** @default 24 */
  readonly rows?: number | undefined;
  /** What it can do: TERM of the child. @default that of the option env, else 'xterm-256color' */
  readonly name?: string | undefined;
  /** true: as after `setRawMode(true)`. @default false */
  readonly raw?: boolean | undefined;
}

export interface TerminalRequest {
  readonly columns: number;
  readonly rows: number;
  readonly name: string | undefined;
  readonly raw: boolean;
}

const optionNames: OptionNames<TerminalOptions> = { columns: true, rows: true, name: true, raw: true };
const usualName = 'xterm-256color';
export const maxSize = 0xffff;

/** @returns undefined if none is asked for */
export function toTerminalOptions(value: unknown): TerminalRequest | undefined {
  if (value === undefined || value === false) return undefined;
  if (value !== true && (typeof value !== 'object' || value === null))
    throw invalidArgType('options.terminal', 'of type boolean or object', value);
  const given = readOptions<TerminalOptions>(
    value === true ? undefined : value,
    optionNames,
    undefined,
    'options.terminal',
  );
  return {
    columns: toInteger(given.columns ?? 80, 'options.terminal.columns', 1, maxSize),
    rows: toInteger(given.rows ?? 24, 'options.terminal.rows', 1, maxSize),
    name: given.name === undefined ? undefined : toText(given.name, 'options.terminal.name'),
    raw: toBoolean(given.raw, 'options.terminal.raw', false),
  };
}

/** Refuses what the terminal says already. `given`: options of spawn(). */
export function refuseBesideTerminal(given: object): void {
  const { stdio, session, foreground, processGroup } = given as Readonly<Record<string, unknown>>;
  const fitting = { session: session ?? true, foreground: foreground ?? true, processGroup: processGroup ?? true };
  if (stdio !== undefined) throw outOfRange('options.stdio', 'left out together with "options.terminal"', stdio);
  for (const [name, value] of Object.entries(fitting))
    if (value !== true) throw outOfRange(`options.${name}`, 'true or left out together with "options.terminal"', value);
}

/** The name of the terminal, as the child is told. `given`: the option `env`. */
export function termOf({ name }: TerminalRequest, given: object | undefined): string {
  const own: unknown = given === undefined ? undefined : Reflect.get(given, 'TERM');
  return name ?? (typeof own === 'string' ? own : usualName);
}

import { parseArgs } from 'node:util';

import { problemIn } from '../arguments.js';
import { type Scenario, scenarioNames } from './scenarios.js';

/** What `sigkit doctor` was asked for. */
export interface Options {
  readonly command: readonly string[];
  readonly lint: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** Which scenarios; all of them if empty. */
  readonly only: readonly Scenario[];
  readonly graceMs: number;
  readonly deadlineMs: number;
  /** What tells that the app is ready; by default a port that it listens on, or quiet. */
  readonly port: number | undefined;
  readonly line: RegExp | undefined;
  readonly timeMs: number | undefined;
  readonly page: string;
  readonly health: string | undefined;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const known = {
  port: text,
  ready: text,
  time: text,
  grace: text,
  deadline: text,
  path: text,
  health: text,
  try: text,
  lint: flag,
  json: flag,
  help: { ...flag, short: 'h' },
} as const;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** Of `1m30s`, `500ms`, `10`: what has no unit is in `unit` milliseconds. @returns NaN of what is no time */
export function milliseconds(word: string, unit: number): number {
  if (!/^(?:\d+(?:\.\d+)?\s*(?:ms|s|min|m|h)?\s*)+$/.test(word)) return Number.NaN;
  const parts = [...word.matchAll(/([\d.]+)\s*([a-z]*)/g)];
  return parts.reduce((sum, [, amount, name]) => sum + Number(amount) * (units[name ?? ''] ?? unit), 0);
}

function time(name: string, word: string | undefined, unit: number, usual: number): number {
  const value = word === undefined ? usual : milliseconds(word, unit);
  if (!(value >= 0 && value <= 86_400_000)) throw new RangeError(`--${name} is no time: ${word}`);
  return value;
}

function pattern(word: string | undefined): RegExp | undefined {
  return word === undefined ? undefined : new RegExp(word.replace(/^\/(.*)\/$/s, '$1'), 'm');
}

function port(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (!/^\d{1,5}$/.test(word) || Number(word) < 1 || Number(word) > 65_535)
    throw new RangeError(`--port is none: ${word}`);
  return Number(word);
}

// Of what http.get takes.
const isPath = (word: string): boolean => /^\/[\x21-\x7E]*$/.test(word);
const isPage = (word: string): boolean => isPath(word) || (word.startsWith('http://') && URL.canParse(word));

function scenarios(word: string | undefined): readonly Scenario[] {
  return (word?.split(',') ?? []).map((name) => {
    const found = scenarioNames.find((each) => each === name);
    if (found === undefined) throw new RangeError(`--try knows ${scenarioNames.join(', ')}, not ${name}`);
    return found;
  });
}

function read(before: readonly string[], command: readonly string[]): Options {
  const { values } = parseArgs({ args: [...before], options: known });
  const { lint = false, json = false, help = false, path: page = '/' } = values;
  if (command.length === 0 && !lint && !help) throw new RangeError('no COMMAND after --');
  if (!isPath(page)) throw new RangeError(`--path is none: ${page}`);
  if (values.health !== undefined && !isPage(values.health))
    throw new RangeError(`--health is no path, nor http://…: ${values.health}`);
  return {
    command,
    lint,
    json,
    help,
    only: scenarios(values.try),
    graceMs: time('grace', values.grace, 1000, 10_000),
    deadlineMs: time('deadline', values.deadline, 1000, 30_000),
    port: port(values.port),
    line: pattern(values.ready),
    timeMs: values.time === undefined ? undefined : time('time', values.time, 1, 0),
    page,
    health: values.health,
  };
}

/** The options stand before `--`, the command after it. @returns a text that says what is wrong */
export function readOptions(args: readonly string[]): Options | string {
  const at = args.indexOf('--');
  try {
    return at < 0 ? read(args, []) : read(args.slice(0, at), args.slice(at + 1));
  } catch (error) {
    return problemIn(error);
  }
}

import { styleText } from 'node:util';

import { escapeLine } from '../base/escape.js';
import { isError } from '../base/errors.js';
import { inJson } from '../diagnostics/in-json.js';
import { type OptionValues, type OwnOptions, readArguments, type Wanted } from './arguments.js';

/** What the commands end with that tell something; docs/commands.md has them. */
export const exitCodes = { fine: 0, signalLost: 1, found: 1, usage: 2, noSuchProcess: 3, cannotTell: 4 } as const;

type Style = Parameters<typeof styleText>[0];

/** Coloured on a terminal whose user has nothing against it: NO_COLOR, NODE_DISABLE_COLORS, TERM=dumb. */
export function painted(style: Style, text: string): string {
  return styleText(style, text, { validateStream: true, stream: process.stdout });
}

export function print(text: string): void {
  // Whoever has read enough may close it: head(1).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`sigkit: ${error.message}\n`);
    process.exitCode = exitCodes.cannotTell;
  });
  process.stdout.write(text);
}

export const asJson = (value: unknown): string => `${JSON.stringify(value, inJson, 2)}\n`;

/** Columns, each as wide as its widest text; the last one is not padded. */
export function table(rows: readonly (readonly string[])[], indent: string = ''): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  return rows.map(
    (row) =>
      indent +
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
  );
}

/** A command that tells of a process. */
export interface Teller {
  readonly usage: string;
  /** What stands on the command line, in this order. */
  readonly words: readonly string[];
  /** Its own besides --json and --help. */
  readonly options?: OwnOptions;
  /** Returns an exit code, or what is wrong with the words. */
  tell(words: readonly string[], json: boolean, values: OptionValues): number | string | Promise<number | string>;
}

/** What has to be told in place of an answer, and the exit code. */
export class Untold extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Of a command line that is wrong. Returns the exit code. */
export function refuse(usage: string, problem: string): number {
  process.stderr.write(`sigkit: ${problem}\n${usage}`);
  return exitCodes.usage;
}

function failed(error: unknown): number {
  if (!isError(error)) throw error;
  const gone = 'code' in error && error.code === 'ESRCH';
  process.stderr.write(`sigkit: ${gone ? 'no such process' : escapeLine(error.message)}\n`);
  if (error instanceof Untold) return error.status;
  return gone ? exitCodes.noSuchProcess : exitCodes.cannotTell;
}

async function answer(teller: Teller, wanted: Wanted): Promise<number> {
  try {
    const told = await teller.tell(wanted.words, wanted.json, wanted.values);
    return typeof told === 'string' ? refuse(teller.usage, told) : told;
  } catch (error) {
    return failed(error);
  }
}

/** Runs it with its part of the command line. Returns an exit code. */
export async function run(teller: Teller, args: readonly string[]): Promise<number> {
  const wanted = readArguments(args, teller.words, teller.options);
  if (typeof wanted === 'string') return refuse(teller.usage, wanted);
  if (!wanted.help) return answer(teller, wanted);
  print(teller.usage);
  return exitCodes.fine;
}

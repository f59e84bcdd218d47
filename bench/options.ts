import { parseArgs } from 'node:util';

import { areas } from './areas/all.js';
import type { Area } from './report/model.js';

export interface Options {
  readonly quick: boolean;
  readonly check: boolean;
  readonly help: boolean;
  /** A file, or `-` for the standard output. */
  readonly json: string | undefined;
  /** A folder. */
  readonly svg: string | undefined;
  readonly areas: readonly Area[];
}

export const usage: string = `npm run bench -- [options] [area...]

Measures sigkit and what people would use instead, side by side, and prints a table for each comparison.

  --quick       the short form, to see that everything works; its figures are rough
  --check       with --quick: compares ratios with the bounds in bench/bounds.ts; exit code 1 if one is broken
  --json FILE   writes all that was measured, - for the standard output instead of the tables
  --svg FOLDER  draws a plot for each table
  --help        prints this

Areas: ${areas.map(({ name }) => name).join(', ')}; without one, all.
`;

function isParseError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function parse(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      json: { type: 'string' },
      svg: { type: 'string' },
    },
  });
  const unknown = positionals.find((wanted) => areas.every(({ name }) => name !== wanted));
  if (unknown !== undefined) throw new RangeError(`Unknown area '${unknown}'`);
  if (values.check && !values.quick)
    throw new RangeError("'--check' needs '--quick': the bounds are for the short form");
  return {
    quick: values.quick,
    check: values.check,
    help: values.help,
    json: values.json,
    svg: values.svg,
    areas: areas.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
  };
}

/** What the command line asks for, or what is wrong with it. */
export function readOptions(args: readonly string[]): Options | { readonly wrong: string } {
  try {
    return parse(args);
  } catch (error) {
    if (error instanceof RangeError || isParseError(error)) return { wrong: error.message };
    throw error;
  }
}

// Measures all areas, or those that are named, and reports: see `usage` in options.ts.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { brokenBounds } from './bounds.js';
import { type Options, readOptions, usage } from './options.js';
import { short } from './report/goals.js';
import { toJson } from './report/json.js';
import { describeMachine, printedMachine } from './report/machine.js';
import type { Area, Effort, Table } from './report/model.js';
import { toSvg } from './report/svg.js';
import { printed } from './report/table.js';

const roughly = 'The short form, to see that everything works: too short to judge by.\n\n';

/** Measures what has broken a bound once more: noise does not break it twice. */
async function checkBounds(
  area: Area,
  effort: Effort,
  tables: readonly Table[],
  say: (text: string) => void,
): Promise<number> {
  const first = brokenBounds(tables);
  if (first.length === 0) return 0;
  say(`${area.name}: ${first.length} bounds are broken, so it is measured once more\n`);
  const again = brokenBounds(
    await area.measure(effort),
    first.map(({ bound }) => bound),
  );
  for (const { bound, value } of again) {
    const { table, contender, column, to, atMost } = bound;
    const of = to === undefined ? '' : ` x ${to}`;
    say(`BROKEN: ${table}: ${contender}, ${column} is ${short(value)}${of}, bound ${atMost}\n`);
  }
  return again.length;
}

function writeInto(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

function draw(folder: string, tables: readonly Table[]): void {
  for (const table of tables) {
    const plot = toSvg(table);
    if (plot !== undefined) writeInto(folder, `${table.id}.svg`, plot);
  }
}

async function run(options: Options): Promise<number> {
  const say = (text: string): void => {
    (options.json === '-' ? process.stderr : process.stdout).write(text);
  };
  const { quick, check } = options;
  const machine = describeMachine();
  say(printedMachine(machine) + (quick ? roughly : ''));
  const tables: Table[] = [];
  let broken = 0;
  for (const area of options.areas) {
    const measured = await area.measure({ quick });
    tables.push(...measured);
    for (const table of measured) say(printed(table));
    if (check) broken += await checkBounds(area, { quick }, measured, say);
  }
  const json = toJson(machine, quick, tables);
  if (options.json === '-') process.stdout.write(json);
  else if (options.json !== undefined) writeInto(path.dirname(options.json), path.basename(options.json), json);
  if (options.svg !== undefined) draw(options.svg, tables);
  if (check) say(`${broken} bounds are broken\n`);
  return broken === 0 ? 0 : 1;
}

const options = readOptions(process.argv.slice(2));
if ('wrong' in options) {
  process.stderr.write(`${options.wrong}\n\n${usage}`);
  process.exitCode = 2;
} else if (options.help) {
  process.stdout.write(usage);
} else {
  process.exitCode = await run(options);
}

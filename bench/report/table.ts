import { judge } from './goals.js';
import type { Column, Table } from './model.js';
import { find, medianOf, ratioOf } from './statistics.js';

const textWidth = 120;

function format(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `1.52 x`; a dash where there is nothing to divide by. */
function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '-';
  return `${ratio >= 100 ? format(ratio, 0) : ratio.toFixed(2)} x`;
}

/** A column of medians, and one of ratios unless there is nothing to divide by, each below its title. */
function cells(table: Table, { name, unit, digits = 0 }: Column): string[][] {
  const medians = table.results.map((result) => format(medianOf(result, name), digits));
  const titled = [unit === '' ? name : `${name} (${unit})`, ...medians];
  const baseline = find(table, table.baseline);
  if (baseline === undefined || !(medianOf(baseline, name) > 0)) return [titled];
  return [titled, ['ratio', ...table.results.map((result) => formatRatio(ratioOf(result, baseline, name)))]];
}

/** The lines of columns that stand side by side: text to the left, then numbers to the right. */
function align(columns: readonly (readonly string[])[]): string[] {
  const padded = columns.map((column, at) => {
    const width = Math.max(...column.map(({ length }) => length));
    return column.map((cell) => (at === 0 ? cell.padEnd(width) : cell.padStart(width)));
  });
  return (padded[0] ?? []).map((_, line) => padded.map((column) => column[line] ?? '').join('  '));
}

function wrap(text: string): string[] {
  return text.split(' ').reduce<string[]>(
    (lines, word) => {
      const last = lines.at(-1) ?? '';
      const fits = last.length + 1 + word.length <= textWidth;
      return fits ? [...lines.slice(0, -1), `${last} ${word}`.trimStart()] : [...lines, word];
    },
    [''],
  );
}

/** A table for people: a row for each contender, a median and a ratio to the baseline for each column. */
export function printed(table: Table): string {
  const names = ['', ...table.results.map(({ contender }) => contender)];
  const rounds = Math.max(
    0,
    ...table.results.flatMap(({ values }) => Object.values(values).map(({ length }) => length)),
  );
  const ratios = table.baseline === undefined ? '' : `; ratios to ${table.baseline}`;
  return [
    `${table.id}: ${table.title}`,
    ...wrap(`${table.method} Medians of ${rounds} rounds${ratios}.`),
    '',
    ...align([names, ...table.columns.flatMap((column) => cells(table, column))]),
    ...table.missing.map(({ contender, reason }) => `missing: ${contender}: ${reason}`),
    ...table.goals.map((goal) => `goal ${judge(table, goal).text}`),
    '',
    '',
  ].join('\n');
}

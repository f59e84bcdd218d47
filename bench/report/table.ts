import { judge } from './goals.js';
import type { Column, Result, Table } from './model.js';
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

function cells(table: Table, column: Column, result: Result): string[] {
  const median = format(medianOf(result, column.name), column.digits ?? 0);
  if (table.baseline === undefined) return [median];
  const baseline = find(table, table.baseline);
  return [median, baseline === undefined ? '-' : formatRatio(ratioOf(result, baseline, column.name))];
}

function header({ columns, baseline }: Table): string[] {
  const titles = columns.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`));
  return ['', ...titles.flatMap((title) => (baseline === undefined ? [title] : [title, 'ratio']))];
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
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
  const rows = table.results.map((result) => [
    result.contender,
    ...table.columns.flatMap((column) => cells(table, column, result)),
  ]);
  const rounds = Math.max(
    0,
    ...table.results.flatMap(({ values }) => Object.values(values).map(({ length }) => length)),
  );
  const ratios = table.baseline === undefined ? '' : `; ratios to ${table.baseline}`;
  return [
    `${table.id}: ${table.title}`,
    ...wrap(`${table.method} Medians of ${rounds} rounds${ratios}.`),
    '',
    ...align([header(table), ...rows]),
    ...table.missing.map(({ contender, reason }) => `missing: ${contender}: ${reason}`),
    ...table.goals.map((goal) => `goal ${judge(table, goal).text}`),
    '',
    '',
  ].join('\n');
}

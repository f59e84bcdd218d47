import type { Column, Result, Table } from './model.js';
import { medianOf } from './statistics.js';

const width = 760;
const letterWidth = 7.5;
const valueWidth = 90;
const rowHeight = 22;
const barHeight = 14;
const panelTop = 34;
const titleHeight = 40;
// From this ratio of the largest to the smallest on, a linear scale shows nothing of the small ones.
const logFrom = 30;

const style = `
  svg { background: #fff; color: #24292f; font: 13px system-ui, sans-serif; }
  text { fill: currentColor; }
  .title { font-size: 15px; font-weight: 600; }
  .column { font-size: 12px; opacity: .7; }
  .bar { fill: #8c959f; }
  .own { fill: #1f7a4d; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3; }
    .bar { fill: #6e7681; }
    .own { fill: #3fb96f; }
  }
`;

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Where a value's bar ends, from 0 to 1. */
function scale(values: readonly number[]): { readonly place: (value: number) => number; readonly name: string } {
  const most = Math.max(...values);
  const least = Math.min(...values);
  if (least <= 0 || most / least < logFrom) return { place: (value) => (most === 0 ? 0 : value / most), name: '' };
  // The shortest bar is to be seen, too.
  const start = Math.log(least / 2);
  return { place: (value) => (Math.log(value) - start) / (Math.log(most) - start), name: ', logarithmic' };
}

function isOwn({ contender }: Result): boolean {
  return contender.includes('sigkit');
}

interface Panel {
  readonly column: Column;
  readonly rows: readonly { readonly result: Result; readonly value: number }[];
}

function panelHeight({ rows }: Panel): number {
  return panelTop + rows.length * rowHeight;
}

function drawPanel({ column, rows }: Panel, top: number, labelWidth: number): string {
  const { place, name } = scale(rows.map(({ value }) => value));
  const room = width - labelWidth - valueWidth;
  const bars = rows.map(({ result, value }, index) => {
    const y = top + panelTop + index * rowHeight;
    const length = Math.max(1, place(value) * room);
    const digits = column.digits ?? 0;
    const text = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return [
      `<text x="${labelWidth - 8}" y="${y + 12}" text-anchor="end">${escape(result.contender)}</text>`,
      `<rect class="${isOwn(result) ? 'own' : 'bar'}" x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`,
      `<text x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 12}">${text}</text>`,
    ].join('\n');
  });
  const unit = column.unit === '' ? '' : ` (${column.unit})`;
  return [
    `<text class="column" x="${labelWidth}" y="${top + 22}">${escape(`${column.name}${unit}${name}`)}</text>`,
    ...bars,
  ].join('\n');
}

/** Horizontal bars of the medians, a panel for each column; undefined where there are not two bars to compare. */
export function toSvg(table: Table): string | undefined {
  const panels = table.columns
    .map((column): Panel => {
      const rows = table.results.map((result) => ({ result, value: medianOf(result, column.name) }));
      return { column, rows: rows.filter(({ value }) => Number.isFinite(value)) };
    })
    .filter(({ rows }) => rows.length > 1 && rows.some(({ value }) => value > 0));
  if (panels.length === 0) return undefined;
  const labelWidth = 16 + letterWidth * Math.max(...table.results.map(({ contender }) => contender.length));
  let height = titleHeight;
  const drawn = panels.map((panel) => {
    const top = height;
    height += panelHeight(panel);
    return drawPanel(panel, top, labelWidth);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + 12}" viewBox="0 0 ${width} ${height + 12}" role="img">`,
    `<style>${style}</style>`,
    `<title>${escape(table.title)}</title>`,
    `<text class="title" x="16" y="26">${escape(table.title)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

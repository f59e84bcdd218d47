import type { Goal, Table } from './model.js';
import { find, medianOf, ratioOf } from './statistics.js';

/** How a goal ended. `value` is what was measured: a ratio, or in the column's unit; NaN where a contender is missing. */
export interface Judgement {
  readonly goal: Goal;
  readonly value: number;
  readonly reached: boolean;
  readonly text: string;
}

function limitOf({ atMost, atLeast }: Goal): {
  readonly sign: string;
  readonly limit: number;
  readonly isMost: boolean;
} {
  return atMost === undefined
    ? { sign: '>=', limit: atLeast ?? NaN, isMost: false }
    : { sign: '<=', limit: atMost, isMost: true };
}

function measured(table: Table, { contender, column, to }: Goal): number {
  const own = find(table, contender);
  if (own === undefined) return NaN;
  if (to === undefined) return medianOf(own, column);
  const other = find(table, to);
  return other === undefined ? NaN : ratioOf(own, other, column);
}

/** At most four figures, as people read them. */
export function short(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 });
}

function distance(value: number, limit: number, isMost: boolean): string {
  if (limit === 0) return `by ${short(value)}`;
  const percent = (isMost ? value / limit - 1 : 1 - value / limit) * 100;
  return `by ${short(percent)} %`;
}

/** Whether a goal of the table is reached, and by how much not. */
export function judge(table: Table, goal: Goal): Judgement {
  const { sign, limit, isMost } = limitOf(goal);
  const unit = table.columns.find(({ name }) => name === goal.column)?.unit ?? '';
  const of = goal.to === undefined ? unit : `x ${goal.to}`;
  const what = `${goal.contender}, ${goal.column} ${sign} ${limit} ${of}`.trimEnd();
  const value = measured(table, goal);
  if (Number.isNaN(value)) return { goal, value, reached: false, text: `not measured: ${what}` };
  const reached = isMost ? value <= limit : value >= limit;
  const text = reached
    ? `reached: ${what}: ${short(value)}`
    : `not reached: ${what}: ${short(value)}, missed ${distance(value, limit, isMost)}`;
  return { goal, value, reached, text };
}

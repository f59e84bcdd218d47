import { judge } from './goals.js';
import type { Machine } from './machine.js';
import type { Table } from './model.js';
import { find, medianOf, ratioOf } from './statistics.js';

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function withFigures(table: Table): object {
  const baseline = find(table, table.baseline);
  return {
    ...table,
    results: table.results.map((result) => ({
      ...result,
      medians: Object.fromEntries(table.columns.map(({ name }) => [name, finite(medianOf(result, name))])),
      ratios:
        baseline === undefined
          ? {}
          : Object.fromEntries(table.columns.map(({ name }) => [name, finite(ratioOf(result, baseline, name))])),
    })),
    goals: table.goals.map((goal) => {
      const { value, reached } = judge(table, goal);
      return { ...goal, value: finite(value), reached };
    }),
  };
}

/** All that was measured, with medians, ratios to the baseline and judged goals. What has no number is null. */
export function toJson(machine: Machine, quick: boolean, tables: readonly Table[]): string {
  return `${JSON.stringify({ machine, quick, tables: tables.map(withFigures) }, undefined, 2)}\n`;
}

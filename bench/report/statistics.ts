import type { Result, Table } from './model.js';

/** The middle one; NaN when there is none. */
export function median(values: readonly number[]): number {
  const ordered = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)] ?? NaN;
}

/** What one contender did in a column, over all rounds. */
export function medianOf(result: Result, column: string): number {
  return median(result.values[column] ?? []);
}

/** The median of the ratios of each round, so that what slows down a whole round does not count. */
export function ratioOf(result: Result, to: Result, column: string): number {
  const own = result.values[column] ?? [];
  const others = to.values[column] ?? [];
  return median(own.map((value, round) => value / (others[round] ?? NaN)));
}

/** The result of a contender, or undefined if it did not run. */
export function find({ results }: Pick<Table, 'results'>, contender: string | undefined): Result | undefined {
  return results.find((result) => result.contender === contender);
}

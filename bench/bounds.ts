import type { Table } from './report/model.js';
import { find, ratioOf } from './report/statistics.js';

/** What a ratio of the quick form must not exceed. */
export interface Bound {
  readonly table: string;
  readonly contender: string;
  readonly column: string;
  readonly to: string;
  readonly atMost: number;
}

/** Several times what is usual, so that a noisy machine does not break them, and a real slow-down does. */
export const bounds: readonly Bound[] = [];

export interface Broken {
  readonly bound: Bound;
  readonly ratio: number;
}

/** The bounds of these tables that do not hold. One of a contender that could not run here holds. */
export function brokenBounds(tables: readonly Table[], from: readonly Bound[] = bounds): Broken[] {
  return from.flatMap((bound) => {
    const table = tables.find(({ id }) => id === bound.table);
    if (table === undefined) return [];
    const [own, other] = [bound.contender, bound.to].map((name) => find(table, name));
    if (own === undefined || other === undefined) return [];
    const ratio = ratioOf(own, other, bound.column);
    return ratio <= bound.atMost ? [] : [{ bound, ratio }];
  });
}

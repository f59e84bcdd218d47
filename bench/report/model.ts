/** One column of a table. */
export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly digits?: number;
}

/** What one contender did: a value a round, for each column that it has. NaN where a round has none. */
export interface Result {
  readonly contender: string;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** A figure to reach: DESIGN.md section 7, as a ratio to another contender of the same run, or as a limit of its own. */
export interface Goal {
  readonly contender: string;
  readonly column: string;
  /** The contender that the ratio is to; without one, `atMost` is in the column's unit. */
  readonly to?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Table {
  /** Lasting, for machines: 'latency-idle'. */
  readonly id: string;
  readonly title: string;
  /** What was done, in a sentence or two: sizes, who sends, what is timed. */
  readonly method: string;
  readonly columns: readonly Column[];
  /** The contender to which ratios are printed. */
  readonly baseline?: string;
  readonly results: readonly Result[];
  /** Contenders that could not run here, and why. */
  readonly missing: readonly { readonly contender: string; readonly reason: string }[];
  readonly goals: readonly Goal[];
}

/** How much work: `quick` is for CI, of which only ratios between strongly different things mean anything. */
export interface Effort {
  readonly quick: boolean;
}

/** A row of the table: latency, throughput, ... */
export interface Area {
  readonly name: string;
  measure(effort: Effort): Promise<readonly Table[]>;
}

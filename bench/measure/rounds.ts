import type { Result, Table } from '../report/model.js';

/** Figures by column. */
export type Figures = Readonly<Record<string, number>>;

export interface Contender {
  readonly name: string;
  /** Why it cannot run here. */
  readonly missing?: string | undefined;
  measure(): Promise<Figures> | Figures;
}

/** The values of each column, of one contender's rounds. */
export function resultOf(contender: string, rounds: readonly Figures[]): Result {
  const columns = new Set(rounds.flatMap((figures) => Object.keys(figures)));
  const values = [...columns].map((column) => [column, rounds.map((figures) => figures[column] ?? NaN)] as const);
  return { contender, values: Object.fromEntries(values) };
}

/** Round by round, each contender in its turn, so that a noisy moment hits all. */
export async function inTurn(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Pick<Table, 'results' | 'missing'>> {
  const running = contenders
    .filter(({ missing }) => missing === undefined)
    .map((contender) => ({ contender, figures: [] as Figures[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { contender, figures } of running) figures.push(await contender.measure());
  }
  return {
    results: running.map(({ contender, figures }) => resultOf(contender.name, figures)),
    missing: contenders.flatMap(({ name, missing }) =>
      missing === undefined ? [] : [{ contender: name, reason: missing }],
    ),
  };
}

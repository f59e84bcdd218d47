import type { Figures } from './pair.js';

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** What the same figure is elsewhere, round by round as our own. */
export interface Reference {
  readonly name: string;
  readonly values: readonly number[];
}

export interface Row {
  readonly figure: string;
  readonly unit: string;
  readonly digits?: number;
  readonly own: readonly number[];
  readonly references?: readonly Reference[];
  /** What DESIGN.md wants to reach. */
  readonly goal?: string;
}

/** Medians; a ratio is the median of the ratios of each round, so that what slows down a whole round does not count. */
export function printRow({ figure, unit, digits = 0, own, references = [], goal = '' }: Row): void {
  const ratios = references.map(({ name, values }) => {
    const ratio = median(own.map((value, round) => value / (values[round] ?? NaN)));
    return `${(Number.isFinite(ratio) ? ratio.toFixed(2) : '-').padStart(6)} x ${name} (${median(values).toFixed(digits)})`.padEnd(
      38,
    );
  });
  const value = `${median(own).toFixed(digits)} ${unit}`;
  const line = `${figure.padEnd(46)}${value.padStart(14)}  ${ratios.join('')}${goal === '' ? '' : `goal: ${goal}`}`;
  process.stdout.write(`${line.trimEnd()}\n`);
}

/** The values of one figure of all rounds. */
export function pick<Name extends string>(rounds: readonly Figures<Name>[], name: Name): number[] {
  return rounds.map((figures) => figures[name]);
}

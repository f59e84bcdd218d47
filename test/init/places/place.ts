import { asPid1, canUnshare, fixture } from '../../support/init.js';

export type Range = readonly [first: number, last: number];

/** By signal(7). */
export const fatalSignals: readonly Range[] = [
  [1, 16],
  [24, 27],
  [29, 64],
];

/** Where an init runs: the same must hold in each. */
export interface Place {
  readonly name: string;
  /** Why it cannot be had here. */
  readonly missing?: string;
  readonly asPid1: boolean;
  /** Exit codes, and signals that end a process, to try: from, to. */
  readonly codes: readonly Range[];
  readonly signals: readonly Range[];
  /** The command that runs another there. */
  enter(command: readonly string[]): string[];
  /** As `enter`, once for each number, put in the place of {}; prints a status each: test/fixtures/init/probe-statuses.c. */
  statuses(first: number, last: number, command: readonly string[]): string[];
}

export const plain: Place = {
  name: 'an ordinary process',
  asPid1: false,
  codes: [[0, 255]],
  signals: fatalSignals,
  enter: (command) => [...command],
  statuses: (first, last, command) => [fixture('probe-statuses'), String(first), String(last), ...command],
};

export const namespace: Place = {
  name: 'PID 1 of a namespace',
  ...(canUnshare ? {} : { missing: 'unshare is not permitted' }),
  asPid1: true,
  codes: [[0, 255]],
  signals: fatalSignals,
  enter: (command) => [...asPid1, ...command],
  statuses: (first, last, command) => plain.statuses(first, last, [...asPid1, ...command]),
};

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

import { versionOf } from '../peers/build.js';

/** Where and with what a run was made. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly kernel: string;
  /** Of the last minute, before the run. */
  readonly load: number;
  /** `not installed` for what is not. */
  readonly versions: Readonly<Record<string, string>>;
}

const programs: Readonly<Record<string, readonly [string, string?]>> = {
  gcc: ['cc'],
  go: ['go', 'version'],
  rustc: ['/usr/bin/rustc'],
  python: ['python3'],
  tini: ['tini'],
  'dumb-init': ['dumb-init'],
  catatonit: ['catatonit'],
};

function sigkitVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Looks at this machine. */
export function describeMachine(): Machine {
  const others = Object.entries(programs).map(([name, [program, argument]]) => {
    const said = versionOf(program, argument);
    return [name, said === undefined ? 'not installed' : (/\d+(?:\.\d+)+/.exec(said)?.[0] ?? said)] as const;
  });
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    load: loadavg()[0] ?? NaN,
    versions: { node: process.versions.node, sigkit: sigkitVersion(), ...Object.fromEntries(others) },
  };
}

/** For people, above the tables. */
export function printedMachine(machine: Machine): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.date}: ${machine.cores} x ${machine.cpu}, ${machine.memoryMiB} MiB, Linux ${machine.kernel}, load ${machine.load.toFixed(2)}`,
    versions.join(', '),
    'Each contender in its turn, round by round. A ratio is the median of the ratios of each round.',
    '',
    '',
  ].join('\n');
}

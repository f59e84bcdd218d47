import { native } from '../../base/native.js';
import type { Keeper } from '../waiting/keeper.js';

/** What a command is started with, as the addon takes it. */
export interface Launch {
  readonly files: readonly string[];
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string | undefined;
  readonly sources: readonly number[];
  readonly groups: readonly number[] | undefined;
  readonly numbers: readonly number[];
  readonly settings: { readonly numbers: readonly number[] };
  /** Our end of a terminal of its own, or -1. */
  readonly ownTerminal: number;
  /** A descriptor of the cgroup in which it is born, -1: none. */
  readonly cgroup: number;
  /** What spawn() throws, by the step and a negative errno. */
  readonly failure: (step: number, errno: number) => Error;
  /** Of a child of this process. */
  readonly keep: (pid: number, pidfd: number) => Keeper;
}

/** Where things are in `numbers`; native/addon/spawn_bindings.cc has the same. */
export const places = { session: 0, group: 1, terminal: 2, uid: 4, gid: 5, mask: 6, defaults: 8, cgroup: 12 } as const;

// lib/process/spawn/child-settings.ts has the same number for what is not given.
const unset = -(2 ** 31);

/** The settings of a child that is given none. */
export const asItIs: Launch['settings'] = { numbers: [0, unset, unset, unset, unset, 0, 0, 0] };

/** A list of texts as the addon takes it. */
function joined(texts: readonly string[]): string {
  return texts.map((text) => `${text}\0`).join('');
}

/** Starts it, in that cgroup if it is not -1. @returns pid, pidfd and our ends of its pipes, or a negative errno, with the step in the exchange */
export function spawnNow(launch: Omit<Launch, 'failure' | 'keep' | 'cgroup'>, cgroup: number): Int32Array | number {
  const { files, argv, env, cwd, sources, groups, numbers, settings, ownTerminal } = launch;
  return native().spawn(
    joined(files),
    joined(argv),
    joined(env),
    cwd,
    Float64Array.from(sources),
    groups === undefined ? undefined : Float64Array.from(groups),
    Float64Array.of(...numbers, cgroup, ownTerminal),
    Float64Array.from(settings.numbers),
  );
}

import type { Cgroup } from '../inspect/cgroups.js';
import type { InspectedProcess, InspectedThread } from '../inspect/types.js';
import type { ThreadStack } from '../thread-stack.js';
import type { CgroupUsage } from './cgroup-usage.js';
import type { Descriptor } from './descriptors.js';
import type { LoopState } from './loop.js';

/** Who asked for a dump: the signal as sigwaitinfo(2) reported it, and its sender as it was then. */
export interface DumpAsked {
  readonly signal: string;
  readonly number: number;
  /** si_code by name. */
  readonly code: string;
  readonly pid: number | null;
  readonly uid: number | null;
  /** sival_int, where a value was sent. */
  readonly value: number | null;
  /** How many more have asked until it began. */
  readonly merged: number;
  /** Of the program that sent it; empty where it was gone already, or is hidden. */
  readonly name: string;
  readonly command: readonly string[];
}

/** A part that could not be read says why, and the others are there. */
export type Part<T> = T | { readonly error: string };

// Sets become arrays in JSON.
type InJson<T> =
  T extends ReadonlySet<infer Item>
    ? readonly Item[]
    : T extends readonly InspectedThread[]
      ? readonly { readonly [Name in keyof InspectedThread]: InJson<InspectedThread[Name]> }[]
      : T;

/** As `inspectProcess` has it, in JSON: sets are arrays, and what has no limit is `'unlimited'`. */
export type DumpedProcess = { readonly [Name in keyof InspectedProcess]: InJson<InspectedProcess[Name]> };

interface DumpHead {
  readonly schema: 1;
  readonly kind: 'dump';
  /** UTC: `20261130T171413.123Z`. */
  readonly at: string;
  readonly pid: number;
  readonly asked: DumpAsked;
}

/** What JavaScript has told. */
export interface AnsweredDump extends DumpHead {
  readonly answered: true;
  readonly versions: Part<Readonly<Record<string, string>>>;
  readonly uptimeMs: Part<number>;
  /** Null unless `openDiagnostics({ arguments: true })`. */
  readonly arguments: Part<{ readonly argv: readonly string[]; readonly execArgv: readonly string[] } | null>;
  /** With its threads and what they block, limits, namespaces, and descendants as a tree. */
  readonly process: Part<DumpedProcess>;
  readonly cgroup: Part<readonly (Cgroup & CgroupUsage)[]>;
  readonly memory: Part<NodeJS.MemoryUsage>;
  readonly heap: Part<Readonly<Record<string, number>>>;
  readonly loop: Part<LoopState>;
  readonly stacks: Part<readonly ThreadStack[]>;
  /** What sigkit does in this process, by its parts. */
  readonly state: Part<Readonly<Record<string, unknown>>>;
  /** How many of each kind keep the process alive (process.getActiveResourcesInfo). */
  readonly resources: Part<Readonly<Record<string, number>>>;
  readonly descriptors: Part<readonly Descriptor[]>;
  readonly providers: Readonly<Record<string, Part<{ readonly value: unknown }>>>;
}

/** What the native thread has told, as JavaScript did not answer. */
export interface UnansweredDump extends DumpHead {
  readonly answered: false;
  /** As they are printed to stderr. */
  readonly stacks: readonly string[];
  /** Files of /proc/self as they are, those that could be read; `tasks` by thread, `descriptors` with their targets. */
  readonly raw: {
    readonly [File in 'status' | 'stat' | 'limits' | 'cgroup' | 'schedstat' | 'io']?: string;
  } & {
    readonly tasks?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly descriptors?: Readonly<Record<string, string>>;
  };
}

export type Dump = AnsweredDump | UnansweredDump;

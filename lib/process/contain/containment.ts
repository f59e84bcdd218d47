import { toInteger, toObject, toText } from '../../base/arguments.js';
import { invalidArgType, outOfRange, SigkitError } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import type { WaitStatus } from '../wait-status.js';
import type { Keeper } from '../waiting/keeper.js';
import type { JobUsage } from './cgroup.js';

/** By what nothing of a job outlives it: docs/contain.md. */
export type ContainmentKind = 'cgroup' | 'supervisor' | 'pid-namespace';

export interface ContainOptions {
  /** Which kinds may be tried, in this order. @default ['cgroup', 'supervisor'] */
  readonly by?: ContainmentKind | readonly ContainmentKind[] | undefined;
  /** The folder of the cgroup of v2 in which the job's own is made. @default that of this process */
  readonly cgroup?: string | undefined;
  /** Bytes (memory.max). Limits need a cgroup, whose parent has the controller in its cgroup.subtree_control. @default no limit */
  readonly memoryMax?: number | undefined;
  /** How many processes and threads (pids.max). @default no limit */
  readonly pidsMax?: number | undefined;
  /** CPUs, 0.5 is half of one (cpu.max). @default no limit */
  readonly cpuMax?: number | undefined;
}

/** One that was there when the command of a contained job ended, or when the job was ended. */
export interface LeftProcess {
  readonly pid: number;
  /** The name of its program, at most 15 bytes (proc(5)). */
  readonly comm: string;
  /** How it ended; null where its own parent was told, or if it has not: it sleeps in the kernel (state D). */
  readonly status: WaitStatus | null;
}

/** What `contain` asks for, checked. */
export interface Containment {
  readonly kinds: readonly ContainmentKind[];
  /** Of the cgroup. */
  readonly parent: string | undefined;
  readonly limits: Limits;
}

export type Limits = Pick<ContainOptions, 'memoryMax' | 'pidsMax' | 'cpuMax'>;

/** The keeper of a job. */
export interface Contained extends Keeper {
  readonly kind: ContainmentKind;
  readonly left: Promise<readonly LeftProcess[]>;
  /** Null where nobody knows. */
  readonly jobUsage: Promise<JobUsage | null>;
}

/** What a job has become: under way, or refused with the reason. */
export type Started = { readonly keeper: Contained; readonly ends: readonly number[] } | { readonly refused: string };

const optionNames: OptionNames<ContainOptions> = {
  by: true,
  cgroup: true,
  memoryMax: true,
  pidsMax: true,
  cpuMax: true,
};
const kinds: readonly string[] = ['cgroup', 'supervisor', 'pid-namespace'];
const words = kinds.map((kind) => `'${kind}'`).join(', ');

function toKind(value: unknown, argument: string): ContainmentKind {
  const kind = toText(value, argument);
  if (!kinds.includes(kind)) throw outOfRange(argument, `one of ${words}`, value);
  return kind as ContainmentKind;
}

function toKinds(value: unknown, argument: string): readonly ContainmentKind[] {
  if (value === undefined) return ['cgroup', 'supervisor'];
  if (!Array.isArray(value)) return [toKind(value, argument)];
  if (value.length === 0) throw outOfRange(argument, 'not empty', value);
  return Array.from(value, (kind: unknown, index) => toKind(kind, `${argument}[${index}]`));
}

function toLimit(value: unknown, argument: string): number | undefined {
  return value === undefined ? undefined : toInteger(value, argument, 1, Number.MAX_SAFE_INTEGER);
}

function toCpus(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const argument = 'options.contain.cpuMax';
  if (typeof value !== 'number') throw invalidArgType(argument, 'of type number', value);
  if (!(value >= 0.01 && value <= 10_000)) throw outOfRange(argument, '>= 0.01 and <= 10000', value);
  return value;
}

/** Undefined: the job is not to be contained. */
export function toContainment(value: unknown): Containment | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return { kinds: toKinds(undefined, ''), parent: undefined, limits: {} };
  if (typeof value === 'string') return { kinds: toKinds(value, 'options.contain'), parent: undefined, limits: {} };
  if (typeof value !== 'object' || value === null)
    throw invalidArgType('options.contain', `of type boolean or object, or one of ${words}`, value);
  const given = readOptions(toObject(value, 'options.contain') as ContainOptions, optionNames);
  return {
    kinds: toKinds(given.by, 'options.contain.by'),
    parent: given.cgroup === undefined ? undefined : toText(given.cgroup, 'options.contain.cgroup'),
    limits: {
      memoryMax: toLimit(given.memoryMax, 'options.contain.memoryMax'),
      pidsMax: toLimit(given.pidsMax, 'options.contain.pidsMax'),
      cpuMax: toCpus(given.cpuMax),
    },
  };
}

/** Why one kind cannot be had. */
export interface Refusal {
  readonly kind: ContainmentKind;
  readonly why: string;
}

export function notContained(refusals: readonly Refusal[]): SigkitError {
  const reasons = refusals.map(({ kind, why }) => `${kind}: ${why}`).join('; ');
  return new SigkitError('ERR_SIGKIT_NOT_CONTAINED', `the job cannot be contained here: ${reasons}`);
}

import { fs } from '../../base/builtins.js';
import type { SignalName } from '../../signals/names.js';
import type { JobUsage } from '../contain/cgroup.js';
import type { ContainmentKind } from '../contain/containment.js';
import type { TerminatedMember } from '../ending/member.js';
import type { ResourceUsage, WaitResult } from '../wait-status.js';

/** Why a command was ended: 'input' and 'output' where its input or a sink failed. */
export type EndReason = 'timeout' | 'aborted' | 'maxBuffer' | 'disposed' | 'input' | 'output' | 'pipeline';

/** What a command has used (getrusage(2)). */
export interface RunUsage extends Omit<ResourceUsage, 'maxRSS'> {
  /** KiB. Null where it cannot be told from this process's own, which execve(2) counts in: it is at most that. */
  readonly maxRSS: number | null;
}

/** What has become of a command. */
export interface RunResult<Output extends string | Buffer = string> {
  /** As one would type it into a shell. */
  readonly command: string;
  readonly pid: number;
  readonly exitCode: number | null;
  readonly termSignal: SignalName | null;
  /** It has ended by itself, with exit code 0. */
  readonly ok: boolean;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** Which streams had more than `maxBuffer`. */
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
  /** Which pipes others held open when they were waited for no longer (`lateOutputMs`). */
  readonly heldOpen: { readonly stdout: boolean; readonly stderr: boolean };
  /** What was collected; empty of what went elsewhere, or was read by `lines()`. */
  readonly stdout: Output;
  readonly stderr: Output;
  /** Both, in the order in which they came. */
  readonly all: Output;
  readonly durationMs: number;
  /** Null where it is not to be had: portable backend. */
  readonly rusage: RunUsage | null;
  /** Who else was in its scope at the end, and what became of them. */
  readonly left: readonly TerminatedMember[];
  /** Why it was ended, null if it ended by itself. */
  readonly reason: EndReason | null;
  /** The reason of the AbortSignal, or the error of its input or of a sink. */
  readonly cause: unknown;
  /** By what nothing of it outlived it (`scope: 'contained'`). */
  readonly containment: ContainmentKind | null;
  /** What its cgroup tells of all of it, where it had one of its own. */
  readonly jobUsage: JobUsage | null;
}

// The counters of a process lag behind by some pages for each thread (mm/memory.c).
const marginKiB = 1024;

/** The highest resident set that this process has had, in KiB (proc(5)); it never shrinks. */
function ownPeak(): number {
  try {
    const [, peak] = /^VmHWM:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? [];
    return peak === undefined ? Infinity : Number(peak);
  } catch {
    return Infinity;
  }
}

/** Looks up this process's own peak only for who asks. */
export function usageOf({ rusage }: WaitResult): RunUsage | null {
  if (rusage === null) return null;
  return {
    ...rusage,
    get maxRSS() {
      return rusage.maxRSS > ownPeak() + marginKiB ? rusage.maxRSS : null;
    },
  };
}

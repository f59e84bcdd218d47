import type { SignalName } from '../../signals/names.js';
import type { Cgroup } from './cgroups.js';
import type { ProcessNode } from './children.js';
import type { Limit, LimitName } from './limits.js';
import type { ProcessState } from './state.js';

/** A thread of an inspected process. */
export interface InspectedThread {
  readonly tid: number;
  readonly name: string;
  readonly state: ProcessState | null;
  /** What it waits for in the kernel (proc_pid_wchan(5)); null if it runs, or where that may not be seen. */
  readonly waitsIn: string | null;
  /** As of `threads`: of a thread that waits by sigwaitinfo(2), without what it waits for. */
  readonly blocked: ReadonlySet<SignalName>;
  /** What waits for this thread alone. */
  readonly pending: ReadonlySet<SignalName>;
}

/** The users on whose rights a process acts (credentials(7)). */
export interface UserIds {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
  readonly filesystem: number;
}

/** The queue of signals of its real user, which all processes of that user share (signal(7)). */
export interface SignalQueue {
  /** How many signals wait in it. */
  readonly used: number;
  /** How many may before this process gets no further one: its RLIMIT_SIGPENDING, which is Infinity without one. */
  readonly limit: number;
}

/** A process as /proc shows it. What may not be seen is null: another user's, with hidepid, or of a kernel without that. */
export interface InspectedProcess {
  readonly pid: number;
  /** Of its program (proc_pid_comm(5)), of at most 15 bytes. */
  readonly name: string | null;
  /** Its arguments (proc_pid_cmdline(5)), or the title that it has given itself; empty of a zombie and of a thread of the kernel. */
  readonly command: readonly string[] | null;
  readonly state: ProcessState | null;
  /** Whether its control group is frozen (cgroups(7)). */
  readonly frozen: boolean | null;
  /** For how many milliseconds it exists, to 10 ms. */
  readonly ageMs: number | null;
  /** How many milliseconds of processor time it has used, to 10 ms. */
  readonly cpuMs: number | null;
  /** 0 if that is in no pid namespace of ours. */
  readonly parent: number | null;
  readonly group: number | null;
  readonly session: number | null;
  /** `'/dev/pts/3'`; null also without one. */
  readonly terminal: string | null;
  /** The group in the foreground of its terminal; -1 of a terminal that has none. */
  readonly foregroundGroup: number | null;
  /** The process that traces it (ptrace(2)), 0 if none does. */
  readonly tracer: number | null;
  readonly users: UserIds | null;
  /** Its pid in each pid namespace from this one down to its own (pid_namespaces(7)). */
  readonly namespacePids: readonly number[] | null;
  /** Whether it is PID 1 of its pid namespace. */
  readonly isInit: boolean | null;
  /** Inode numbers by name, as of /proc/PID/ns (namespaces(7)). */
  readonly namespaces: Readonly<Record<string, number>> | null;
  readonly cgroups: readonly Cgroup[] | null;
  readonly limits: Readonly<Partial<Record<LimitName, Limit>>> | null;
  readonly signalQueue: SignalQueue | null;
  /** In order of their ids. */
  readonly threads: readonly InspectedThread[] | null;
  readonly ignored: ReadonlySet<SignalName> | null;
  readonly caught: ReadonlySet<SignalName> | null;
  /** What waits for the process as a whole. */
  readonly pending: ReadonlySet<SignalName> | null;
  /** What the waiter thread of a sigkit in it waits for; null if there is none that sleeps. */
  readonly claimed: ReadonlySet<SignalName> | null;
  readonly children: readonly ProcessNode[];
}

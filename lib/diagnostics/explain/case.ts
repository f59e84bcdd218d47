import { escapeLine } from '../../base/escape.js';
import { namespacePidsOf } from '../inspect/inspect.js';
import { type Waiter, waiterOf } from '../inspect/claims.js';
import type { Snapshot, Task } from '../inspect/snapshot.js';
import { describeSignal, nameOf, type SignalDescription } from '../../signals/names.js';
import { maskIn, type StatusFields } from '../../signals/proc-status.js';
import { hasSignal } from '../../signals/signal-mask.js';

/** A signal, and the process that would get it, as /proc shows that. */
export interface Case {
  readonly pid: number;
  readonly signal: SignalDescription;
  readonly snapshot: Snapshot;
  readonly status: StatusFields;
  readonly tasks: readonly Task[];
  readonly waiter: Waiter | null;
  readonly ignored: boolean;
  readonly caught: boolean;
  /** By the first thread: what that blocks is queued though it be ignored. */
  readonly queuedAnyway: boolean;
  /** Those that block it; sigkit's waiter counts for nothing. */
  readonly blocking: readonly Task[];
  readonly open: readonly Task[];
  readonly isInit: boolean;
  /** Whether it is in a pid namespace below this one. */
  readonly below: boolean;
}

const has = (fields: StatusFields, label: string, number: number): boolean => hasSignal(maskIn(fields, label), number);

export function caseOf(snapshot: Snapshot, number: number): Case | null {
  const { pid, status, tasks } = snapshot;
  if (status === null || tasks === null) return null;
  const waiter = waiterOf(tasks);
  const others = tasks.filter((task) => task !== waiter?.task);
  const namespacePids = namespacePidsOf(snapshot) ?? [pid];
  const main = tasks.find(({ tid }) => tid === pid)?.fields ?? status;
  return {
    pid,
    signal: describeSignal(nameOf(number)),
    snapshot,
    status,
    tasks,
    waiter,
    ignored: has(status, 'SigIgn', number),
    caught: has(status, 'SigCgt', number),
    queuedAnyway: has(main, 'SigBlk', number) || Number(status.get('TracerPid') ?? 0) !== 0,
    blocking: others.filter(({ fields }) => has(fields, 'SigBlk', number)),
    open: others.filter(({ fields }) => !has(fields, 'SigBlk', number)),
    isInit: namespacePids.at(-1) === 1,
    below: namespacePids.length > 1,
  };
}

/** Whether that waits in the set behind the label, of the process or of any thread. */
export function waits({ status, tasks }: Case, number: number): boolean {
  return has(status, 'ShdPnd', number) || tasks.some(({ fields }) => has(fields, 'SigPnd', number));
}

/** Whether the waiter of a sigkit sleeps until it comes. */
export function isClaimed({ waiter, signal }: Case): boolean {
  return waiter?.waitsFor != null && hasSignal(waiter.waitsFor, signal.number);
}

/** Nobody handles it, ignores it or waits for it. */
export const isDefault = (the: Case): boolean => !the.ignored && !the.caught && !isClaimed(the);

const shown = (fields: StatusFields, label: string): string =>
  `${label}: ${escapeLine((fields.get(label) ?? '').replaceAll('\t', ' '))}`;

/** A line of /proc/PID/status as evidence. */
export const lineOf = ({ pid, status }: Case, label: string): string => `/proc/${pid}/status: ${shown(status, label)}`;

/** The same of a thread. */
export function lineOfTask({ pid }: Case, { tid, fields }: Task, label: string): string {
  return `/proc/${pid}/task/${tid}/status: ${shown(fields, label)}`;
}

const shownAtMost = 8;

/** Threads by number and name, as a part of a sentence. */
export function told(tasks: readonly Task[]): string {
  const named = tasks.map(({ tid, fields }) => `${tid} (${escapeLine(fields.get('Name') ?? '')})`);
  const [some, left] = [named.slice(0, shownAtMost).join(', '), named.length - shownAtMost];
  const which = left > 0 ? `${some} and ${left} more` : some;
  return `${tasks.length === 1 ? 'thread' : 'threads'} ${which}`;
}

/** Lines of the first of these threads. */
export function linesOf(the: Case, tasks: readonly Task[], label: string): readonly string[] {
  return tasks.slice(0, shownAtMost).map((task) => lineOfTask(the, task, label));
}

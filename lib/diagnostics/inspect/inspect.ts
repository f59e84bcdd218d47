import { msPerTick } from '../../process/proc-stat.js';
import type { SignalName } from '../../signals/names.js';
import { maskIn, type StatusFields } from '../../signals/proc-status.js';
import { namesIn as signalsIn } from '../../signals/signal-mask.js';
import { actionsIn } from '../../signals/threads.js';
import { cgroupsIn, freezeOf } from './cgroups.js';
import { ageOf, childrenOf } from './children.js';
import { waiterOf } from './claims.js';
import { limitsIn } from './limits.js';
import { linkOf, namesIn, textOf } from './readable.js';
import { type Snapshot, snapshotOf, type Task } from './snapshot.js';
import { type ProcessState, stateOf } from './state.js';
import type { InspectedProcess, InspectedThread, SignalQueue, UserIds } from './types.js';

const numbersIn = (text: string): number[] => text.split(/\s+/).filter(Boolean).map(Number);
const letterOf = (fields: StatusFields): string => fields.get('State')?.slice(0, 1) ?? '';

function threadOf({ tid, fields, waitsIn }: Task): InspectedThread {
  return {
    tid,
    name: fields.get('Name') ?? '',
    state: stateOf(letterOf(fields)),
    waitsIn,
    blocked: signalsIn(maskIn(fields, 'SigBlk')),
    pending: signalsIn(maskIn(fields, 'SigPnd')),
  };
}

/** Its first thread can end before the others (pthread_exit(3)). */
export function livingState({ stat, tasks }: Snapshot): ProcessState | null {
  if (stat === null) return null;
  const other = tasks?.map(({ fields }) => letterOf(fields)).find((letter) => letter !== 'Z' && letter !== 'X');
  return stateOf(stat.state === 'Z' && stat.threads > 1 ? (other ?? 'R') : stat.state);
}

function usersIn(fields: StatusFields): UserIds | null {
  const [real, effective, saved, filesystem] = numbersIn(fields.get('Uid') ?? '');
  if (real === undefined || effective === undefined || saved === undefined || filesystem === undefined) return null;
  return { real, effective, saved, filesystem };
}

/** Of /proc/PID/status: RLIM_INFINITY is all bits. */
export function queueIn(fields: StatusFields): SignalQueue | null {
  const [, used, limit] = /^(\d+)\/(\d+)$/.exec(fields.get('SigQ') ?? '') ?? [];
  if (used === undefined || limit === undefined) return null;
  return { used: Number(used), limit: BigInt(limit) === 2n ** 64n - 1n ? Infinity : Number(limit) };
}

function namespacesOf(pid: number): Readonly<Record<string, number>> | null {
  const names = namesIn(`/proc/${pid}/ns`);
  const links = names?.map((name) => [name, linkOf(`/proc/${pid}/ns/${name}`)] as const) ?? [];
  const readable = links.flatMap(([name, link]) => {
    const inode = /\[(\d+)\]$/.exec(link ?? '')?.[1];
    return inode === undefined ? [] : [[name, Number(inode)] as const];
  });
  return readable.length === 0 ? null : Object.fromEntries(readable);
}

/** Its pids from this namespace down, by a kernel with namespaces. */
export function namespacePidsOf({ pid, status }: Snapshot): readonly number[] | null {
  if (status === null) return null;
  const pids = numbersIn(status.get('NSpid') ?? '');
  return pids.length === 0 ? [pid] : pids;
}

interface Signals {
  readonly ignored: ReadonlySet<SignalName>;
  readonly caught: ReadonlySet<SignalName>;
  readonly pending: ReadonlySet<SignalName>;
}

function signalsOf(fields: StatusFields, pid: number): Signals {
  const { ignored, caught } = actionsIn(fields, pid);
  return { ignored: signalsIn(ignored), caught: signalsIn(caught), pending: signalsIn(maskIn(fields, 'ShdPnd')) };
}

function frozenState(cgroups: string | null): boolean | null {
  const freeze = cgroups === null ? null : freezeOf(cgroupsIn(cgroups));
  return freeze === null ? null : freeze !== false;
}

/** The public form of what has been read, and what hangs on it. */
export function inspectedOf(snapshot: Snapshot): InspectedProcess {
  const { pid, stat, hidden, status, tasks, command } = snapshot;
  const limits = textOf(`/proc/${pid}/limits`);
  const cgroups = textOf(`/proc/${pid}/cgroup`);
  const waiter = tasks === null ? null : waiterOf(tasks);
  const namespacePids = namespacePidsOf(snapshot);
  return {
    pid,
    name: stat?.name ?? null,
    command,
    state: livingState(snapshot),
    frozen: frozenState(cgroups),
    ageMs: stat === null ? null : ageOf(stat.startTime),
    cpuMs: stat === null ? null : stat.cpuTicks * msPerTick,
    parent: stat?.parent ?? null,
    group: stat?.group ?? hidden?.pgrp ?? null,
    session: stat?.session ?? hidden?.session ?? null,
    terminal: stat?.terminal ?? null,
    foregroundGroup: stat?.foregroundGroup ?? null,
    tracer: status === null ? null : Number(status.get('TracerPid') ?? 0),
    users: status === null ? null : usersIn(status),
    namespacePids,
    isInit: namespacePids === null ? null : namespacePids.at(-1) === 1,
    namespaces: namespacesOf(pid),
    cgroups: cgroups === null ? null : cgroupsIn(cgroups),
    limits: limits === null ? null : limitsIn(limits),
    signalQueue: status === null ? null : queueIn(status),
    threads: tasks?.map((task) => threadOf(task)) ?? null,
    ...(status === null ? { ignored: null, caught: null, pending: null } : signalsOf(status, pid)),
    claimed: waiter?.waitsFor ? signalsIn(waiter.waitsFor) : null,
    children: childrenOf(pid),
  };
}

/**
 * A process, this one by default, with its threads, what they block, and what hangs on it, as /proc shows it (proc(5)).
 * @throws ESRCH, ERR_SIGKIT_FOREIGN_PROC, ERR_SIGKIT_UNSUPPORTED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function inspectProcess(pid: number = process.pid): InspectedProcess {
  return inspectedOf(snapshotOf(pid, 'inspectProcess'));
}

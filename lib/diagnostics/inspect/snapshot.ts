import { toPositivePid } from '../../base/arguments.js';
import { systemError } from '../../base/errors.js';
import { native } from '../../base/native.js';
import { requireNative } from '../../base/native-only.js';
import { requireOwnProc } from '../../base/own-proc.js';
import type { NativeOnly } from '../../base/unsupported.js';
import { hiddenStat } from '../../process/hidden.js';
import type { ProcessStat } from '../../process/proc-stat.js';
import { readStatus, type StatusFields } from '../../signals/proc-status.js';
import { namesIn, orNull, textOf } from './readable.js';
import { parseStat, type StatLine } from './stat-line.js';

/** What /proc says of a thread. */
export interface Task {
  readonly tid: number;
  readonly fields: StatusFields;
  /** What it waits for in the kernel (proc_pid_wchan(5)); null if it runs, or may not be seen. */
  readonly waitsIn: string | null;
}

/** What /proc says of a process, as it says it, read together. Null is what may not be seen. */
export interface Snapshot {
  readonly pid: number;
  readonly stat: StatLine | null;
  /** What is known all the same where /proc hides it. */
  readonly hidden: ProcessStat | null;
  readonly status: StatusFields | null;
  readonly tasks: readonly Task[] | null;
  /** The arguments; empty of a thread of the kernel and of a zombie. */
  readonly command: readonly string[] | null;
}

const noSuchProcess = -3;

function taskOf(pid: number, tid: number): Task | null {
  const folder = `/proc/${pid}/task/${tid}`;
  const fields = orNull(() => readStatus(`${folder}/status`));
  if (fields === null) return null;
  const place = textOf(`${folder}/wchan`) ?? '';
  return { tid, fields, waitsIn: ['', '0'].includes(place) ? null : place };
}

function tasksOf(pid: number): readonly Task[] | null {
  const tids = namesIn(`/proc/${pid}/task`)?.map(Number);
  return (
    tids
      ?.sort((a, b) => a - b)
      .map((tid) => taskOf(pid, tid))
      // Those that have ended since.
      .filter((task) => task !== null) ?? null
  );
}

// What is left of a title that a program has given itself is padded.
function commandIn(text: string): readonly string[] {
  const trimmed = text.replace(/\0+$/, '');
  return trimmed === '' ? [] : trimmed.split('\0');
}

function statOf(pid: number): StatLine | null {
  const text = textOf(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

function read(pid: number): Snapshot {
  const stat = statOf(pid);
  const command = textOf(`/proc/${pid}/cmdline`);
  return {
    pid,
    stat,
    hidden: stat === null ? hiddenStat(pid) : null,
    status: orNull(() => readStatus(`/proc/${pid}/status`)),
    tasks: tasksOf(pid),
    command: command === null ? null : commandIn(command),
  };
}

// The number of a thread has a folder, too, though none is listed.
const isThread = ({ pid, status }: Snapshot): boolean => status !== null && status.get('Tgid') !== String(pid);

/**
 * Reads a process. `caller` is who needs it.
 * @throws ESRCH, ERR_SIGKIT_FOREIGN_PROC, ERR_SIGKIT_UNSUPPORTED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function snapshotOf(pid: number, caller: NativeOnly): Snapshot {
  const target = toPositivePid(pid, 'pid');
  native();
  requireNative(caller);
  requireOwnProc();
  const seen = read(target);
  const gone = seen.stat === null ? seen.hidden === null : statOf(target)?.startTime !== seen.stat.startTime;
  if (gone || isThread(seen)) throw systemError(caller, noSuchProcess);
  return seen;
}

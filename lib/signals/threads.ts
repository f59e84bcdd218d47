import { toPositivePid } from '../base/arguments.js';
import { fs } from '../base/builtins.js';
import { isGone, systemError } from '../base/errors.js';
import { native } from '../base/native.js';
import { requireNative } from '../base/native-only.js';
import { requireOwnProc } from '../base/own-proc.js';
import type { SignalName } from './names.js';
import { maskIn, readStatus, type StatusFields } from './proc-status.js';
import { exchangedMask, namesIn, type SignalMask, withoutSignals, withSignals } from './signal-mask.js';

/** One thread of a process, from /proc/PID/task/TID/status (proc(5)). */
export interface ThreadInfo {
  readonly tid: number;
  readonly name: string;
  readonly blocked: ReadonlySet<SignalName>;
  /** What waits for this thread alone. */
  readonly pending: ReadonlySet<SignalName>;
}

/** The threads of a process in order of their ids, and what they share. */
export interface ThreadList extends ReadonlyArray<ThreadInfo> {
  readonly pid: number;
  readonly ignored: ReadonlySet<SignalName>;
  readonly caught: ReadonlySet<SignalName>;
  /** What waits for the process as a whole. */
  readonly pending: ReadonlySet<SignalName>;
}

function setOf(fields: StatusFields, label: string): Set<SignalName> {
  return namesIn(maskIn(fields, label));
}

/** What a process does with signals. */
export interface Actions {
  readonly ignored: SignalMask;
  readonly caught: SignalMask;
}

/** What /proc/PID/status tells; of this process without its claims, in front of whose actions handlers stand. */
export function actionsIn(fields: StatusFields, pid: number): Actions {
  const ignored = maskIn(fields, 'SigIgn');
  const caught = maskIn(fields, 'SigCgt');
  if (pid !== process.pid) return { ignored, caught };
  native().coveredActions();
  const claimed = exchangedMask();
  return {
    ignored: withSignals(ignored, exchangedMask(2)),
    caught: withSignals(withoutSignals(caught, claimed), exchangedMask(4)),
  };
}

function readThread(pid: number, tid: number): ThreadInfo | undefined {
  try {
    const fields = readStatus(`/proc/${pid}/task/${tid}/status`);
    return {
      tid,
      name: fields.get('Name') ?? '',
      blocked: setOf(fields, 'SigBlk'),
      pending: setOf(fields, 'SigPnd'),
    };
  } catch (error) {
    // It has ended since it was listed.
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * The threads of a process, this one by default, with their signal masks. While sigkit's own waiter thread sleeps, the
 * kernel shows the signals that it waits for as not blocked there.
 * @throws ESRCH, EPERM (where /proc hides other users' processes), ERR_SIGKIT_FOREIGN_PROC, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function threads(pid: number = process.pid): ThreadList {
  const target = toPositivePid(pid, 'pid');
  requireNative('threads');
  requireOwnProc();
  try {
    const fields = readStatus(`/proc/${target}/status`);
    const tids = fs
      .readdirSync(`/proc/${target}/task`)
      .map(Number)
      .sort((a, b) => a - b);
    const list = tids.map((tid) => readThread(target, tid)).filter((thread) => thread !== undefined);
    const { ignored, caught } = actionsIn(fields, target);
    return Object.assign(list, {
      pid: target,
      ignored: namesIn(ignored),
      caught: namesIn(caught),
      pending: setOf(fields, 'ShdPnd'),
    });
  } catch (error) {
    if (isGone(error)) throw systemError('threads', -3);
    throw error;
  }
}

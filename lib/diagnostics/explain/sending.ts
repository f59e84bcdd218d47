import { native } from '../../base/native.js';
import type { Snapshot } from '../inspect/snapshot.js';
import { queueIn } from '../inspect/inspect.js';
import { nameOf } from '../../signals/names.js';
import { type Case, lineOf, waits } from './case.js';
import type { Finding } from './finding.js';

const notPermitted = -1;

// SIGCONT may go to all of the same session (kill(2)).
const isOfOurSession = (pid: number): boolean => native().getsid(pid) === native().getsid(0);

/** Whether this process may send it at all: the kernel looks before it looks at the process. */
export function permission({ pid, status }: Snapshot, number: number): Finding | null {
  if (native().kill(pid, 0) !== notPermitted) return null;
  if (nameOf(number) === 'SIGCONT' && isOfOurSession(pid)) return null;
  const users = status?.get('Uid');
  return {
    code: 'not-permitted',
    outcome: 'refused',
    text: `this process may not signal ${pid}: kill fails with EPERM, and so it is for any other process with these rights`,
    evidence: [
      `kill(${pid}, 0): EPERM`,
      `geteuid(): ${process.geteuid?.()}`,
      ...(users === undefined ? [] : [`/proc/${pid}/status: Uid: ${users.replaceAll('\t', ' ')}`]),
    ],
  };
}

/** What of the sender comes through. */
export function otherNamespace(the: Case): Finding | null {
  if (!the.below) return null;
  return {
    code: 'other-namespace',
    outcome: 'altered',
    text: 'it is in another pid namespace: a signal from this one comes from pid 0 there',
    evidence: [lineOf(the, 'NSpid')],
  };
}

/** The kernel keeps one of each standard signal. */
export function pending(the: Case): Finding | null {
  const { signal, status } = the;
  const { number } = signal;
  if (signal.realtime || !waits({ ...the, status, tasks: [] }, number)) return null;
  return {
    code: 'pending',
    outcome: 'lost',
    text: `${signal.signal} waits already: the kernel keeps one of it, and this one adds nothing`,
    evidence: [lineOf(the, 'ShdPnd')],
  };
}

/** As __send_signal_locked in kernel/signal.c: kill(2) of a standard signal goes past the limit. */
export function fullQueue(the: Case): Finding | null {
  const { signal, status } = the;
  const queue = queueIn(status);
  if (queue === null || queue.used < queue.limit) return null;
  const full = `the queue of its user is full (${queue.used} of ${queue.limit})`;
  return {
    code: 'queue-full',
    outcome: signal.realtime ? 'refused' : 'altered',
    text: signal.realtime
      ? `${full}: sigqueue fails with EAGAIN; by kill it comes without its sender, and two that wait become one`
      : `${full}: by sigqueue and tgkill it comes without sender and value; kill goes past the limit`,
    evidence: [lineOf(the, 'SigQ')],
  };
}

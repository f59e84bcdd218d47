import { parseSignal, type Signal } from '../../signals/names.js';
import { snapshotOf } from '../inspect/snapshot.js';
import { behindLauncher, byDefault, caught, continues, launcher, nodeStarting } from './action.js';
import { type Case, caseOf } from './case.js';
import { ending, ignored, ignoredByDefault, init, kernelThread, orphanedGroup, zombie } from './fate.js';
import type { Finding, FindingCode } from './finding.js';
import { fullQueue, otherNamespace, pending, permission } from './sending.js';
import { blocked, claimed, frozen, stopped, traced, uninterruptible, waiting } from './waiting.js';

type Rule = (the: Case) => Finding | null;

// On the way of a signal, from who sends it to what it does.
const way: readonly Rule[] = [
  otherNamespace,
  zombie,
  ending,
  kernelThread,
  init,
  ignored,
  ignoredByDefault,
  orphanedGroup,
  pending,
  fullQueue,
  frozen,
  stopped,
  traced,
  uninterruptible,
  claimed,
  blocked,
  waiting,
  continues,
  caught,
  byDefault,
  nodeStarting,
];
const around: readonly Rule[] = [launcher, behindLauncher];

// The signal is not there any more: what would come later does not matter.
const last: ReadonlySet<FindingCode> = new Set([
  'zombie',
  'ending',
  'kernel-thread',
  'init',
  'ignored',
  'ignored-by-default',
  'orphaned-group',
]);

function findingsOf(the: Case): readonly Finding[] {
  const found: Finding[] = [];
  for (const rule of way) {
    const finding = rule(the);
    if (finding === null) continue;
    found.push(finding);
    if (last.has(finding.code)) break;
  }
  return [...found, ...around.map((rule) => rule(the)).filter((finding) => finding !== null)];
}

const hidden = (pid: number): Finding => ({
  code: 'hidden',
  outcome: 'note',
  text: '/proc hides this process from this user: nothing else can be told',
  evidence: [`/proc/${pid}/status: cannot be read`],
});

/**
 * What would come of a signal if it were sent to a process now, and what may lose it, in the order in which the kernel looks: what
 * this process may send, the process, its queue, its threads, and what it does. Sends nothing. A moment later it may be different.
 * @throws ESRCH, ERR_SIGKIT_FOREIGN_PROC, ERR_SIGKIT_UNSUPPORTED, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function explain(pid: number, sig: Signal): readonly Finding[] {
  const number = parseSignal(sig, 'sig');
  const snapshot = snapshotOf(pid, 'explain');
  const refusal = permission(snapshot, number);
  const the = caseOf(snapshot, number);
  return [...(refusal === null ? [] : [refusal]), ...(the === null ? [hidden(snapshot.pid)] : findingsOf(the))];
}

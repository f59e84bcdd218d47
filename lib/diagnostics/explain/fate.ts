import { readAllStats, readStat } from '../../process/proc-stat.js';
import { type Case, isClaimed, isDefault, lineOf, linesOf, waits } from './case.js';
import type { Finding } from './finding.js';
import { nodeNote } from './programs.js';

const sigkill = 9;
const uncatchable: ReadonlySet<string> = new Set(['SIGKILL', 'SIGSTOP']);
const jobControl: ReadonlySet<string> = new Set(['SIGTSTP', 'SIGTTIN', 'SIGTTOU']);

/** It has ended: what it is sent changes nothing. */
export function zombie({ pid, snapshot: { stat } }: Case): Finding | null {
  if (stat === null || !['Z', 'X'].includes(stat.state) || stat.threads > 1) return null;
  return {
    code: 'zombie',
    outcome: 'lost',
    text: `it is a zombie: it has ended, and its parent ${stat.parent} has not waited for it. No signal removes it`,
    evidence: [`/proc/${pid}/stat: state ${stat.state}, parent ${stat.parent}`],
  };
}

export function ending(the: Case): Finding | null {
  if (!waits(the, sigkill)) return null;
  return {
    code: 'ending',
    outcome: 'lost',
    text: 'it is being killed: SIGKILL waits for it, and nothing comes after that',
    evidence: [lineOf(the, 'ShdPnd'), ...linesOf(the, the.tasks, 'SigPnd')],
  };
}

export function kernelThread({ pid, snapshot: { stat } }: Case): Finding | null {
  if (stat?.kernelThread !== true) return null;
  return {
    code: 'kernel-thread',
    outcome: 'lost',
    text: 'it is a thread of the kernel, which takes no signals from outside',
    evidence: [`/proc/${pid}/stat: PF_KTHREAD is set`],
  };
}

/** SIGNAL_UNKILLABLE in kernel/signal.c: only a namespace above sends PID 1 what it does not handle, and of that SIGKILL and SIGSTOP. */
export function init(the: Case): Finding | null {
  const { signal, isInit, below, open } = the;
  const comes = uncatchable.has(signal.signal) && below;
  const waiting = open.length === 0 && !uncatchable.has(signal.signal);
  if (!isInit || !isDefault(the) || comes || waiting || signal.signal === 'SIGCONT') return null;
  const who = below ? 'also from a namespace above' : 'as it comes from inside of the namespace';
  return {
    code: 'init',
    outcome: 'lost',
    text: `it is PID 1 and has no handler for ${signal.signal}: the kernel drops it, ${who}`,
    evidence: [lineOf(the, 'NSpid'), lineOf(the, 'SigCgt')],
  };
}

/** What the first thread blocks is not dropped at once: who waits for it by sigwaitinfo gets it. */
export function ignored(the: Case): Finding | null {
  const { signal, queuedAnyway } = the;
  if (!the.ignored || isClaimed(the) || signal.signal === 'SIGCONT') return null;
  const later = queuedAnyway ? ', once it is neither blocked nor traced, unless somebody waits for it before' : '';
  return {
    code: 'ignored',
    outcome: 'lost',
    text: `the process ignores ${signal.signal}: the kernel drops it${later}${nodeNote(the)}`,
    evidence: [lineOf(the, 'SigIgn')],
  };
}

export function ignoredByDefault(the: Case): Finding | null {
  const { signal, open } = the;
  if (signal.defaultAction !== 'ignore' || !isDefault(the) || open.length === 0) return null;
  return {
    code: 'ignored-by-default',
    outcome: 'lost',
    text: `nobody handles ${signal.signal}, and by default nothing happens`,
    evidence: [lineOf(the, 'SigCgt')],
  };
}

// As is_current_pgrp_orphaned in kernel/exit.c: nobody of its session, outside of it, would continue it.
function isOrphaned(group: number, session: number): boolean {
  const members = readAllStats().filter(({ pgrp }) => pgrp === group);
  return !members.some(({ ppid }) => {
    const parent = readStat(ppid);
    return parent !== null && parent.session === session && parent.pgrp !== group;
  });
}

/** What stops jobs stops none that nobody would continue (setpgid(2)). */
export function orphanedGroup(the: Case): Finding | null {
  const { signal, pid, snapshot } = the;
  const { stat } = snapshot;
  if (stat === null || !jobControl.has(signal.signal) || !isDefault(the)) return null;
  if (!isOrphaned(stat.group, stat.session)) return null;
  return {
    code: 'orphaned-group',
    outcome: 'lost',
    text: `its group ${stat.group} is orphaned, no shell of its session would continue it: the kernel does not stop it by ${signal.signal}`,
    evidence: [`/proc/${pid}/stat: group ${stat.group}, session ${stat.session}`],
  };
}

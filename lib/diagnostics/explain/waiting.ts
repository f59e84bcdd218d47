import { cgroupsIn, freezeOf } from '../inspect/cgroups.js';
import { linkOf, namesIn, textOf } from '../inspect/readable.js';
import type { Task } from '../inspect/snapshot.js';
import { hasSignal, type SignalMask } from '../../signals/signal-mask.js';
import { type Case, isClaimed, lineOf, lineOfTask, linesOf, told } from './case.js';
import type { Finding } from './finding.js';

const stateOf = ({ fields }: Task): string => fields.get('State')?.slice(0, 1) ?? '';
const isSigkill = ({ signal }: Case): boolean => signal.signal === 'SIGKILL';

export function frozen(the: Case): Finding | null {
  const freeze = freezeOf(cgroupsIn(textOf(`/proc/${the.pid}/cgroup`) ?? ''));
  if (freeze === null || freeze === false) return null;
  const killable = freeze.version === 2;
  if (killable && isSigkill(the)) return null;
  return {
    code: 'frozen',
    outcome: 'held',
    text: `its control group is frozen: it waits until that is thawed${killable ? '; SIGKILL does not' : ', SIGKILL too'}`,
    evidence: [`${freeze.file}: ${freeze.line}`],
  };
}

/** Stopped by a signal: all its threads are. SIGCONT throws away what would stop it (signal(7)). */
export function stopped(the: Case): Finding | null {
  const { signal, snapshot, tasks, pid } = the;
  if (!tasks.some((task) => stateOf(task) === 'T') || isSigkill(the) || signal.signal === 'SIGCONT') return null;
  const stops = signal.defaultAction === 'stop';
  return {
    code: 'stopped',
    outcome: stops ? 'lost' : 'held',
    text: stops
      ? 'it is stopped already, and SIGCONT throws this one away'
      : 'it is stopped: the signal waits for SIGCONT, SIGKILL does not',
    evidence: [`/proc/${pid}/stat: state ${snapshot.stat?.state ?? 'T'}`],
  };
}

/** A debugger, or strace, sees it first (ptrace(2)). */
export function traced(the: Case): Finding | null {
  const tracer = Number(the.status.get('TracerPid') ?? 0);
  if (tracer === 0 || isSigkill(the)) return null;
  const holds = the.tasks.every((task) => stateOf(task) === 't');
  return {
    code: 'traced',
    outcome: holds ? 'held' : 'note',
    text: `process ${tracer} traces it, sees the signal first, and may drop it${holds ? '; it holds the process just now' : ''}`,
    evidence: [lineOf(the, 'TracerPid'), lineOf(the, 'State')],
  };
}

/** In state D nothing interrupts a thread, but SIGKILL in some places of the kernel (TASK_KILLABLE), which /proc shows as D. */
export function uninterruptible(the: Case): Finding | null {
  const asleep = the.tasks.filter((task) => stateOf(task) === 'D');
  if (asleep.length === 0 || the.snapshot.stat?.kernelThread === true) return null;
  const all = asleep.length === the.tasks.length;
  const until = isSigkill(the)
    ? 'it ends when that is over, at once only if the kernel lets SIGKILL interrupt it, which /proc does not tell'
    : all
      ? 'the signal waits until that is over'
      : 'others may take it; a process ends when all its threads have ended';
  return {
    code: 'uninterruptible',
    outcome: all ? 'held' : 'note',
    text: `just now ${told(asleep)} ${asleep.length === 1 ? 'is' : 'are'} in state D: ${until}`,
    evidence: asleep.flatMap((task) => [
      lineOfTask(the, task, 'State'),
      ...(task.waitsIn === null ? [] : [`/proc/${the.pid}/task/${task.tid}/wchan: ${task.waitsIn}`]),
    ]),
  };
}

export function claimed(the: Case): Finding | null {
  const { waiter, signal, open } = the;
  if (waiter === null || !isClaimed(the)) return null;
  const through =
    open.length === 0 ? '' : `; what comes to ${told(open)}, which do not block it, a handler of sigkit hands on`;
  return {
    code: 'claimed',
    outcome: 'delivered',
    text: `${told([waiter.task])}, sigkit's waiter, takes ${signal.signal} for a stream${through}`,
    evidence: [lineOfTask(the, waiter.task, 'SigBlk'), lineOfTask(the, waiter.task, 'State')],
  };
}

interface SignalDescriptor {
  readonly fd: string;
  readonly line: string;
}

function maskOf(text: string): SignalMask {
  const bits = BigInt(`0x${text}`);
  return { low: Number(bits & 0xffffffffn), high: Number(bits >> 32n) };
}

function signalDescriptor(pid: number, number: number): SignalDescriptor | null {
  for (const fd of namesIn(`/proc/${pid}/fd`) ?? []) {
    if (linkOf(`/proc/${pid}/fd/${fd}`) !== 'anon_inode:[signalfd]') continue;
    const [line, mask] = /^sigmask:\t([\da-f]+)$/m.exec(textOf(`/proc/${pid}/fdinfo/${fd}`) ?? '') ?? [];
    if (line !== undefined && mask !== undefined && hasSignal(maskOf(mask), number))
      return { fd, line: line.replace('\t', ' ') };
  }
  return null;
}

// Only what all threads block gets there for sure (signalfd(2)).
function byDescriptor({ pid, signal }: Case): Finding | null {
  const found = signalDescriptor(pid, signal.number);
  if (found === null) return null;
  return {
    code: 'signalfd',
    outcome: 'delivered',
    text: `all threads block ${signal.signal}, and it comes to who reads its signalfd ${found.fd}`,
    evidence: [`/proc/${pid}/fdinfo/${found.fd}: ${found.line}`],
  };
}

/** Which signals it waits for the kernel does not tell. */
export function waiting(the: Case): Finding | null {
  const tasks = the.open.filter(({ waitsIn }) => waitsIn?.includes('sigtimedwait') === true);
  if (tasks.length === 0) return null;
  return {
    code: 'waiting',
    outcome: 'note',
    text: `${told(tasks)} waits by sigwaitinfo, does not block ${the.signal.signal}, and may wait for it`,
    evidence: tasks.flatMap((task) => [
      lineOfTask(the, task, 'SigBlk'),
      `/proc/${the.pid}/task/${task.tid}/wchan: ${task.waitsIn}`,
    ]),
  };
}

function blockedBySome(the: Case): Finding {
  const { blocking, open, signal } = the;
  const others = open.length === 1 ? told(open) : `${open.length} others`;
  return {
    code: 'blocked-by-some',
    outcome: 'note',
    text: `${told(blocking)} ${blocking.length === 1 ? 'blocks' : 'block'} ${signal.signal}, ${others} may take it`,
    evidence: linesOf(the, blocking, 'SigBlk'),
  };
}

// A waiter that runs, or is stopped, blocks what it waits for, too.
function blockedByAll(the: Case): Finding {
  const { blocking, signal, waiter } = the;
  const unsure = waiter !== null && waiter.waitsFor === null;
  const unless = unsure
    ? `, unless sigkit's waiter takes it (${told([waiter.task])}), which does not sleep just now`
    : '';
  const all = blocking.length === 1 ? `${told(blocking)} blocks` : `all ${blocking.length} threads block`;
  return {
    code: 'blocked-by-all',
    outcome: unsure ? 'note' : 'held',
    text: `${all} ${signal.signal}: it waits until one does not${unless}`,
    evidence: linesOf(the, blocking, 'SigBlk'),
  };
}

export function blocked(the: Case): Finding | null {
  if (the.blocking.length === 0 || isClaimed(the)) return null;
  return the.open.length > 0 ? blockedBySome(the) : (byDescriptor(the) ?? blockedByAll(the));
}

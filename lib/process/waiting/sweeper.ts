import { escapeLines } from '../../base/escape.js';
import { offChildSignal, onChildSignal } from './child-signals.js';
import {
  afterTwoTurns,
  type Candidate,
  candidatesAmong,
  listZombies,
  type ReapedOrphan,
  reapCandidates,
} from './orphans.js';

/** Who is told of orphans, and how old they must be. */
export interface OrphanSink {
  readonly graceMs: number;
  take(orphan: ReapedOrphan): void;
}

// A sweep lists every child, known or not, so it must not run for each of many that exit: the next list is made after so many
// times what this one took. What is new on it costs the same whenever it is looked at.
const restPerList = 20;
// For who has many children that live long.
const longestRestMs = 100;
// SIGCHLD can be lost: to a full pipe of libuv's, to somebody who sets SIG_IGN for a moment.
const safetyMs = 5000;

const sinks = new Set<OrphanSink>();
const candidates = new Set<number>();
let scheduled = false;
let restUntil = 0;
let safetyNet: NodeJS.Timeout | undefined;

export function addSink(sink: OrphanSink): void {
  // Whether it works here at all is known before anything is begun.
  listZombies(candidates);
  sinks.add(sink);
  if (sinks.size === 1) {
    onChildSignal(schedule);
    safetyNet = setInterval(schedule, safetyMs).unref();
  }
  schedule();
}

export function removeSink(sink: OrphanSink): void {
  if (!sinks.delete(sink) || sinks.size > 0) return;
  offChildSignal(schedule);
  clearInterval(safetyNet);
  candidates.clear();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  const rest = restUntil - performance.now();
  if (rest > 1) setTimeout(sweep, rest).unref();
  // One that is unref'd waits for something else to wake the loop.
  else setImmediate(sweep);
}

function sweep(): void {
  scheduled = false;
  if (sinks.size === 0) return;
  const start = performance.now();
  try {
    const zombies = listZombies(candidates);
    const listed = performance.now();
    restUntil = listed + Math.min((listed - start) * restPerList, longestRestMs);
    noteCandidates(zombies);
  } catch (error) {
    // For want of a descriptor, say. The next SIGCHLD or the safety net looks again.
    process.emitWarning(`sigkit cannot look for orphans now: ${escapeLines(String(error))}`, 'SigkitWarning');
  }
}

function noteCandidates(zombies: Int32Array): void {
  const fresh = candidatesAmong(zombies);
  if (fresh.length === 0) return;
  for (const { pid } of fresh) candidates.add(pid);
  const graceMs = Math.max(0, ...[...sinks].map((sink) => sink.graceMs));
  setTimeout(() => afterTwoTurns(() => reap(fresh)), Math.min(graceMs, 0x7fffffff)).unref();
}

function attempt(batch: readonly Candidate[]): readonly ReapedOrphan[] {
  try {
    return reapCandidates(batch);
  } catch {
    return [];
  }
}

function reap(batch: readonly Candidate[]): void {
  for (const { pid } of batch) candidates.delete(pid);
  if (sinks.size === 0) return;
  for (const orphan of attempt(batch)) for (const sink of sinks) sink.take(orphan);
  // One whose number is in use again by now, or that could not be looked at, is a candidate anew.
  schedule();
}

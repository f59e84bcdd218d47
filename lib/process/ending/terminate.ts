import { setTimeout as delay } from 'node:timers/promises';

import { toAbortSignal, toGroup, toPositivePid, toTimeoutMs } from '../../base/arguments.js';
import { abortError, outOfRange } from '../../base/errors.js';
import { native } from '../../base/native.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { parseSignal, type Signal } from '../../signals/names.js';
import type { GroupRef } from '../group-ref.js';
import { readStat } from '../proc-stat.js';
import { groupScan, heldGroupScan, treeScan } from './lineage.js';
import { Members, type TerminatedMember } from './members.js';

export interface TerminateOptions {
  /** What asks them to end. @default 'SIGTERM' */
  readonly sig?: Signal | undefined;
  /** How long they have before SIGKILL. @default 5000 */
  readonly graceMs?: number | undefined;
  /** Gives up when it aborts: nothing more is sent, and the promise rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/** What has become of a group or tree. */
export interface Termination {
  /** Whether all have ended. */
  readonly empty: boolean;
  readonly members: readonly TerminatedMember[];
}

export interface Wish {
  readonly number: number;
  readonly graceMs: number;
  readonly signal: AbortSignal | undefined;
}

const optionNames: OptionNames<TerminateOptions> = { sig: true, graceMs: true, signal: true };
const [sigkill, sigcont, sigstop] = [9, 18, 19];
const notPermitted = -1;
const usualGraceMs = 5000;
// After SIGKILL only what sleeps in the kernel (state D) is left.
const killLimitMs = 2000;
// Who does not stop within this time is in state D, or its tracer does not let it.
const freezeLimitMs = 1000;
// One that forks and exits in a group of nobody's can run away for ever.
const chaseLimitMs = 10_000;
const lookMs = 50;

/** What the `sig` of these is called elsewhere. */
export function killSignalHint(name: string): string | undefined {
  return name === 'killSignal' ? 'Did you mean "sig"?' : undefined;
}

export function toWish(given: TerminateOptions): Wish {
  const number = given.sig === undefined ? 15 : parseSignal(given.sig, 'options.sig');
  if (number === sigstop) throw outOfRange('options.sig', 'a signal that can end a process', given.sig);
  return {
    number,
    graceMs: given.graceMs === undefined ? usualGraceMs : toTimeoutMs(given.graceMs, 'options.graceMs'),
    signal: toAbortSignal(given.signal, 'options.signal'),
  };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal.reason);
}

// What is stopped cannot fork: once all that is known is stopped and a look finds nobody new, there is nobody else.
async function freeze(members: Members): Promise<void> {
  const deadline = performance.now() + chaseLimitMs;
  do {
    do members.stop();
    while (members.discover() && performance.now() < deadline);
    await untilStopped(members);
    members.stop();
  } while (members.discover() && performance.now() < deadline);
}

async function untilStopped(members: Members): Promise<void> {
  let left = Infinity;
  let deadline = 0;
  for (;;) {
    const { unstopped } = members;
    if (unstopped === 0) return;
    // Many on a busy machine take their time, one by one.
    if (unstopped < left) deadline = performance.now() + freezeLimitMs;
    left = Math.min(left, unstopped);
    if (performance.now() >= deadline) return;
    await delay(1);
  }
}

async function waitForAll(members: Members, limitMs: number, signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + limitMs;
  let nextLook = 0;
  for (;;) {
    throwIfAborted(signal);
    const now = performance.now();
    if (members.running.length === 0 || now >= nextLook) {
      // Those that they start meanwhile belong to it too.
      nextLook = now + lookMs;
      if (!members.discover() && members.running.length === 0) return;
    }
    if (now >= deadline) return;
    const exit = members.nextExit();
    await Promise.race([exit, delay(Math.min(lookMs, deadline - now))]);
  }
}

// /proc can hide the processes of other users (hidepid, proc(5)), kill(2) does not.
function hidden(pid: number): Termination {
  const member = { pid, comm: '', ended: false, sent: null, status: null, reason: 'EPERM' } as const;
  return { empty: false, members: [member] };
}

async function terminate(members: Members, { number, graceMs, signal }: Wish): Promise<Termination> {
  throwIfAborted(signal);
  try {
    if (number !== sigkill) {
      await freeze(members);
      members.end(number);
      // It is pending when they go on, so the default action comes before any instruction of theirs.
      members.signal(sigcont);
      await waitForAll(members, graceMs, signal);
    }
    if (number === sigkill || members.running.length > 0) {
      await freeze(members);
      throwIfAborted(signal);
      members.end(sigkill);
      await waitForAll(members, killLimitMs, undefined);
    }
    const report = members.report();
    return { empty: report.every(({ ended }) => ended), members: report };
  } catch (error) {
    members.signal(sigcont);
    throw error;
  } finally {
    members.close();
  }
}

/**
 * Ends every process of a group: stops them, so that none can fork unseen, sends `sig`, lets them go on, and after `graceMs`
 * kills those that are left. The calling process is left out. No group of that number any more is an empty one; of a group that has
 * been given the number of one that ended, nobody can know: the number means whoever has it at the call.
 * @returns who was in it, and how each ended
 * @throws ERR_SIGKIT_FOREIGN_PROC, AbortError, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export async function terminateGroup(pgid: number, options?: TerminateOptions): Promise<Termination> {
  const group = toGroup(pgid, 'pgid');
  const wish = toWish(readOptions(options, optionNames, killSignalHint));
  const target = group === 0 ? native().getpgid(0) : group;
  const result = await terminate(new Members(groupScan(target), target), wish);
  return result.empty && native().kill(-target, 0) === notPermitted ? { ...result, empty: false } : result;
}

/** As `terminateGroup`, for a group that no other one is taken for. */
export async function terminateHeld(group: GroupRef, wish: Wish): Promise<Termination> {
  const result = await terminate(new Members(heldGroupScan(group), group.pgid), wish);
  return result.empty && group.signal(0) === notPermitted ? { ...result, empty: false } : result;
}

/**
 * As `terminateGroup`, for a process and all that descends from it, whatever groups and sessions they have made. Of what has
 * lost its parent, it finds what is in a group or session of a known member, and what this process has adopted, if it can be
 * nobody else's: docs/processes.md.
 * @returns who belonged to it, and how each ended
 * @throws ERR_SIGKIT_FOREIGN_PROC, AbortError, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export async function terminateTree(pid: number, options?: TerminateOptions): Promise<Termination> {
  const target = toPositivePid(pid, 'pid');
  const wish = toWish(readOptions(options, optionNames, killSignalHint));
  native();
  const root = readStat(target);
  if (root === null) return native().kill(target, 0) === notPermitted ? hidden(target) : { empty: true, members: [] };
  return terminate(new Members(treeScan(root)), wish);
}

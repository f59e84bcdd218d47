import { setTimeout as delay } from 'node:timers/promises';

import { toGroup, toPositivePid } from '../../base/arguments.js';
import { abortError } from '../../base/errors.js';
import { native } from '../../base/native.js';
import { requireNative } from '../../base/native-only.js';
import type { GroupRef } from '../group-ref.js';
import { readStat } from '../proc-stat.js';
import { freeze } from './freeze.js';
import { hiddenOnly, hiddenStat } from '../hidden.js';
import { kinOfGroup, kinOfHeldGroup, kinOfTree, leftBy } from './lineage.js';
import { Members, type Termination } from './members.js';
import { takeTurn } from './turn.js';
import { readWish, type TerminateOptions, type Wish } from './wish.js';

const sigkill = 9;
// After SIGKILL only what sleeps in the kernel (state D) is left.
const killLimitMs = 2000;
const lookMs = 50;
// Who does not handle the signal has ended by then.
const settleMs = 100;

interface Limits {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly ref: boolean;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal.reason);
}

/** Until nobody is left, or, if one is given, until that one has ended. Those that are born meanwhile belong to it too. */
async function waitForEnd(members: Members, { limitMs, signal, ref }: Limits, leader?: number): Promise<void> {
  const isOver = (): boolean => (leader === undefined ? members.areGone : members.find(leader) === undefined);
  const deadline = performance.now() + limitMs;
  let nextLook = performance.now() + lookMs;
  for (;;) {
    throwIfAborted(signal);
    const now = performance.now();
    if (now >= nextLook && members.running.length > 0) {
      nextLook = now + lookMs;
      members.discover();
    }
    if (isOver() || now >= deadline) return;
    const exit = members.nextExit();
    await Promise.race([exit, delay(Math.min(lookMs, deadline - now), undefined, { ref })]);
  }
}

// Once the leader has ended, or if there is none any more, it is the others' turn.
async function endLeader(members: Members, leader: number, wish: Wish): Promise<void> {
  members.discover();
  members.endOne(leader, wish.number);
  await waitForEnd(members, { ...wish, limitMs: wish.graceMs }, leader);
}

async function endAll(members: Members, number: number, limits: Limits): Promise<void> {
  const check = (): void => throwIfAborted(limits.signal);
  const { come, release } = takeTurn();
  try {
    if (come !== undefined) {
      // By then a parent may have ended, and who were its children be known by nothing.
      members.discover();
      await come;
    }
    check();
    await freeze(members, check);
    check();
    members.end(number);
  } catch (error) {
    members.giveUp();
    release();
    throw error;
  }
  const end = waitForEnd(members, number === sigkill ? { ...limits, signal: undefined } : limits);
  void Promise.race([end.catch(() => {}), delay(settleMs, undefined, { ref: false })]).then(release);
  await end;
}

/** `leader`: whose turn comes first, if that is wished. */
async function terminate(members: Members, leader: number, wish: Wish): Promise<Termination> {
  const { number, graceMs, isMixed, signal, ref } = wish;
  throwIfAborted(signal);
  try {
    if (isMixed && number !== sigkill) await endLeader(members, leader, wish);
    else if (number !== sigkill) await endAll(members, number, { limitMs: graceMs, signal, ref });
    if (number === sigkill || !members.areGone) await endAll(members, sigkill, { limitMs: killLimitMs, signal, ref });
    return members.result();
  } finally {
    members.giveUp();
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
  const wish = readWish(options);
  requireNative('terminateGroup');
  const target = group === 0 ? native().getpgid(0) : group;
  const whole = { pgid: target, signal: (number: number) => native().kill(-target, number) };
  return terminate(new Members(kinOfGroup(target), hiddenOnly(target), whole), target, wish);
}

/** As `terminateGroup`, for a group that no other one is taken for. */
export async function terminateHeld(group: GroupRef, wish: Wish): Promise<Termination> {
  return terminate(new Members(kinOfHeldGroup(group), hiddenOnly(group.pgid), group), group.pgid, wish);
}

/**
 * As `terminateGroup`, for a process and all that descends from it, whatever groups and sessions they have made. Of what has
 * lost its parent, it finds what is in a group or session of a known member, and what this process has adopted, if it can be
 * nobody else's: docs/processes.md. What may be somebody else's is `ambiguous`.
 * @returns who belonged to it, and how each ended
 * @throws ERR_SIGKIT_FOREIGN_PROC, AbortError, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export async function terminateTree(pid: number, options?: TerminateOptions): Promise<Termination> {
  const target = toPositivePid(pid, 'pid');
  const wish = readWish(options);
  native();
  requireNative('terminateTree');
  const root = readStat(target) ?? hiddenStat(target);
  if (root !== null) return terminate(new Members(kinOfTree(root), root, undefined), target, wish);
  const ambiguous = leftBy(target).map((stat) => stat.pid);
  return { empty: ambiguous.length === 0, ambiguous, members: [] };
}

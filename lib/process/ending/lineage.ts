import { systemError } from '../../base/errors.js';
import { isMainThread } from '../../base/native.js';
import type { GroupRef } from '../group-ref.js';
import { isRunning, type ProcessStat, readAllStats } from '../proc-stat.js';
import { lastEndExcept } from '../waiting/child-ends.js';
import { ownChildren } from '../waiting/child-table.js';
import { nodeChildren } from '../waiting/node-children.js';
import { adoptedNow, adoptsOrphans } from '../waiting/orphans.js';
import { descendantsOfAll } from './tree.js';

type Scan = (stats: readonly ProcessStat[], known: readonly ProcessStat[]) => ProcessStat[];

/** Who belongs to what is to be ended. */
export interface Kin {
  /** Finds who does, beside those that are known to. Never the calling process. */
  readonly members: Scan;
  /** Finds who may, but may as well be others'. */
  readonly strays: Scan;
}

const noStrays: Scan = () => [];

function others(stats: readonly ProcessStat[]): ProcessStat[] {
  return stats.filter(({ pid }) => pid !== process.pid);
}

/** The members of a group. Once all known ones have gone, only a group of the same session is still that group. */
export function kinOfGroup(pgid: number): Kin {
  const members: Scan = (stats, known) => {
    const session = known[0]?.session;
    return others(stats).filter((stat) => stat.pgrp === pgid && (session === undefined || stat.session === session));
  };
  return { members, strays: noStrays };
}

const stale = -116;

/** The members of a group that is held: its number has been its own all the time if it is after the look. @throws ESTALE */
export function kinOfHeldGroup(group: GroupRef): Kin {
  const members: Scan = (stats) => {
    const found = others(stats).filter(({ pgrp }) => pgrp === group.pgid);
    const result = group.signal(0);
    // Nobody can tell whether these are still of that group; zombies are of no interest.
    if (result === stale && found.some(isRunning)) throw systemError('killpg', result);
    return result === stale || group.isEmpty ? [] : found;
  };
  return { members, strays: noStrays };
}

function isSame(a: ProcessStat | undefined, b: ProcessStat): boolean {
  return a?.startTime === b.startTime;
}

// It has lost its parent if that is PID 1, this process by adoption, or somebody in a session that it was not born into.
function isOrphan(stat: ProcessStat, now: ReadonlyMap<number, ProcessStat>, adopted: ReadonlySet<number>): boolean {
  if (stat.ppid <= 1 || adopted.has(stat.pid)) return true;
  const parent = now.get(stat.ppid);
  return stat.ppid !== process.pid && stat.pid !== stat.session && parent?.session !== stat.session;
}

// An orphan keeps its group and session. A number of these that stands for a process that started later is another's.
function orphansOf(stats: readonly ProcessStat[], known: readonly ProcessStat[]): ProcessStat[] {
  const now = new Map(stats.map((stat) => [stat.pid, stat]));
  const led = known.filter((member) => now.get(member.pid) === undefined || isSame(now.get(member.pid), member));
  const groups = new Map(led.filter(({ pid, pgrp }) => pid === pgrp).map(({ pid, session }) => [pid, session]));
  const sessions = new Set(led.filter(({ pid, session }) => pid === session).map(({ pid }) => pid));
  const adopted = new Set(adoptedNow());
  return stats.filter(
    (stat) => (sessions.has(stat.session) || groups.get(stat.pgrp) === stat.session) && isOrphan(stat, now, adopted),
  );
}

// What has called setsid and lost its parent is ours if we adopt orphans, but nothing in it tells where it comes from. It
// is taken for the root's only if the root was the one child of this process that could have borne it.
function adoptedFrom(root: ProcessStat, stats: readonly ProcessStat[]): ProcessStat[] {
  if (root.ppid !== process.pid) return [];
  const direct = new Set([...nodeChildren(), ...ownChildren()]);
  if (!direct.has(root.pid) && direct.size > 0) return [];
  const adopted = new Set(adoptedNow());
  const siblings = stats.filter(({ pid, ppid }) => ppid === process.pid && pid !== root.pid && direct.has(pid));
  const from = Math.max(root.startTime, lastEndExcept(root.pid));
  const until = Math.min(Infinity, ...siblings.map(({ startTime }) => startTime));
  return stats.filter(
    ({ pid, startTime }) => pid !== root.pid && adopted.has(pid) && startTime >= from && startTime < until,
  );
}

function withDescendants(some: readonly ProcessStat[], stats: readonly ProcessStat[]): ProcessStat[] {
  const born = descendantsOfAll(
    stats,
    some.map(({ pid }) => pid),
  );
  const all = [...some, ...born];
  return [...new Map(all.map((stat) => [stat.pid, stat])).values()];
}

// A Worker does not know the main thread's own children.
function perhapsAdopted(stats: readonly ProcessStat[]): number[] {
  if (!adoptsOrphans()) return [];
  const own = new Set([...nodeChildren(), ...ownChildren()]);
  return stats.filter(({ pid, ppid }) => ppid === process.pid && !own.has(pid)).map(({ pid }) => pid);
}

// What this process has adopted since the root started has left somebody's tree, and perhaps this one: unless its session was
// made in the tree of another child.
function straysFrom(root: ProcessStat, stats: readonly ProcessStat[]): ProcessStat[] {
  if (root.pid === process.pid) return [];
  const adopted = new Set(isMainThread ? adoptedNow() : perhapsAdopted(stats));
  const siblings = stats.filter(({ pid, ppid }) => ppid === process.pid && pid !== root.pid && !adopted.has(pid));
  const foreign = new Set(withDescendants(siblings, stats).map(({ pid }) => pid));
  const strays = stats.filter(
    ({ pid, session, startTime }) =>
      adopted.has(pid) && startTime >= root.startTime && (session === root.session || !foreign.has(session)),
  );
  return others(withDescendants(strays, stats)).filter(isRunning);
}

/** A process and all that descends from it. */
export function kinOfTree(root: ProcessStat): Kin {
  const members: Scan = (stats, known) => {
    const now = new Map(stats.map((stat) => [stat.pid, stat]));
    const roots = [root, ...known].filter((member) => isSame(now.get(member.pid), member));
    const adopted = orphansOf(stats, [root, ...known]).concat(adoptedFrom(root, stats));
    return others(withDescendants([...roots, ...adopted], stats));
  };
  return { members, strays: (stats) => straysFrom(root, stats) };
}

/** Those in the group and session that one has led who is gone: the kernel gives its number to nobody as long as they are there. */
export function leftBy(pid: number): ProcessStat[] {
  return others(readAllStats()).filter((stat) => (stat.pgrp === pid || stat.session === pid) && isRunning(stat));
}

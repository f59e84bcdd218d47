import { native } from '../../base/native.js';
import { openRef } from '../process-ref.js';
import { isStopped, keyOf, type ProcessStat, readStat } from '../proc-stat.js';

const [sigcont, sigstop] = [18, 19];

/** Continues exactly this one. Where nobody can look for want of a descriptor, its number will do: what is stopped keeps it. */
function goOn(stat: ProcessStat): void {
  try {
    const ref = openRef(stat.pid);
    try {
      if (readStat(stat.pid)?.startTime === stat.startTime) ref.signal(sigcont, undefined);
    } finally {
      ref.close();
    }
  } catch {
    native().kill(stat.pid, sigcont);
  }
}

const atExit = new Set<() => void>();
// By each of those: a Worker that is terminated runs no JavaScript any more.
const stopped = new Map<() => void, readonly number[]>();

function releaseAll(): void {
  for (const release of atExit) release();
}

function tellAddon(): void {
  native().setStopped(Int32Array.from([...stopped.values()].flat()));
}

/** Who is stopped for a moment, and who was before: those are not ours to continue. */
export class Stops {
  readonly #release: () => void;
  #before: ReadonlySet<string> = new Set();
  #members: readonly ProcessStat[] = [];
  readonly #groups = new Set<number>();
  readonly #neighbours = new Map<string, ProcessStat>();

  /** `release` is called when this process ends meanwhile. */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Remembers who is stopped already. */
  begin(stats: readonly ProcessStat[]): void {
    this.#before = new Set(stats.filter((stat) => stat.state !== 't' && isStopped(stat)).map(keyOf));
    if (atExit.size === 0) process.on('exit', releaseAll);
    atExit.add(this.#release);
  }

  get isOpen(): boolean {
    return atExit.has(this.#release);
  }

  /** Whether somebody else has stopped it. */
  isOfOthers(stat: ProcessStat): boolean {
    return this.#before.has(keyOf(stat));
  }

  /** These are about to be stopped. */
  hold(members: readonly ProcessStat[]): void {
    this.#members = members.filter((stat) => !this.isOfOthers(stat));
    this.#tell();
  }

  #tell(): void {
    const all = [...this.#members, ...this.#neighbours.values()];
    stopped.set(this.#release, [...new Set(all.map(({ pid }) => pid))]);
    tellAddon();
  }

  /** Stops a whole group; `stats`: who is there. */
  stopGroup(pgid: number, stats: readonly ProcessStat[]): void {
    this.#groups.add(pgid);
    this.#note(stats);
    this.#tell();
    native().kill(-pgid, sigstop);
  }

  #note(stats: readonly ProcessStat[]): void {
    for (const stat of stats)
      if (this.#groups.has(stat.pgrp) && !this.isOfOthers(stat)) this.#neighbours.set(keyOf(stat), stat);
  }

  /**
   * Lets those go on that were stopped only because they share a group with a member: before any member can end, as their group
   * would be orphaned then, and they hung up. `stats`: who is there.
   */
  releaseNeighbours(stats: readonly ProcessStat[], isMember: (stat: ProcessStat) => boolean): void {
    this.#note(stats);
    for (const stat of this.#neighbours.values()) if (!isMember(stat)) goOn(stat);
    this.#groups.clear();
    this.#neighbours.clear();
  }

  /** Nobody is stopped by us any more. */
  end(): void {
    this.#before = new Set();
    atExit.delete(this.#release);
    stopped.delete(this.#release);
    tellAddon();
    if (atExit.size === 0) process.off('exit', releaseAll);
  }
}

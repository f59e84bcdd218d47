import { native } from '../../base/native.js';
import { isRunning, keyOf, type ProcessStat, readAllStats, readStat } from '../proc-stat.js';
import { openRef, type ProcessRef } from '../process-ref.js';
import { hiddenChildren, procHides, unknownStart } from '../hidden.js';
import type { Kin } from './lineage.js';
import { Member, type TerminatedMember } from './member.js';
import { childrenFirst } from './order.js';
import { Stops } from './stops.js';

/** What has become of a group or tree. */
export interface Termination {
  /** Whether all have ended, and nobody else can have belonged to it. */
  readonly empty: boolean;
  /** Those that run and of which nobody can tell whether they belonged to it. They were sent nothing. */
  readonly ambiguous: readonly number[];
  readonly members: readonly TerminatedMember[];
}

/** A group of which all belongs, whoever leads it. */
export interface Whole {
  readonly pgid: number;
  /** 0 or a negative errno. */
  signal(number: number): number;
}

const noSuchProcess = -3;
const few = 32;
const [sigkill, sigcont, sigstop] = [9, 18, 19];

/** All that have been found to belong to a group or tree. */
export class Members {
  readonly #kin: Kin;
  readonly #root: ProcessStat | undefined;
  readonly #whole: Whole | undefined;
  readonly #all = new Map<string, Member>();
  readonly #unopened = new Set<number>();
  readonly #stops = new Stops(() => this.giveUp());
  /** As of the last look. */
  #stats: readonly ProcessStat[] = [];
  #hides: boolean | undefined;
  #goesByNumber = false;
  #wake: () => void = () => {};

  /** `root`: one that belongs to it, shown by /proc or not. */
  constructor(kin: Kin, root: ProcessStat | undefined, whole: Whole | undefined) {
    this.#kin = kin;
    this.#root = root;
    this.#whole = whole;
  }

  /** Looks for further ones. Returns whether there are any, or were: one that is gone by now can have forked. */
  discover(): boolean {
    this.#stats = this.#look();
    this.#noteStopped();
    const found = this.#kin.members(this.#stats, this.#known).filter((stat) => !this.#all.has(keyOf(stat)));
    const fresh = found.filter(({ pid }) => !this.#unopened.has(pid));
    // One more for the look at each.
    if (fresh.length > few) native().expectPidfds(fresh.length + 1);
    for (const stat of fresh) this.#add(stat);
    return fresh.length > 0;
  }

  // Those that were known, and so have been sent SIGSTOP where that is asked.
  #noteStopped(): void {
    for (const stat of this.#stats) {
      const member = stat.state === 'T' ? this.#all.get(keyOf(stat)) : undefined;
      if (member !== undefined) member.frozen ??= stat;
    }
  }

  get #known(): ProcessStat[] {
    return [...this.#all.values()].map(({ stat }) => stat);
  }

  #look(): ProcessStat[] {
    const shown = readAllStats();
    this.#hides ??= procHides();
    const present = [...this.#all.values()].filter(({ exited }) => !exited).map(({ stat }) => stat);
    const first = this.#all.size === 0 && this.#root !== undefined ? [this.#root] : [];
    const hidden = [...first, ...present].filter(({ startTime }) => startTime === unknownStart);
    const children = this.#hides ? hiddenChildren(present, [...shown, ...hidden]) : [];
    return [...shown, ...hidden, ...children];
  }

  // Between the look into /proc and the opening, the number can have changed hands.
  #add(stat: ProcessStat): void {
    let ref: ProcessRef;
    try {
      ref = openRef(stat.pid);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ESRCH') return;
      // Without pidfds, what is hidden has nothing that names it.
      if (stat.startTime !== unknownStart || (code !== 'ENOSYS' && code !== 'EPERM')) throw error;
      this.#unopened.add(stat.pid);
      return;
    }
    const { startTime = readStat(stat.pid)?.startTime ?? unknownStart } = ref;
    if (startTime === stat.startTime) this.#all.set(keyOf(stat), new Member(stat, ref, () => this.#wake()));
    else ref.close();
  }

  get running(): Member[] {
    return [...this.#all.values()].filter((member) => member.running);
  }

  /** The one with this pid, while it runs. */
  find(pid: number): Member | undefined {
    return this.running.find(({ stat }) => stat.pid === pid);
  }

  // Those that have not exited, refused ones too: our rights may have changed since we have stopped them.
  get #inOrder(): Member[] {
    const byPid = new Map([...this.#all.values()].filter(({ exited }) => !exited).map((item) => [item.stat.pid, item]));
    const now = new Map(this.#stats.map((stat) => [keyOf(stat), stat]));
    const current = [...byPid.values()].map(({ stat }) => now.get(keyOf(stat)) ?? stat);
    return childrenFirst(current, this.#stats)
      .map(({ pid }) => byPid.get(pid))
      .filter((member) => member !== undefined);
  }

  /** Whether somebody is in the group that /proc does not show, or may be. */
  get hasUnseen(): boolean {
    if (this.#whole === undefined || this.#whole.signal(0) === noSuchProcess) return false;
    return this.#hides === true || !this.#stats.some(({ pgrp }) => pgrp === this.#whole?.pgid);
  }

  /** Whether the group has to be signalled by its number alone, to reach those that /proc does not show. Not that of the caller. */
  get isBlind(): boolean {
    return this.#whole !== undefined && this.#whole.pgid !== native().getpgid(0) && this.hasUnseen;
  }

  /** Whether nobody is left who can be waited for. */
  get areGone(): boolean {
    return this.running.length === 0 && !this.discover() && !this.isBlind;
  }

  /** Looks for them, before they are stopped. */
  begin(): void {
    this.discover();
    for (const member of this.#all.values()) member.frozen = null;
    this.#goesByNumber = this.isBlind;
    this.#stops.begin(this.#stats);
  }

  /** Whether they are to be stopped: who sees only some of them would stop only some of them. */
  get canBeStopped(): boolean {
    return !this.#goesByNumber;
  }

  /**
   * Stops all that run, and whole groups of theirs at once: one that forks and exits, again and again, is always gone by the
   * time that it is looked at. A member that is stopped keeps the group's number from being used anew.
   */
  stop(): void {
    const { running } = this;
    this.#stops.hold(running.map(({ stat }) => stat));
    for (const member of running) if (member.frozen === null) member.signal(sigstop);
    // Whom it hides could not be let go again.
    if (this.#hides === true) return;
    const leaders = new Set([...this.#all.values()].map(({ stat }) => stat.pid));
    for (const group of this.#stoppedGroups()) {
      if (group !== native().getpgid(0) && (leaders.has(group) || group === this.#whole?.pgid))
        this.#stops.stopGroup(group, this.#stats);
    }
  }

  // One that is stopped is enough to know its group by. Whoever has left it since the last look is looked at by `unstopped`.
  #stoppedGroups(): Set<number> {
    const { running } = this;
    const groups = new Set(running.flatMap(({ frozen }) => (frozen === null ? [] : [frozen.pgrp])));
    const now = new Map(this.#stats.map((stat) => [stat.pid, stat.pgrp]));
    for (const member of running) {
      if (member.frozen !== null || groups.has(now.get(member.stat.pid) ?? member.stat.pgrp)) continue;
      member.look();
      if (member.frozen !== null) groups.add((member.frozen as ProcessStat).pgrp);
    }
    return groups;
  }

  /** How many of those that run have not been seen stopped. */
  get unstopped(): number {
    return this.running.filter((member) => member.frozen === null && isRunning(member.look()) && member.frozen === null)
      .length;
  }

  /**
   * Sends to all of them what is to end them, and lets each go on with it: it is pending by then, so the default action comes
   * before any instruction of theirs.
   */
  end(number: number): void {
    this.#stops.releaseNeighbours(this.#stats, this.#isMember);
    const blind = this.#goesByNumber ? this.#whole : undefined;
    blind?.signal(number);
    for (const member of this.#inOrder) {
      member.end(number, blind !== undefined && native().getpgid(member.stat.pid) === blind.pgid);
      if (number !== sigkill) member.goOn();
    }
    if (number !== sigkill) blind?.signal(sigcont);
    this.#stops.end();
  }

  /** As `end`, one alone, nobody being stopped. Nothing if it is not there. */
  endOne(pid: number, number: number): void {
    const member = this.find(pid);
    member?.end(number, false);
    member?.goOn();
  }

  /** Whoever has been stopped goes on, and was sent nothing. Never throws. */
  giveUp(): void {
    if (!this.#stops.isOpen) return;
    this.#stops.releaseNeighbours(this.#lastLook(), this.#isMember);
    for (const member of this.#inOrder) if (!this.#stops.isOfOthers(member.stat)) member.goOn();
    this.#stops.end();
  }

  readonly #isMember = (stat: ProcessStat): boolean => this.#all.has(keyOf(stat));

  #lastLook(): readonly ProcessStat[] {
    try {
      return readAllStats();
    } catch {
      // For want of a descriptor.
      return this.#stats;
    }
  }

  /** Resolves when one of them exits. */
  nextExit(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  result(): Termination {
    const members = [...this.#all.values()].map((member) => member.report());
    const strays = this.#kin.strays(this.#stats, this.#known).filter((stat) => !this.#all.has(keyOf(stat)));
    const unopened = [...this.#unopened].filter((pid) => native().kill(pid, 0) !== noSuchProcess);
    const ambiguous = [...new Set([...strays.map(({ pid }) => pid), ...unopened])];
    return {
      empty: members.every(({ ended }) => ended) && ambiguous.length === 0 && !this.hasUnseen && !this.#hasHiddenParent,
      ambiguous,
      members,
    };
  }

  // What a hidden one has started is hidden, too, and nothing tells whose it was.
  get #hasHiddenParent(): boolean {
    return this.#whole === undefined && this.#known.some(({ startTime }) => startTime === unknownStart);
  }

  close(): void {
    for (const { ref } of this.#all.values()) ref.close();
  }
}

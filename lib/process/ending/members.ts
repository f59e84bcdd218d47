import { native } from '../../base/native.js';
import { nameOf, type SignalName } from '../../signals/names.js';
import { isRunning, type ProcessStat, readAllStats, readStat } from '../proc-stat.js';
import { openRef, type ProcessRef } from '../process-ref.js';
import { decodeWaitStatus, type WaitStatus } from '../wait-status.js';
import type { Scan } from './lineage.js';

/** How one member of a group or tree ended, or why it did not. */
export interface TerminatedMember {
  readonly pid: number;
  /** The name of its program, at most 15 bytes (proc(5)). */
  readonly comm: string;
  /** Whether it has exited; a zombie has. */
  readonly ended: boolean;
  /** The last signal that it was sent to end it, null if it could be sent none. */
  readonly sent: SignalName | null;
  /** How it ended; null where the kernel tells only its parent, or if it has not. */
  readonly status: WaitStatus | null;
  /** Why it has not ended: 'EPERM', 'uninterruptible' (state D), or 'running'. */
  readonly reason: 'EPERM' | 'uninterruptible' | 'running' | null;
}

const notPermitted = -1;
const sigstop = 19;

function isStopped(stat: ProcessStat | null): stat is ProcessStat {
  return stat?.state === 'T' || stat?.state === 't';
}

class Member {
  readonly stat: ProcessStat;
  readonly ref: ProcessRef;
  exited = false;
  refused = false;
  sent: SignalName | null = null;
  status: WaitStatus | null = null;

  constructor(stat: ProcessStat, ref: ProcessRef, onExit: () => void) {
    this.stat = stat;
    this.ref = ref;
    ref.onExit(() => {
      this.exited = true;
      this.status = this.#findStatus();
      onExit();
    });
  }

  get running(): boolean {
    return !this.exited && !this.refused;
  }

  signal(number: number): void {
    const result = this.exited ? 0 : this.ref.signal(number, undefined);
    if (result === notPermitted) this.refused = true;
  }

  now(): ProcessStat | null {
    const stat = readStat(this.stat.pid);
    return stat?.startTime === this.stat.startTime ? stat : null;
  }

  #findStatus(): WaitStatus | null {
    const result = this.ref.exitResult();
    return result === null ? null : decodeWaitStatus(result.raw);
  }

  report(): TerminatedMember {
    const { pid, comm } = this.stat;
    const ended = this.exited;
    const stuck = this.now()?.state === 'D' ? 'uninterruptible' : 'running';
    const reason = ended ? null : this.refused ? 'EPERM' : stuck;
    return { pid, comm, ended, sent: this.sent, status: this.status, reason };
  }
}

/** All that have been found to belong to a group or tree, each by a reference that no recycled pid can confuse. */
export class Members {
  readonly #scan: Scan;
  readonly #group: number | undefined;
  readonly #all = new Map<string, Member>();
  #wake: () => void = () => {};

  /** `group`: all of it belongs, whoever leads it. */
  constructor(scan: Scan, group?: number) {
    this.#scan = scan;
    this.#group = group;
  }

  /** Looks for further ones. Returns whether there are any, or were: one that is gone by now can have forked. */
  discover(): boolean {
    const known = [...this.#all.values()].map(({ stat }) => stat);
    const found = this.#scan(readAllStats(), known).filter((stat) => !this.#all.has(keyOf(stat)));
    for (const stat of found) this.#add(stat);
    return found.length > 0;
  }

  // Between the look into /proc and the opening, the number can have changed hands.
  #add(stat: ProcessStat): void {
    let ref: ProcessRef;
    try {
      ref = openRef(stat.pid);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return;
      throw error;
    }
    if (readStat(stat.pid)?.startTime === stat.startTime)
      this.#all.set(keyOf(stat), new Member(stat, ref, () => this.#wake()));
    else ref.close();
  }

  get running(): Member[] {
    return [...this.#all.values()].filter((member) => member.running);
  }

  /** Sends to all that run. */
  signal(number: number): void {
    for (const member of this.running) member.signal(number);
  }

  /**
   * Stops all that run, and whole groups of theirs at once: one that forks and exits, again and again, is always gone by the
   * time that it is looked at. A member that is stopped keeps the group's number from being used anew.
   */
  stop(): void {
    this.signal(sigstop);
    const leaders = new Set([...this.#all.values()].map(({ stat }) => stat.pid));
    const stopped = this.running.map((member) => member.now()).filter(isStopped);
    const groups = new Set(stopped.map(({ pgrp }) => pgrp));
    for (const group of groups) {
      if (group !== native().getpgid(0) && (leaders.has(group) || group === this.#group))
        native().kill(-group, sigstop);
    }
  }

  /** As `signal`, to end them. */
  end(number: number): void {
    for (const member of this.running) {
      member.signal(number);
      if (!member.refused) member.sent = nameOf(number);
    }
  }

  /** How many of those that run are not stopped. */
  get unstopped(): number {
    return this.running.map((member) => member.now()).filter((stat) => isRunning(stat) && !isStopped(stat)).length;
  }

  /** Resolves when one of them exits. */
  nextExit(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  report(): TerminatedMember[] {
    return [...this.#all.values()].map((member) => member.report());
  }

  close(): void {
    for (const { ref } of this.#all.values()) ref.close();
  }
}

function keyOf({ pid, startTime }: ProcessStat): string {
  return `${pid}:${startTime}`;
}

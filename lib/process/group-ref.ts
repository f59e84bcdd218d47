import { systemError } from '../base/errors.js';
import { native, portable } from '../base/native.js';
import { hasOwnProc, requireOwnProc } from '../base/own-proc.js';
import { unsupportedHere } from '../base/unsupported.js';
import { capabilities } from '../signals/capabilities.js';
import { unwatchExit, watchExit } from './exits.js';
import { procHides } from './hidden.js';
import { bootTicks, isRunning, type ProcessStat, readAllStats, readStat } from './proc-stat.js';

/** A process whose number, and with it its group's, cannot have changed hands: as native/posix/held_group.h has it. */
export interface Witness {
  readonly pid: number;
  /** 0 where /proc does not tell. */
  readonly startTime: number;
  /** -1 where there can be none. */
  readonly pidfd: number;
}

const noSuchProcess = -3;
const notPermitted = -1;
const notImplemented = -38;
const stale = -116;
const none: Witness = { pid: 0, startTime: 0, pidfd: -1 };

function giveBack({ pidfd }: Witness): void {
  if (pidfd < 0) return;
  unwatchExit(pidfd);
  native().pidfdClose(pidfd);
}

interface Held {
  witness: Witness;
}

const collected = new FinalizationRegistry<Held>(({ witness }) => giveBack(witness));

/**
 * One process group, until it is empty, and never another one that got its number later. A group is not over when its leader
 * has been reaped. Made by `openGroup()`.
 */
export class GroupRef {
  readonly pgid: number;
  readonly #held: Held;
  readonly #session: number | undefined;
  // The last moment in which the number was known to be this group's, in clock ticks since boot.
  #certainAt: number = 0;
  #empty: boolean;
  readonly #listeners = new Set<() => void>();

  /** Without a witness it is empty, or nobody can tell. */
  constructor(pgid: number, witness: Witness | undefined, session: number | undefined, empty: boolean) {
    this.pgid = pgid;
    this.#held = { witness: witness ?? none };
    this.#session = session;
    this.#empty = empty;
    if (witness === undefined) return;
    this.#certainAt = bootTicks();
    collected.register(this, this.#held, this);
    this.#watch();
  }

  get witness(): Witness {
    return this.#held.witness;
  }

  /** Calls back when another process has become the witness. */
  onMove(listener: () => void): void {
    this.#listeners.add(listener);
  }

  offMove(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** 0 or a negative errno: ESRCH if it is empty, ESTALE if nobody can tell whose its number is by now. */
  signal(number: number): number {
    if (this.#empty) return noSuchProcess;
    let result = this.#send(number);
    if (result === stale && this.#findHeir()) result = this.#send(number);
    if (result === noSuchProcess && !this.#canBegin()) this.#forget();
    return result;
  }

  /** For who has opened it for a while: it is not asked any more. */
  close(): void {
    if (!this.#empty) this.#forget();
  }

  /** Whether it is known to be, for good. */
  get isEmpty(): boolean {
    this.signal(0);
    return this.#empty;
  }

  #send(number: number): number {
    const { pid, startTime, pidfd } = this.#held.witness;
    const now = bootTicks();
    const result = native().signalGroup(this.pgid, pid, startTime, pidfd, number);
    if (result === 0 || result === notPermitted) this.#certainAt = now;
    return result;
  }

  // Who has the number but is in another group can still make this one.
  #canBegin(): boolean {
    const { pid, pidfd } = this.#held.witness;
    return pid === this.pgid && pidfd >= 0 && native().pidfdSignal(pidfd, 0) !== noSuchProcess;
  }

  // For good: its number may be another's from now on.
  #forget(): void {
    this.#empty = true;
    giveBack(this.#held.witness);
    this.#held.witness = none;
    collected.unregister(this);
  }

  // A leader's pidfd is enough to the end where the kernel can signal a group by it; any other witness has an heir.
  #watch(): void {
    const { pid, pidfd } = this.#held.witness;
    if (pidfd < 0 || (pid === this.pgid && capabilities.pidfdGroups)) return;
    const weak = new WeakRef(this);
    const look = (): void => GroupRef.#onExit(weak);
    watchExit(pidfd, look, look);
  }

  static #onExit(weak: WeakRef<GroupRef>): void {
    const group = weak.deref();
    if (group === undefined) return;
    try {
      if (!group.isEmpty) group.#findHeir();
    } catch {
      // Nobody can look now: whoever asks next does.
    }
  }

  // Whose members they are if the number has changed hands is another question.
  #running(): ProcessStat[] {
    return readAllStats().filter(
      (stat) => stat.pgrp === this.pgid && stat.session === this.#session && isRunning(stat),
    );
  }

  // As long as the witness is a zombie its number is reserved, and all members are ours; later, those that were there when
  // the number was known to be.
  #findHeir(): boolean {
    if (this.#session === undefined || !hasOwnProc()) return false;
    const former = this.#held.witness;
    const before = this.#certainAt;
    let members = this.#running();
    // One that forked and exited while it was looked for can have hidden both.
    if (members.length === 0) members = this.#running();
    const reserved = this.#send(0) === 0;
    // What is left of it are zombies, if all are shown.
    if (reserved && members.length === 0 && !procHides()) this.#forget();
    const heir = members.find(({ startTime }) => reserved || startTime <= before);
    const witness = heir === undefined ? undefined : witnessOf(heir.pid, heir);
    if (witness === undefined) return false;
    giveBack(former);
    this.#held.witness = witness;
    this.#watch();
    for (const listener of this.#listeners) listener();
    return true;
  }
}

// Undefined if it has been reaped meanwhile. @throws EMFILE and its like
function witnessOf(pid: number, stat: ProcessStat | null): Witness | undefined {
  const pidfd = native().pidfdOpen(pid);
  // Where pidfds are forbidden, the start time has to do.
  const isForbidden = pidfd === notPermitted || pidfd === notImplemented;
  if (pidfd === noSuchProcess || (isForbidden && stat === null)) return undefined;
  if (pidfd < 0 && !isForbidden) throw systemError('pidfd_open', pidfd);
  const witness = { pid, startTime: stat?.startTime ?? 0, pidfd: Math.max(pidfd, -1) };
  if (stat === null || readStat(pid)?.startTime === stat.startTime) return witness;
  giveBack(witness);
  return undefined;
}

/** One that has ended, whoever has its number. */
export function emptyGroup(pgid: number): GroupRef {
  return new GroupRef(pgid, undefined, undefined, true);
}

// Of another one nobody would learn that its number is somebody else's by now.
function openChildsGroup(pgid: number): GroupRef {
  const serial = portable?.serialOfGroup(pgid);
  if (serial !== undefined) return new GroupRef(pgid, { pid: pgid, startTime: serial, pidfd: -1 }, undefined, false);
  if (native().kill(-pgid, 0) === noSuchProcess) return emptyGroup(pgid);
  throw unsupportedHere(
    `process group ${pgid}, which spawn() has not made,`,
    'spawn() with processGroup: true, or process.kill(-pid)',
  );
}

/**
 * The group that has this number now; an empty one if none has.
 * @throws EMFILE and its like; ERR_SIGKIT_FOREIGN_PROC if its leader has gone and only /proc could tell who is in it
 */
export function openGroup(pgid: number): GroupRef {
  if (portable !== undefined) return openChildsGroup(pgid);
  const leader = hasOwnProc() ? readStat(pgid) : null;
  const witness = witnessOf(pgid, leader);
  if (witness !== undefined) return new GroupRef(pgid, witness, leader?.session, false);
  if (native().kill(-pgid, 0) === noSuchProcess) return emptyGroup(pgid);
  requireOwnProc();
  for (const stat of readAllStats().filter(({ pgrp }) => pgrp === pgid)) {
    const member = witnessOf(stat.pid, stat);
    if (member !== undefined) return new GroupRef(pgid, member, stat.session, false);
  }
  return new GroupRef(pgid, undefined, undefined, native().kill(-pgid, 0) === noSuchProcess);
}

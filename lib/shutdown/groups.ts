import { maxPid, toInteger } from '../base/arguments.js';
import { outOfRange } from '../base/errors.js';
import { type GroupRef, openGroup } from '../process/group-ref.js';
import { isOwnGroup } from '../process/groups.js';
import type { Guard } from './guard.js';

interface Entry {
  readonly ref: GroupRef;
  /** Who has added it. */
  readonly owners: Set<object>;
  readonly follow: () => void;
}

const sigkill = 9;

// What an adapter knows better than its number tells.
const heldBy = new WeakMap<object, GroupRef>();

/** Has `hook` bring along this group, and not whatever has its number when it is added. */
export function holdFor(hook: object, ref: GroupRef): void {
  heldBy.set(hook, ref);
}

/** The group of that number that a hook brings along, if it has been said which. */
export function heldGroup(hook: object, pgid: number): GroupRef | undefined {
  const held = heldBy.get(hook);
  return held?.pgid === pgid ? held : undefined;
}

function checked(pgid: number): number {
  const group = toInteger(pgid, 'pgid', 2, maxPid);
  if (isOwnGroup(group)) throw outOfRange('pgid', 'a group that this process is not in', pgid);
  return group;
}

/** The process groups that end before a forced end: by the guard, or here. */
export class GuardedGroups {
  readonly #guard: Guard;
  readonly #entries = new Map<number, Entry>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /** By default the group that has the number now. @throws ENOSPC, EMFILE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
  add(pgid: number, owner: object, held?: GroupRef): void {
    const ref = held ?? openGroup(checked(pgid));
    if (ref.isEmpty) return;
    const entry = this.#entries.get(pgid);
    // The number of one that is empty may be another's by now.
    if (entry?.ref.isEmpty === true) this.#drop(pgid, entry);
    else if (entry !== undefined) return void entry.owners.add(owner);
    this.#guard.addGroup(ref);
    const follow = (): void => this.#follow(ref);
    ref.onMove(follow);
    this.#entries.set(pgid, { ref, owners: new Set([owner]), follow });
  }

  #follow(ref: GroupRef): void {
    this.#guard.removeGroup(ref.pgid);
    this.#guard.addGroup(ref);
  }

  /** It has ended, whoever has added it: its number may become another's. */
  remove(pgid: number): void {
    const group = toInteger(pgid, 'pgid', 2, maxPid);
    const entry = this.#entries.get(group);
    if (entry !== undefined) this.#drop(group, entry);
  }

  /** As `remove`, unless the number is another group's by now. */
  removeEnded(pgid: number, ref: GroupRef | undefined): void {
    const entry = this.#entries.get(pgid);
    if (entry !== undefined && (ref?.isEmpty !== true || entry.ref.isEmpty)) this.#drop(pgid, entry);
  }

  #drop(pgid: number, { ref, follow }: Entry): void {
    this.#entries.delete(pgid);
    ref.offMove(follow);
    this.#guard.removeGroup(pgid);
  }

  /** Removes it, unless somebody else has added it, too. */
  release(pgid: number, owner: object): void {
    const entry = this.#entries.get(pgid);
    if (entry?.owners.delete(owner) === true && entry.owners.size === 0) this.#drop(pgid, entry);
  }

  kill(): void {
    for (const { ref } of this.#entries.values()) {
      try {
        ref.signal(sigkill);
      } catch {
        // Nobody can look into /proc for want of a descriptor.
      }
    }
  }
}

import { maxPid, toInteger } from '../base/arguments.js';
import { outOfRange } from '../base/errors.js';
import { getpgrp } from '../process/groups.js';
import { killpg } from '../signals/send.js';
import type { Guard } from './guard.js';

/** The process groups that end before a forced end: by the guard, or here. */
export class GuardedGroups {
  readonly #guard: Guard;
  /** Who has added each. */
  readonly #owners = new Map<number, Set<object>>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /** @throws ENOSPC, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
  add(pgid: number, owner: object): void {
    const group = toInteger(pgid, 'pgid', 2, maxPid);
    if (group === getpgrp()) throw outOfRange('pgid', 'a group that this process is not in', pgid);
    const owners = this.#owners.get(group) ?? new Set();
    if (owners.size === 0) this.#guard.addGroup(group);
    this.#owners.set(group, owners.add(owner));
  }

  /** It has ended, whoever has added it: its number may become another's. */
  remove(pgid: number): void {
    const group = toInteger(pgid, 'pgid', 2, maxPid);
    if (this.#owners.delete(group)) this.#guard.removeGroup(group);
  }

  /** Removes it, unless somebody else has added it, too. */
  release(pgid: number, owner: object): void {
    const owners = this.#owners.get(pgid);
    if (owners?.delete(owner) === true && owners.size === 0) this.remove(pgid);
  }

  kill(): void {
    for (const pgid of this.#owners.keys()) {
      try {
        killpg(pgid, 'SIGKILL');
      } catch {
        // It is gone, or has become another user's.
      }
    }
  }
}

import { outOfRange } from '../errors.js';
import { getpgrp } from '../process/groups.js';
import { toInteger } from '../signals/arguments.js';
import { killpg } from '../signals/send.js';
import type { Guard } from './guard.js';

const maxPid = 2 ** 31 - 1;

/** The process groups that end before a forced end: by the guard, or here. */
export class GuardedGroups {
  readonly #guard: Guard;
  readonly #pgids = new Set<number>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /** @throws ENOSPC, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
  add(pgid: number): void {
    const group = toInteger(pgid, 'pgid', 2, maxPid);
    if (group === getpgrp()) throw outOfRange('pgid', 'a group that this process is not in', pgid);
    if (this.#pgids.has(group)) return;
    this.#guard.addGroup(group);
    this.#pgids.add(group);
  }

  remove(pgid: number): void {
    const group = toInteger(pgid, 'pgid', 2, maxPid);
    if (this.#pgids.delete(group)) this.#guard.removeGroup(group);
  }

  kill(): void {
    for (const pgid of this.#pgids) {
      try {
        killpg(pgid, 'SIGKILL');
      } catch {
        // It is gone, or has become another user's.
      }
    }
  }
}

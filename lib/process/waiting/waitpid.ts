import { maxPid, toBoolean, toInteger } from '../../base/arguments.js';
import { SigkitError, systemError } from '../../base/errors.js';
import { isMainThread, native } from '../../base/native.js';
import { requireNative } from '../../base/native-only.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { readStat, threadOfChild } from '../proc-stat.js';
import { exchangedState, type WaitResult } from '../wait-status.js';
import { ownChild, ownChildren } from './child-table.js';
import { nodeChildren } from './node-children.js';
import { adoptedNow, afterTwoTurns } from './orphans.js';

export interface WaitpidOptions {
  /** Tells of stops too (WUNTRACED). @default false */
  readonly untraced?: boolean | undefined;
  /** Tells of continuations too (WCONTINUED). @default false */
  readonly continued?: boolean | undefined;
}

interface Wanted {
  readonly untraced: boolean;
  readonly continued: boolean;
}

const optionNames: OptionNames<WaitpidOptions> = { untraced: true, continued: true };
const noChild = -10;

// Zombies in the main thread's list that nobody is known to own, by pid: the start time, and whether libuv has had its two
// turns since they were first looked at.
const unowned = new Map<number, { readonly startTime: number; ripe: boolean }>();

function mayTake(pid: number): boolean {
  const startTime = readStat(pid)?.startTime;
  if (startTime === undefined) return false;
  const seen = unowned.get(pid);
  if (seen?.startTime === startTime) return seen.ripe;
  const entry = { startTime, ripe: false };
  unowned.set(pid, entry);
  afterTwoTurns(() => (entry.ripe = true));
  return false;
}

function take(pid: number): WaitResult | null {
  unowned.delete(pid);
  return native().wait(pid, false, false) > 0 ? exchangedState(pid) : null;
}

function foreign(pid: number, owner: string): SigkitError {
  return new SigkitError(
    'ERR_SIGKIT_FOREIGN_CHILD',
    `process ${pid} belongs to ${owner}: taking its status would leave that waiting for ever`,
  );
}

function waitForOne(pid: number, { untraced, continued }: Wanted): WaitResult | null {
  if (nodeChildren().has(pid)) {
    // Stops and continuations can be read beside libuv, which asks for exits only.
    if (!untraced && !continued) throw foreign(pid, 'child_process');
    return native().stateChange(pid, untraced, continued) > 0 ? exchangedState(pid) : null;
  }
  const exit = native().peekExit(pid);
  if (exit < 0) throw systemError('waitpid', exit);
  if (native().stateChange(pid, untraced, continued) > 0) return exchangedState(pid);
  if (exit === 0) return null;
  const own = ownChild(pid);
  if (own !== undefined) return own.collect();
  if (!isMainThread || threadOfChild(pid) !== process.pid) throw foreign(pid, 'another thread');
  return mayTake(pid) ? take(pid) : null;
}

// Never by waitpid(-pgid) or waitpid(-1), which would take whatever is there.
function waitForGroup(group: number | null, wanted: Wanted): WaitResult | null {
  const ours = [...ownChildren(), ...adoptedNow()].filter((pid) => group === null || native().getpgid(pid) === group);
  if (ours.length === 0) throw systemError('waitpid', noChild);
  for (const pid of ours) {
    const result = waitForOne(pid, wanted);
    if (result !== null) return result;
  }
  return null;
}

/**
 * Takes the next change of state of a child, without waiting (waitpid(2) with WNOHANG). `pid` > 0 is that child; -n one of
 * group n, 0 one of the caller's group, -1 any: among those that are ours to take, that is, children of `spawn()` of this
 * thread, and orphans that the main thread has adopted. Never takes a child of `child_process`. For a zombie of an unknown
 * owner it answers null until libuv has had two turns of the event loop to collect it.
 * @returns null if there is nothing to tell
 * @throws ECHILD, ERR_SIGKIT_FOREIGN_CHILD, ERR_SIGKIT_FOREIGN_PROC, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function waitpid(pid: number, options?: WaitpidOptions): WaitResult | null {
  const target = toInteger(pid, 'pid', -maxPid, maxPid);
  const given = readOptions(options, optionNames);
  const wanted = {
    untraced: toBoolean(given.untraced, 'options.untraced', false),
    continued: toBoolean(given.continued, 'options.continued', false),
  };
  requireNative('waitpid');
  if (target > 0) return waitForOne(target, wanted);
  if (target === -1) return waitForGroup(null, wanted);
  return waitForGroup(target === 0 ? native().getpgid(0) : -target, wanted);
}

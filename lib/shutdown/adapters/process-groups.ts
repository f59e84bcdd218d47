import { maxPid, toInteger } from '../../base/arguments.js';
import { invalidArgType, outOfRange } from '../../base/errors.js';
import { type OptionNames, readOptions } from '../../base/options.js';
import { endHeld } from '../../process/ending/end-group-of.js';
import { killSignalHint, type TerminateOptions, toWish } from '../../process/ending/wish.js';
import { emptyGroup, type GroupRef, openGroup } from '../../process/group-ref.js';
import { isOwnGroup } from '../../process/groups.js';
import { SpawnedProcess } from '../../process/spawn/spawned-process.js';
import { holdFor } from '../groups.js';
import type { HookContext } from '../types.js';
import { onAbort } from './settle.js';

export type EndGroupOptions = Pick<TerminateOptions, 'sig' | 'graceMs' | 'mode'>;

const sigkill = 9;

/** What `endGroup` makes of a group: to be given to `add()`. */
export interface GroupEnder {
  (context: HookContext): Promise<void>;
  /** Those that are to be killed with the process if it ends by force. */
  readonly groups: readonly number[];
}

const optionNames: OptionNames<EndGroupOptions> = { sig: true, graceMs: true, mode: true };

function groupOf(target: unknown): GroupRef {
  if (typeof target !== 'number' && !(target instanceof SpawnedProcess))
    throw invalidArgType('target', 'a process group or a SpawnedProcess', target);
  const group = typeof target === 'number' ? target : target.processGroup;
  toInteger(group, 'target', 2, maxPid);
  if (isOwnGroup(group)) throw outOfRange('target', 'a process group that this process is not in', group);
  if (typeof target === 'number') return openGroup(group);
  return SpawnedProcess.groupOf(target) ?? emptyGroup(group);
}

// This process may end in the next instant, and has nobody any more to tell of a group that is gone or not its own.
function killNow(group: GroupRef): void {
  try {
    group.signal(sigkill);
  } catch {}
}

/**
 * Ends every process of a group, as `terminateGroup`: with `sig`, and with SIGKILL after `graceMs`, or when its time is over.
 * Fails if some cannot be ended. It is the group that is there at the call, also when its leader has ended since; once it is empty,
 * who gets its number is left alone.
 * @throws EMFILE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function endGroup(target: number | SpawnedProcess, options?: EndGroupOptions): GroupEnder {
  const group = groupOf(target);
  const { pgid } = group;
  const wish = toWish(readOptions(options, optionNames, killSignalHint));
  const end = async ({ signal }: HookContext): Promise<void> => {
    const release = onAbort(signal, () => killNow(group));
    try {
      const { empty, members } = await endHeld(group, { ...wish, signal });
      const left = members.filter(({ ended }) => !ended).map(({ pid, comm }) => `${pid} (${comm})`);
      if (!empty) throw new Error(`process group ${pgid} is not empty: ${left.join(', ') || 'its members are hidden'}`);
    } catch (error) {
      // It may be that nobody could look at it, for want of a descriptor: nothing has been sent then.
      killNow(group);
      throw error;
    } finally {
      release();
    }
  };
  holdFor(end, group);
  return Object.assign(end, { groups: [pgid] });
}

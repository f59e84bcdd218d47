import { after } from '../../base/after.js';
import { nameOf } from '../../signals/names.js';
import { endByNumber } from '../ending/by-number.js';
import { endHeld } from '../ending/end-group-of.js';
import type { TerminatedMember } from '../ending/member.js';
import { terminateTree } from '../ending/terminate.js';
import type { Wish } from '../ending/wish.js';
import type { GroupRef } from '../group-ref.js';
import { SpawnedProcess } from '../spawn/spawned-process.js';
import type { RunScope } from './options.js';

async function endAlone(child: SpawnedProcess, { number, graceMs }: Wish): Promise<void> {
  if (!child.kill(nameOf(number))) return;
  // What is stopped takes no signal but these two.
  child.kill('SIGCONT');
  let cancel = (): void => {};
  const grace = new Promise<void>((resolve) => (cancel = after(graceMs, resolve)));
  await Promise.race([child.exited.catch(() => {}), grace]);
  cancel();
  child.kill('SIGKILL');
}

export function groupOf(child: SpawnedProcess): GroupRef | undefined {
  try {
    return SpawnedProcess.groupOf(child);
  } catch {
    // For want of a descriptor.
    return undefined;
  }
}

/** Of a group that is empty, nothing stays open. */
export function giveBack(group: GroupRef | undefined): boolean {
  try {
    return group?.isEmpty !== false;
  } catch {
    // For want of a descriptor.
    return false;
  }
}

async function endGroup(child: SpawnedProcess, wish: Wish): Promise<readonly TerminatedMember[]> {
  const group = groupOf(child);
  if (group === undefined) return [];
  try {
    const { members } = await endHeld(group, wish);
    return members;
  } catch {
    await endByNumber(group, wish);
    return [];
  } finally {
    giveBack(group);
  }
}

async function endTree({ pid }: SpawnedProcess, { number, graceMs }: Wish): Promise<readonly TerminatedMember[]> {
  try {
    const { members } = await terminateTree(pid, { sig: nameOf(number), graceMs });
    return members;
  } catch {
    // Nobody can look, for want of a descriptor or of /proc.
    return [];
  }
}

/** Ends a command and who else is in its scope. Returns what became of the others. Never rejects. */
export async function endScope(
  child: SpawnedProcess,
  scope: RunScope,
  wish: Wish,
): Promise<readonly TerminatedMember[]> {
  // Who was in it, it tells itself.
  if (scope === 'contained' && SpawnedProcess.endJob(child, wish.number, wish.graceMs)) return [];
  const members = scope === 'tree' ? await endTree(child, wish) : scope === 'group' ? await endGroup(child, wish) : [];
  try {
    // It may have left its group.
    await endAlone(child, wish);
  } catch {
    // It has become another user's (EPERM): its end, in its own time, is waited for.
  }
  return members.filter(({ pid }) => pid !== child.pid);
}

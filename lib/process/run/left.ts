import { portable } from '../../base/native.js';
import { hasOwnProc } from '../../base/own-proc.js';
import type { TerminatedMember } from '../ending/member.js';
import { isRunning, readAllStats } from '../proc-stat.js';
import { SpawnedProcess } from '../spawn/spawned-process.js';

/** Who was ended with a contained command. */
export async function leftInJob(child: SpawnedProcess): Promise<TerminatedMember[]> {
  const left = await child.left;
  return left.map(({ pid, comm, status }) => ({ pid, comm, ended: true, sent: 'SIGKILL', status, reason: null }));
}

/** Who is in the group of a command that has ended by itself: they go on. */
export function leftRunning(child: SpawnedProcess): TerminatedMember[] {
  try {
    const group = SpawnedProcess.groupOf(child);
    if (group === undefined || portable !== undefined || !hasOwnProc()) return [];
    const members = readAllStats().filter((stat) => stat.pgrp === group.pgid && isRunning(stat));
    if (group.isEmpty) return [];
    return members.map(({ pid, comm }) => ({ pid, comm, ended: false, sent: null, status: null, reason: 'running' }));
  } catch {
    // For want of a descriptor.
    return [];
  }
}

import { readFileSync } from 'node:fs';

import { until } from './child.js';

/** Processes whose parent is `pid`; empty when it is gone. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The only child of a process, as soon as it has one: of `unshare`, PID 1; of an init, its command. */
export async function childOf(pid: number): Promise<number> {
  await until(() => childrenOf(pid).length > 0, `${pid} has a child`);
  return childrenOf(pid)[0] ?? 0;
}

export interface Stat {
  readonly comm: string;
  readonly state: string;
  readonly group: number;
  readonly session: number;
  /** Of its terminal. */
  readonly foreground: number;
}

/** Of /proc/PID/stat (proc(5)). Null once it has been reaped. */
export function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', , group, session, , foreground] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const comm = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    return { comm, state, group: Number(group), session: Number(session), foreground: Number(foreground) };
  } catch {
    return null;
  }
}

/** Whether it has not ended, reaped or not. */
export function isRunning(pid: number): boolean {
  return !['Z', 'X', undefined].includes(statOf(pid)?.state);
}

import type { ProcessStat } from '../proc-stat.js';

function grouped(stats: readonly ProcessStat[], by: (stat: ProcessStat) => number): Map<number, ProcessStat[]> {
  const groups = new Map<number, ProcessStat[]>();
  for (const stat of stats) {
    const key = by(stat);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [stat]);
    else group.push(stat);
  }
  return groups;
}

/**
 * The order in which the stopped may go on or end. A group is orphaned when the last member ends whose parent is in another
 * group of the session, or when that parent does; the kernel hangs it up then (SIGHUP) if anybody in it is still stopped
 * (setpgid(2)). So children go before their parents, and what has lost its parent before those that link its group to the session.
 */
export function childrenFirst(members: readonly ProcessStat[], all: readonly ProcessStat[]): ProcessStat[] {
  const now = new Map(all.map((stat) => [stat.pid, stat]));
  const byParent = grouped(members, ({ ppid }) => ppid);
  const byGroup = grouped(members, ({ pgrp }) => pgrp);
  const isLink = ({ ppid, pgrp, session }: ProcessStat): boolean => {
    const parent = now.get(ppid);
    return parent?.session === session && parent.pgrp !== pgrp;
  };
  const earlier = (stat: ProcessStat): ProcessStat[] => {
    const children = byParent.get(stat.pid) ?? [];
    const group = isLink(stat) ? (byGroup.get(stat.pgrp) ?? []) : [];
    // Once is enough for all links of a group.
    if (group.length > 0) byGroup.delete(stat.pgrp);
    return [...children, ...group.filter((other) => !isLink(other))];
  };
  const opened = new Set<ProcessStat>();
  const ordered = new Set<ProcessStat>();
  // No recursion: a chain of parents can be longer than the stack.
  const open = [...members];
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const before = opened.has(last) ? [] : earlier(last).filter((stat) => !opened.has(stat));
    opened.add(last);
    if (before.length > 0) open.push(...before);
    else ordered.add(open.pop() ?? last);
  }
  return [...ordered];
}

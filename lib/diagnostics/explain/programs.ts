import path from 'node:path';

import { escapeLine } from '../../base/escape.js';
import { linkOf, textOf } from '../inspect/readable.js';
import type { Snapshot } from '../inspect/snapshot.js';
import type { Case } from './case.js';

// What its main thread is called, from 24 on.
const nodeNames: ReadonlySet<string> = new Set(['node', 'MainThread', 'node-MainThread']);
const shells: ReadonlySet<string> = new Set(['sh', 'dash', 'bash', 'ash', 'busybox', 'ksh', 'mksh', 'zsh']);
const packageManagers = /(?:^|\/)(npm|npx|pnpm|yarn)(?:-cli)?(?:\.[cm]?js)?$/;

const base = (text: string | undefined): string => path.posix.basename(text ?? '');

/** Whether it runs Node, as far as that can be seen. */
export function isNode({ pid, stat, command }: Snapshot): boolean {
  const file = linkOf(`/proc/${pid}/exe`);
  if (file !== null) return /^node(?:js)?$/.test(base(file.replace(/ \(deleted\)$/, '')));
  return base(command?.[0]) === 'node' || nodeNames.has(stat?.name ?? '');
}

/** Why Node ignores it, for the end of a sentence. */
export function nodeNote({ snapshot, signal }: Case): string {
  const ignores = signal.usedByNode?.startsWith('ignored') === true;
  return ignores && isNode(snapshot) ? ` (by Node, ${signal.usedByNode})` : '';
}

// A shell that somebody types into has no command, and has a group for each of its jobs.
const runsScript = ([, ...options]: readonly string[]): boolean =>
  options.some((option) => /^-\w*c|^[^-]/.test(option));

/** What starts programs and passes no signals on to them: `'sh'`, `'npm'`; null if it is something else. */
export function launcherIn(command: readonly string[]): string | null {
  // A login shell's begins with a hyphen; npm gives itself a title.
  const name = base(command[0]?.replace(/^-/, '').split(' ')[0]);
  if (shells.has(name)) return runsScript(command) ? name : null;
  const tool = [name, name === 'node' ? command[1] : undefined].map((word) => packageManagers.exec(word ?? '')?.[1]);
  return tool.find((word) => word !== undefined) ?? null;
}

/** Whether what `launcherIn` has named is a package manager, and no shell. */
export const isManager = (name: string): boolean => !shells.has(name);

/** A command line as a part of a sentence. */
export function shownCommand(command: readonly string[]): string {
  const text = command.map((word) => escapeLine(word)).join(' ');
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

export function commandOf(pid: number): readonly string[] {
  return (textOf(`/proc/${pid}/cmdline`) ?? '')
    .split('\0')
    .filter((word, at, all) => word !== '' || at < all.length - 1);
}

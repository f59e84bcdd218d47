import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';

/** Those of this process that are open, but regular files: a sanitizer may open its log meanwhile. */
export function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').filter(
    (fd) => statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false })?.isFile() === false,
  );
}

function sockets(): Map<number, number> {
  const found = new Map<number, number>();
  for (const fd of readdirSync('/proc/self/fd')) {
    const stat = statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false });
    if (stat?.isSocket() === true) found.set(stat.ino, Number(fd));
  }
  return found;
}

/** What `open` opens, with its descriptor, which Node tells nobody: that of the socket that was not there before. */
export async function opened<S>(open: () => Promise<S>): Promise<{ readonly socket: S; readonly fd: number }> {
  const before = sockets();
  const socket = await open();
  const [fd, ...more] = [...sockets()].filter(([inode]) => !before.has(inode)).map(([, number]) => number);
  assert.ok(fd !== undefined && more.length === 0, 'one socket more than before');
  return { socket, fd };
}

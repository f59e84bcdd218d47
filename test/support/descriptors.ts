import { readdirSync, statSync } from 'node:fs';

/** Those of this process that are open, but regular files: a sanitizer may open its log meanwhile. */
export function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').filter(
    (fd) => statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false })?.isFile() === false,
  );
}

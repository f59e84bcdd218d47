import { fs } from './builtins.js';

/** The first bytes of a file, zeros after its end; undefined if it cannot be read. */
export function headOf(file: string, bytes: number): Buffer | undefined {
  const head = Buffer.alloc(bytes);
  try {
    const fd = fs.openSync(file, 'r');
    try {
      fs.readSync(fd, head);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
  return head;
}

import { fs } from '../builtins.js';
import { escapeLine } from '../escape.js';

/** Writes a line to stderr, at once. */
export function writeLine(text: string): void {
  try {
    fs.writeSync(2, `sigkit: ${escapeLine(text)}\n`);
  } catch {
    // Nobody reads it, or it is full.
  }
}
